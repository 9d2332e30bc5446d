import { createHash, createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { PutBucketNotificationConfigurationCommand, type S3Client } from '@aws-sdk/client-s3';
import { onTestFinished } from 'vitest';
import type { S3Server } from './global-setup.ts';

const hash = (data: string) => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();

/** The one signed call (SigV4) that no SDK we have can make: radosgw's topics speak SNS. */
async function callSns({ endpoint, accessKeyId, secretAccessKey }: S3Server, form: URLSearchParams): Promise<string> {
  const body = form.toString();
  const { host } = new URL(endpoint);
  const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${time.slice(0, 8)}/us-east-1/sns/aws4_request`;
  const signedHeaders = 'content-type;host;x-amz-content-sha256;x-amz-date';
  const contentType = 'application/x-www-form-urlencoded';
  const headers = `content-type:${contentType}\nhost:${host}\nx-amz-content-sha256:${hash(body)}\nx-amz-date:${time}\n`;
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash(`POST\n/\n\n${headers}\n${signedHeaders}\n${hash(body)}`)}`;
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const signature = hmac(key, toSign).toString('hex');
  const response = await fetch(`${endpoint}/`, {
    method: 'POST',
    headers: {
      'Content-Type': contentType,
      'X-Amz-Content-Sha256': hash(body),
      'X-Amz-Date': time,
      Authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
    },
    body,
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`CreateTopic: ${response.status} ${answer}`);
  return answer;
}

/** Has the bucket's events sent on as they come, one message each. */
export async function forwardEvents(
  { server, client, bucket }: { readonly server: S3Server; readonly client: S3Client; readonly bucket: string },
  send: (body: string) => Promise<void>,
): Promise<void> {
  const hook = createServer(async (request, response) => {
    await send(await text(request));
    response.end();
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    hook.closeAllConnections();
    hook.close();
  });
  const address = hook.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a TCP address');
  const form = new URLSearchParams({
    Action: 'CreateTopic',
    Name: bucket,
    'Attributes.entry.1.key': 'push-endpoint',
    'Attributes.entry.1.value': `http://127.0.0.1:${address.port}`,
  });
  const TopicArn = /<TopicArn>(.*?)<\/TopicArn>/.exec(await callSns(server, form))?.[1];
  const Events = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] as const;
  await client.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: bucket,
      NotificationConfiguration: { TopicConfigurations: [{ Id: 'all', TopicArn, Events: [...Events] }] },
    }),
  );
}

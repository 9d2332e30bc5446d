import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import { onTestFinished } from 'vitest';

const credentials = { accessKeyId: 'x', secretAccessKey: 'y' };

/** A queue with a dead-letter queue behind it, in this process and on loopback. Gone when the test is. */
export async function startQueue({ maxReceiveCount = 5, visibilitySeconds = 30 } = {}) {
  const app = buildApp({ logger: false });
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' });
  const client = new SQSClient({ endpoint, region: 'us-east-1', useQueueUrlAsEndpoint: false, credentials });
  onTestFinished(async () => {
    client.destroy();
    await app.close();
  });
  const create = async (QueueName: string, Attributes: Record<string, string>) => {
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName, Attributes }));
    return QueueUrl;
  };
  const deadUrl = await create('dead', {});
  const deadLetterTargetArn = (await attributes(client, deadUrl))['QueueArn'];
  const queueUrl = await create('events', {
    VisibilityTimeout: String(visibilitySeconds),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount }),
  });
  return {
    endpoint,
    client,
    credentials,
    queueUrl,
    send: (bodies: readonly string[]) => send(client, queueUrl, bodies),
    /** Messages that are visible, under way, and held back. */
    count: () => count(client, queueUrl),
    dead: () => bodiesOf(client, deadUrl),
  };
}

async function attributes(client: SQSClient, QueueUrl: string): Promise<Readonly<Record<string, string>>> {
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
  return (await client.send(command)).Attributes ?? {};
}

async function send(client: SQSClient, QueueUrl: string, bodies: readonly string[]): Promise<void> {
  for (let start = 0; start < bodies.length; start += 10) {
    const Entries = bodies.slice(start, start + 10).map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  }
}

async function count(client: SQSClient, queueUrl: string) {
  const found = await attributes(client, queueUrl);
  const read = (name: string) => Number(found[name]);
  return {
    visible: read('ApproximateNumberOfMessages'),
    inHand: read('ApproximateNumberOfMessagesNotVisible'),
    delayed: read('ApproximateNumberOfMessagesDelayed'),
  };
}

/** Everything in a queue that nobody else reads. */
async function bodiesOf(client: SQSClient, QueueUrl: string): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body = '' }) => Body));
  }
}

import { expect, onTestFinished, test } from 'vitest';
import { createS3Client } from '../../src/storage/s3/client.ts';
import { createS3UploadPresigner } from '../../src/storage/s3/presign.ts';
import { createS3Store } from '../../src/storage/s3.ts';
import { createCommandLine } from '../support/command-line.ts';
import { type S3FaultServer, startS3FaultServer } from '../support/s3-fault-server.ts';
import { type S3Oddities, s3Profiles } from '../support/s3-oddities.ts';

type Diagnosis = { readonly check: string; readonly status: string; readonly detail: string; readonly remedy?: string };

async function startStore(oddities: Partial<S3Oddities>): Promise<S3FaultServer> {
  const server = await startS3FaultServer(oddities);
  onTestFinished(() => server.close());
  return server;
}

async function bucketOf({ endpoint, bucket }: Pick<S3FaultServer, 'endpoint' | 'bucket'>) {
  const credentials = { accessKeyId: 'stub', secretAccessKey: 'stub' };
  const client = await createS3Client({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  return { client, bucket, prefix: 'originals/' };
}

/** What doctor says of a check where originals lie in that store. */
async function told(check: string, server: S3FaultServer, { takesForms = true, seenAt = server.endpoint } = {}) {
  const bucket = await bucketOf(server);
  const presigner = createS3UploadPresigner(await bucketOf({ ...server, endpoint: seenAt }), { takesForms });
  const { json } = await createCommandLine({ originals: createS3Store(bucket), presigner }).fovea(['doctor', '--json']);
  return (json as readonly Diagnosis[]).find((one) => one.check === check);
}

const uploads = 'uploads straight to the bucket';

test('doctor sends a form to the bucket, and one that the bucket has to refuse', async () => {
  const server = await startStore({});
  expect(await told(uploads, server)).toEqual({
    check: uploads,
    status: 'ok',
    detail: 'a signed form was taken, and refused for a longer file',
  });
  expect([...server.objects.keys()]).toEqual([]);
});

test('doctor names the setting for a store that knows no forms', async () => {
  const server = await startStore({ takesForms: false });
  expect(await told(uploads, server)).toMatchObject({
    status: 'failed',
    detail: 'the store knows no signed forms (POST): 501 NotImplemented',
    remedy: 'set FOVEA_S3_UPLOAD_METHOD=PUT',
  });
  expect(await told(uploads, server, { takesForms: false })).toMatchObject({
    detail: expect.stringMatching(/^a signed PUT was taken/),
  });
  expect([...server.objects.keys()]).toEqual([]);
});

test('doctor warns of a store that holds nobody to the size that was signed', async () => {
  // The stub looks at no signature, and the size of a PUT is in nothing else.
  expect(await told(uploads, await startStore({}), { takesForms: false })).toMatchObject({
    status: 'warning',
    detail: expect.stringContaining('holds nobody to the size'),
  });
});

test('doctor says where it could not send anything', async () => {
  const seenAt = 'http://127.0.0.1:9';
  expect(await told(uploads, await startStore({}), { seenAt })).toMatchObject({
    status: 'failed',
    detail: expect.stringContaining('Nothing answers at http://127.0.0.1:9'),
    remedy: expect.stringContaining('FOVEA_S3_PUBLIC_ENDPOINT'),
  });
});

const conditions = 'conditions in the store of originals';

test('doctor says what a store decides itself, and what has to be asked first', async () => {
  expect(await told(conditions, await startStore({}))).toMatchObject({ status: 'ok' });
  const radosgw = await startStore(s3Profiles['radosgw 16'] ?? {});
  expect(await told(conditions, radosgw)).toMatchObject({
    status: 'info',
    detail: expect.stringContaining('about deleting what was seen (If-Match of a DELETE): it is asked first'),
  });
  const backblaze = await startStore(s3Profiles['Backblaze B2'] ?? {});
  expect(await told(conditions, backblaze)).toMatchObject({
    status: 'warning',
    detail: expect.stringContaining('about creating a key (If-None-Match), replacing what was read'),
    remedy: expect.stringContaining('one process'),
  });
  expect(await told('create-only puts in the store of originals', backblaze)).toMatchObject({ status: 'ok' });
});

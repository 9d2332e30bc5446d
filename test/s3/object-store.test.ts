import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, inject, test } from 'vitest';
import { readBody } from '../../src/storage/index.ts';
import { createS3Client } from '../../src/storage/s3/client.ts';
import { createS3Store } from '../../src/storage/s3.ts';
import { describeObjectStore } from '../contracts/object-store.ts';

const { endpoint, ...credentials } = inject('s3');

async function newBucket() {
  const client = await createS3Client({ endpoint, credentials, region: 'us-east-1' });
  const bucket = `fovea-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return { client, bucket, cleanup: async () => client.destroy() };
}

describeObjectStore('S3', async () => {
  const { client, bucket, cleanup } = await newBucket();
  return { store: createS3Store({ client, bucket, prefix: '' }), cleanup };
});

describeObjectStore('S3 under a prefix', async () => {
  const { client, bucket, cleanup } = await newBucket();
  for (const key of ['tenant', 'tenant/', 'tenant/store.jpg', 'tenant/storf/x', 'tenant/stord/x', 'zebra']) {
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'of somebody else' }));
  }
  return { store: createS3Store({ client, bucket, prefix: 'tenant/store/' }), cleanup };
});

describe('a store under a prefix', () => {
  test('sees nothing of its neighbours, and no folder markers', async () => {
    const { client, bucket, cleanup } = await newBucket();
    const store = createS3Store({ client, bucket, prefix: 'tenant/store/' });
    for (const key of ['tenant/store', 'tenant/store/', 'tenant/store/folder/', 'tenant/store2', 'tenant/a']) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'x' }));
    }
    await store.put('mine', Buffer.from('x'));
    const keys: string[] = [];
    for await (const info of store.list('')) keys.push(info.key);
    expect(keys).toEqual(['mine']);
    await cleanup();
  });

  test('refuses a key that is too long with its prefix', async () => {
    const { client, bucket, cleanup } = await newBucket();
    const store = createS3Store({ client, bucket, prefix: 'tenant/store/' });
    await expect(store.head('x'.repeat(1020))).rejects.toMatchObject({ kind: 'invalid' });
    await cleanup();
  });
});

describe('versions of a real bucket', () => {
  test('are told newest first, deletions too, of that key alone, and read by their ids', async () => {
    const { client, bucket, cleanup } = await newBucket();
    const store = createS3Store({ client, bucket, prefix: 'tenant/' });
    await store.put('old', Buffer.from('before'));
    expect(await store.versions?.list('old')).toMatchObject([{ id: 'null', isLatest: true, size: 6 }]);
    const Status = 'Enabled';
    await client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status } }));
    await store.put('a', Buffer.from('first'), { contentType: 'image/png', metadata: { alt: 'A cat' } });
    await store.put('a', Buffer.from('second'));
    await store.put('a.png', Buffer.from('another'));
    await store.delete(['a']);
    const told = (await store.versions?.list('a')) ?? [];
    expect(told.map(({ size, isLatest }) => [size, isLatest])).toEqual([
      [undefined, true],
      [6, false],
      [5, false],
    ]);
    const [mark, , oldest] = told;
    const first = await store.versions?.get('a', oldest?.id ?? '');
    expect(first?.info).toMatchObject({ size: 5, contentType: 'image/png', metadata: { alt: 'A cat' } });
    expect(first && (await readBody(first, { maxBytes: 10 })).toString()).toBe('first');
    for (const id of [mark?.id ?? '', 'no-such-version', 'null'])
      expect(await store.versions?.get('a', id)).toBeUndefined();
    expect(await store.versions?.list('none')).toEqual([]);
    await cleanup();
  });
});

describe('refusals of a real S3', () => {
  test('a wrong secret is our fault: upstream', async () => {
    const { bucket, cleanup } = await newBucket();
    const wrong = { ...credentials, secretAccessKey: 'wrong' };
    const client = await createS3Client({ endpoint, credentials: wrong, region: 'us-east-1' });
    const store = createS3Store({ client, bucket, prefix: '' });
    await expect(store.head('a')).rejects.toMatchObject({ kind: 'upstream' });
    await expect(store.get('a')).rejects.toMatchObject({ kind: 'upstream' });
    await expect(store.put('a', Buffer.from('x'))).rejects.toMatchObject({ kind: 'upstream' });
    await expect(store.delete(['a'])).rejects.toMatchObject({ kind: 'upstream' });
    client.destroy();
    await cleanup();
  });

  test('a bucket that does not exist is no absent object', async () => {
    const { client, cleanup } = await newBucket();
    const store = createS3Store({ client, bucket: 'fovea-no-such-bucket', prefix: '' });
    await expect(store.get('a')).rejects.toMatchObject({ kind: 'upstream' });
    await expect(store.put('a', Buffer.from('x'))).rejects.toMatchObject({ kind: 'upstream' });
    await expect(store.list('')[Symbol.asyncIterator]().next()).rejects.toMatchObject({ kind: 'upstream' });
    await cleanup();
  });
});

import { describe, expect, onTestFinished, test } from 'vitest';
import { createS3Client } from '../../src/storage/s3/client.ts';
import { createS3Store } from '../../src/storage/s3.ts';
import { describeObjectStore } from '../contracts/object-store.ts';
import { startS3FaultServer } from '../support/s3-fault-server.ts';
import { type S3Oddities, s3Profiles } from '../support/s3-oddities.ts';

async function openOn(oddities: Partial<S3Oddities>) {
  const server = await startS3FaultServer(oddities);
  const credentials = { accessKeyId: 'stub', secretAccessKey: 'stub' };
  const client = await createS3Client({ endpoint: server.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  return { server, store: createS3Store({ client, bucket: server.bucket, prefix: 'p/' }), cleanup: server.close };
}

const everyProfile = Object.entries(s3Profiles);
for (const [name, oddities] of everyProfile) describeObjectStore(`as ${name}`, () => openOn(oddities));

async function opened(oddities: Partial<S3Oddities>) {
  const { server, store } = await openOn(oddities);
  onTestFinished(() => server.close());
  return { server, store };
}

describe('what a store decides itself', () => {
  test.each<[string, Partial<S3Oddities>, readonly boolean[]]>([
    ['all of it', {}, [true, true, true]],
    ['etags without quotes', { putIfMatch: 'bare', deleteIfMatch: 'bare', quotesEtags: false }, [true, true, true]],
    ['no creation', { createsOnly: 'refused' }, [false, true, true]],
    ['creation that is passed over', { createsOnly: 'ignored' }, [false, true, true]],
    ['no etag of a PUT', { putIfMatch: 'refused' }, [true, false, true]],
    ['etags that are passed over', { putIfMatch: 'ignored', deleteIfMatch: 'ignored' }, [true, false, false]],
    ['no etag of a DELETE', { deleteIfMatch: 'refused' }, [true, true, false]],
  ])('is found by trying: %s', async (_, oddities, expected) => {
    const { server, store } = await opened(oddities);
    const conditions = await store.conditions();
    expect(Object.values(conditions)).toEqual(expected);
    expect([...server.objects.keys()]).toEqual([]);
    const asked = server.requests.length;
    expect(await store.conditions()).toEqual(conditions);
    expect(server.requests).toHaveLength(asked);
  });

  test('a store that passes over the condition of a creation overwrites nothing all the same', async () => {
    const { store } = await opened({ createsOnly: 'ignored' });
    expect(await store.put('a', Buffer.from('first'), { onlyIfAbsent: true })).toMatchObject({ size: 5 });
    expect(await store.put('a', Buffer.from('second'), { onlyIfAbsent: true })).toBeUndefined();
    expect(await store.head('a')).toMatchObject({ size: 5 });
  });

  test('and what it decides is left to it: nothing is looked at before', async () => {
    const { server, store } = await opened({});
    await store.conditions();
    const { etag = '' } = (await store.put('a', Buffer.from('a'))) ?? {};
    const asked = server.requests.length;
    const put = await store.put('a', Buffer.from('b'), { ifMatch: etag });
    await store.deleteUnchanged([{ key: 'a', etag: put?.etag ?? '' }]);
    expect(server.requests.slice(asked).map(({ method }) => method)).toEqual(['PUT', 'DELETE']);
  });

  test('a trial that fails says nothing of it, and is made again', async () => {
    const { server, store } = await opened({});
    server.failBy(() => ({ kind: 'error', status: 403, code: 'AccessDenied' }));
    await expect(store.conditions()).rejects.toMatchObject({ kind: 'upstream' });
    server.failBy();
    expect(await store.conditions()).toMatchObject({ createsOnly: true });
  });
});

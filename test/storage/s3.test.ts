import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Failure, isFailure } from '../../src/failure.ts';
import { type ObjectStore, readBody, remedyOf } from '../../src/storage/index.ts';
import { createS3Client } from '../../src/storage/s3/client.ts';
import { createS3Store } from '../../src/storage/s3.ts';
import { type S3Fault, type S3FaultServer, seededRandom, startS3FaultServer } from '../support/s3-fault-server.ts';

interface StoreTimes {
  readonly operationTimeoutMs?: number;
  readonly stallTimeoutMs?: number;
  readonly maxAttempts?: number;
  readonly prefix?: string;
}

async function openStoreOn(
  server: S3FaultServer,
  { maxAttempts = 1, ...times }: StoreTimes = {},
): Promise<ObjectStore> {
  const credentials = { accessKeyId: 'stub', secretAccessKey: 'stub' };
  const client = await createS3Client({ endpoint: server.endpoint, region: 'us-east-1', credentials, maxAttempts });
  return createS3Store({ client, bucket: server.bucket, prefix: '', ...times });
}

describe('deletes', () => {
  test('ask a server that knows them only singly once, and then no more', async () => {
    const server = await startS3FaultServer({ deletesMany: 'never' });
    const store = await openStoreOn(server);
    const keys = Array.from({ length: 40 }, (_, index) => `a/${index}.jpg`);
    for (const key of keys) await store.put(key, Buffer.from('x'));
    await store.delete(keys.slice(0, 20));
    await store.delete(keys.slice(20));
    expect(server.objects.size).toBe(0);
    expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
    await server.close();
  });

  test('many at once go in one request, summed by MD5', async () => {
    const server = await startS3FaultServer({ deletesMany: 'by MD5' });
    const store = await openStoreOn(server);
    for (const key of ['a', 'b']) await store.put(key, Buffer.from('x'));
    await store.delete(['a', 'b']);
    expect(server.objects.size).toBe(0);
    expect(server.requests.filter(({ method }) => method !== 'PUT').map(({ method }) => method)).toEqual(['POST']);
    await server.close();
  });
});

describe('a listing', () => {
  test.each([true, false])('names keys as they are, encoded by the server or not (%s)', async (encodesKeys) => {
    const server = await startS3FaultServer({ encodesKeys });
    const store = await openStoreOn(server);
    const keys = ['100%.jpg', '100%25.jpg', 'a b.jpg', 'a+b.jpg', 'a%20b.jpg', 'ü/&<>.jpg'];
    for (const key of keys) await store.put(key, Buffer.from('x'));
    const listed: string[] = [];
    for await (const { key } of store.list('')) listed.push(key);
    expect(listed.toSorted()).toEqual(keys.toSorted());
    await server.close();
  });
});

describe('a part of an object in S3', () => {
  test('is all that is asked of the server', async () => {
    const server = await startS3FaultServer();
    const store = await openStoreOn(server);
    await store.put('long', randomBytes(100_000));
    const object = await store.get('long', { range: { start: 10, end: 20 } });
    object?.body.destroy();
    expect(server.requests.at(-1)).toMatchObject({ method: 'GET', range: 'bytes=10-19' });
    await server.close();
  });
});

describe('an S3 that fails', () => {
  let server: S3FaultServer;
  beforeAll(async () => {
    server = await startS3FaultServer();
  });
  afterEach(() => server.failBy());
  afterAll(() => server.close());

  const everyOperation = (store: ObjectStore) => ({
    head: () => store.head('key'),
    get: () => store.get('key'),
    put: () => store.put('key', Buffer.from('body')),
    delete: () => store.delete(['key']),
    list: () => store.list('')[Symbol.asyncIterator]().next(),
  });

  test.each([
    [500, 'InternalError', 'upstream'],
    [503, 'SlowDown', 'overloaded'],
    [503, 'ServiceUnavailable', 'overloaded'],
    [429, 'TooManyRequests', 'overloaded'],
    [400, 'RequestTimeout', 'timeout'],
    [403, 'AccessDenied', 'upstream'],
    [400, 'ExpiredToken', 'upstream'],
    [403, 'SignatureDoesNotMatch', 'upstream'],
    [301, 'PermanentRedirect', 'upstream'],
  ] as const)('answers %i %s, so every operation is %s', async (status, code, kind) => {
    const operations = everyOperation(await openStoreOn(server));
    server.failBy(() => ({ kind: 'error', status, code }));
    for (const [name, operation] of Object.entries(operations)) {
      // A HEAD has no body, so its error is known by the status alone.
      if (name === 'head' && status === 400 && code === 'RequestTimeout') continue;
      await expect(operation(), name).rejects.toMatchObject({ kind, name: 'Failure' });
    }
  });

  test('no message names a key, a bucket or an endpoint', async () => {
    const operations = everyOperation(await openStoreOn(server, { operationTimeoutMs: 100 }));
    for (const fault of [
      { kind: 'error', status: 403, code: 'AccessDenied' },
      { kind: 'hang-up' },
      { kind: 'silent' },
    ] as const) {
      server.failBy(() => fault);
      for (const operation of Object.values(operations)) {
        const error = await operation().catch((thrown: unknown) => thrown);
        expect(isFailure(error)).toBe(true);
        expect(String(error)).not.toMatch(/stub|127\.0\.0\.1|\bkey\b/);
      }
    }
  });

  const headers = { 'x-amz-request-id': '4442587FB7D0A2F9' };

  test.each([
    [403, 'AccessDenied', headers, '403 AccessDenied, request 4442587FB7D0A2F9: on command', /s3:ListBucket/],
    [400, 'ExpiredToken', headers, '400 ExpiredToken, request 4442587FB7D0A2F9: on command', /new credentials/],
    [403, 'InvalidAccessKeyId', {}, '403 InvalidAccessKeyId: on command', /AWS_ACCESS_KEY_ID/],
    [404, 'NoSuchBucket', {}, '404 NoSuchBucket: on command', /make the bucket/],
    [
      ...([301, 'PermanentRedirect', { 'x-amz-bucket-region': 'eu-west-3' }] as const),
      ...(['301 PermanentRedirect; the bucket is in eu-west-3: on command', /AWS_REGION=eu-west-3/] as const),
    ],
  ] as const)(
    'answers %i %s with %j, so the log tells it, and the remedy',
    async (status, code, more, told, remedy) => {
      const store = await openStoreOn(server);
      server.failBy(() => ({ kind: 'error', status, code, headers: more }));
      for (const refused of [store.probe(), store.get('key')]) {
        const failure = await refused.catch((error: unknown) => error as Failure);
        expect(failure).toMatchObject({ kind: 'upstream', cause: { name: 'StoreRefusal', message: told } });
        expect(remedyOf(failure as Failure)).toMatch(remedy);
      }
      if (status === 404) return;
      const words = told.replace(code, 'without a code (the answer to a HEAD has no body)').replace(': on command', '');
      await expect(store.head('key')).rejects.toMatchObject({ kind: 'upstream', cause: { message: words } });
    },
  );

  test('that is not there says so, and what to look at', async () => {
    const gone = await openStoreOn({ ...server, endpoint: 'http://127.0.0.1:9' });
    const failure = await gone.probe().catch((error: unknown) => error as Failure);
    expect(String((failure as Failure).cause)).toMatch(/ECONNREFUSED.*127\.0\.0\.1:9/);
    expect(remedyOf(failure as Failure)).toContain('FOVEA_S3_ENDPOINT');
  });

  test('a missing object is undefined, a missing bucket a failure', async () => {
    const store = await openStoreOn(server);
    server.failBy(() => ({ kind: 'error', status: 404, code: 'NoSuchKey' }));
    expect(await store.get('key')).toBeUndefined();
    expect(await store.head('key')).toBeUndefined();
    server.failBy(() => ({ kind: 'error', status: 404, code: 'NoSuchBucket' }));
    await expect(store.get('key')).rejects.toMatchObject({ kind: 'upstream' });
    await expect(store.put('key', Buffer.from('x'))).rejects.toMatchObject({ kind: 'upstream' });
  });

  test('what a console or another program left under odd keys is not listed', async () => {
    const store = await openStoreOn(server, { prefix: 'odd/' });
    await store.put('fine', Buffer.from('x'));
    const template = server.objects.get('odd/fine');
    if (!template) throw new Error('expected an object');
    for (const key of ['odd/', 'odd/folder/', 'odd/a//b', 'odd/../x']) server.seed(key, template);
    const keys: string[] = [];
    for await (const info of store.list('')) keys.push(info.key);
    expect(keys).toEqual(['fine']);
  });

  test('silence is a timeout, and a refused or cut connection is not', async () => {
    const operations = everyOperation(await openStoreOn(server, { operationTimeoutMs: 150 }));
    server.failBy(() => ({ kind: 'silent' }));
    for (const operation of Object.values(operations))
      await expect(operation()).rejects.toMatchObject({ kind: 'timeout' });
    server.failBy(() => ({ kind: 'hang-up' }));
    for (const operation of Object.values(everyOperation(await openStoreOn(server))))
      await expect(operation()).rejects.toMatchObject({ kind: 'upstream' });
    const gone = await startS3FaultServer();
    const store = await openStoreOn(gone);
    await gone.close();
    await expect(store.head('key')).rejects.toMatchObject({ kind: 'upstream' });
  });

  test('a try that hangs leaves time for another', async () => {
    const store = await openStoreOn(server, { operationTimeoutMs: 6000, maxAttempts: 3 });
    await store.put('second-try', Buffer.from('there'));
    let tries = 0;
    server.failBy(() => (++tries === 1 ? { kind: 'silent' } : undefined));
    expect(await store.head('second-try')).toMatchObject({ size: 5 });
    expect(tries).toBe(2);
  });

  test('a signal ends a call that hangs', async () => {
    const store = await openStoreOn(server);
    const controller = new AbortController();
    server.failBy(() => {
      controller.abort();
      return { kind: 'silent' };
    });
    await expect(store.get('key', { signal: controller.signal })).rejects.toMatchObject({ kind: 'cancelled' });
    const late = store.get('key', { signal: AbortSignal.timeout(50) });
    await expect(late).rejects.toMatchObject({ kind: 'timeout' });
  });

  test.each(['reset', 'short', 'stalled'] as const)('a body that is %s half-way never looks whole', async (kind) => {
    const store = await openStoreOn(server, kind === 'stalled' ? { stallTimeoutMs: 150 } : {});
    await store.put('half', randomBytes(300_000));
    server.failBy(() => ({ kind, part: 0.5 }));
    const object = await store.get('half');
    if (!object) throw new Error('expected an object');
    const failure = { kind: kind === 'stalled' ? 'timeout' : 'upstream' };
    await expect(readBody(object, { maxBytes: 1_000_000 })).rejects.toMatchObject(failure);
    const streamed = await store.get('half');
    await expect(streamed?.body.toArray()).rejects.toMatchObject(failure);
  });

  test('a reader who takes his time is no stall, and has nothing piled up for him', async () => {
    const store = await openStoreOn(server, { stallTimeoutMs: 1_500 });
    await store.put('slowly', randomBytes(2_000_000));
    const object = await store.get('slowly');
    let bytes = 0;
    for await (const chunk of object?.body ?? []) {
      // Once is enough: longer than the stall, with bytes waiting.
      if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 2_000));
      expect(object?.body.readableLength).toBeLessThan(300_000);
      bytes += chunk.length;
    }
    expect(bytes).toBe(2_000_000);
  });

  test('a body that fails before anybody reads it ends no process', async () => {
    const store = await openStoreOn(server);
    await store.put('unread', randomBytes(300_000));
    server.failBy(() => ({ kind: 'reset', part: 0.5 }));
    const object = await store.get('unread');
    const controller = new AbortController();
    const other = await store.get('unread', { signal: controller.signal });
    controller.abort();
    expect(other?.body.destroyed).toBe(true);
    await expect(object?.body.toArray()).rejects.toMatchObject({ kind: 'upstream' });
  });

  test('a streamed upload that S3 refuses leaves the source destroyed', async () => {
    const store = await openStoreOn(server);
    server.failBy(() => ({ kind: 'error', status: 500, code: 'InternalError' }));
    const body = Readable.from([Buffer.alloc(1000), Buffer.alloc(1000)], { objectMode: false });
    await expect(store.put('refused', body, { size: 2000 })).rejects.toMatchObject({ kind: 'upstream' });
    expect(body.destroyed).toBe(true);
  });

  test('a create-only put that meets another write is tried again, and yields to a winner', async () => {
    const store = await openStoreOn(server);
    let conflicts = 0;
    const conflict: S3Fault = { kind: 'error', status: 409, code: 'ConditionalRequestConflict' };
    server.failBy(({ method }) => (method === 'PUT' && ++conflicts === 1 ? conflict : undefined));
    expect(await store.put('contested', Buffer.from('mine'), { onlyIfAbsent: true })).toMatchObject({ size: 4 });
    server.failBy(({ method }) => (method === 'PUT' ? conflict : undefined));
    expect(await store.put('contested', Buffer.from('late'), { onlyIfAbsent: true })).toBeUndefined();
    const never = store.put('contested-forever', Buffer.from('mine'), { onlyIfAbsent: true });
    await expect(never).rejects.toMatchObject({ kind: 'overloaded' });
  });

  test('in an outage the retries run dry: at most 1.2 tries per call', { timeout: 60_000 }, async () => {
    const store = await openStoreOn(server, { maxAttempts: 3 });
    server.failBy(() => ({ kind: 'error', status: 500, code: 'InternalError' }));
    const before = server.requests.length;
    for (let round = 0; round < 20; round++) {
      const calls = Array.from({ length: 20 }, () => store.head('key').catch((error: unknown) => error));
      expect((await Promise.all(calls)).every((error) => isFailure(error, 'upstream'))).toBe(true);
    }
    expect((server.requests.length - before) / 400).toBeLessThanOrEqual(1.2);
    server.failBy();
    expect(await store.head('key')).toBeUndefined();
  });

  test('hundreds of requests with a fifth of them spoilt: every answer is whole or a failure', {
    timeout: 60_000,
  }, async () => {
    const store = await openStoreOn(server, { maxAttempts: 3, operationTimeoutMs: 4000, stallTimeoutMs: 2000 });
    const random = seededRandom(20_261_121);
    const bodies = new Map(Array.from({ length: 20 }, (_, index) => [`mixed/${index}`, randomBytes(1 + index * 3989)]));
    for (const [key, body] of bodies) await store.put(key, body, { metadata: { digest: digest(body) } });
    server.failBy(() => (random() < 0.2 ? randomFault(random) : undefined));
    const outcomes = { whole: 0, failed: 0 };
    const keys = [...bodies.keys()];
    const one = async (index: number) => {
      const key = keys[index % keys.length] ?? '';
      try {
        if (index % 5 === 4)
          await store.put(key, bodies.get(key) ?? Buffer.alloc(0), { metadata: { digest: digest(bodies.get(key)) } });
        else {
          const object = await store.get(key);
          if (!object) throw new Error('an object has vanished');
          const bytes = await readBody(object, { maxBytes: 1_000_000 });
          expect(digest(bytes)).toBe(object.info.metadata['digest']);
          expect(bytes.equals(bodies.get(key) ?? Buffer.alloc(0))).toBe(true);
        }
        outcomes.whole++;
      } catch (error) {
        if (!isFailure(error, 'upstream', 'overloaded', 'timeout')) throw error;
        outcomes.failed++;
      }
    };
    let next = 0;
    const workers = Array.from({ length: 50 }, async () => {
      while (next < 300) await one(next++);
    });
    await Promise.all(workers);
    expect(outcomes.whole + outcomes.failed).toBe(300);
    expect(outcomes.whole).toBeGreaterThan(180);
    expect(outcomes.failed).toBeGreaterThan(5);
    for (const [key, body] of bodies) expect(server.objects.get(key)?.bytes.equals(body)).toBe(true);
  });
});

function randomFault(random: () => number): S3Fault {
  const part = random();
  const faults: readonly S3Fault[] = [
    { kind: 'reset', part },
    { kind: 'short', part },
    { kind: 'stalled', part },
    { kind: 'error', status: 500, code: 'InternalError' },
    { kind: 'error', status: 503, code: 'SlowDown' },
    { kind: 'hang-up' },
    { kind: 'lost-answer' },
    { kind: 'silent' },
  ];
  return faults[Math.floor(random() * faults.length)] ?? { kind: 'hang-up' };
}

function digest(bytes: Uint8Array = new Uint8Array()): string {
  return createHash('sha256').update(bytes).digest('hex');
}

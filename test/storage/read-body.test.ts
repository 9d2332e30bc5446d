import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readBody, type StoredObject } from '../../src/storage/index.ts';

function objectOf(size: number, chunks: Iterable<Buffer> | AsyncIterable<Buffer>): StoredObject {
  const info = { key: 'key', size, etag: 'e', lastModified: new Date(0), contentType: undefined, metadata: {} };
  return { info, body: Readable.from(chunks, { objectMode: false }) };
}

test('reads a body of exactly the limit', async () => {
  const object = objectOf(6, [Buffer.from('abc'), Buffer.from('def')]);
  expect((await readBody(object, { maxBytes: 6 })).toString()).toBe('abcdef');
  expect((await readBody(objectOf(0, []), { maxBytes: 0 })).byteLength).toBe(0);
});

test('refuses by the announced size before reading a byte, and lets go of the body', async () => {
  let reads = 0;
  const object = objectOf(
    7,
    (function* () {
      reads++;
      yield Buffer.alloc(7);
    })(),
  );
  await expect(readBody(object, { maxBytes: 6 })).rejects.toMatchObject({ kind: 'too_large' });
  expect(reads).toBe(0);
  expect(object.body.destroyed).toBe(true);
});

test('stops at the limit when the announced size was a lie', async () => {
  let chunks = 0;
  const object = objectOf(
    10,
    (function* () {
      for (;;) {
        chunks++;
        yield Buffer.alloc(100_000);
      }
    })(),
  );
  await expect(readBody(object, { maxBytes: 250_000 })).rejects.toMatchObject({ kind: 'too_large' });
  expect(chunks).toBeLessThan(6);
  expect(object.body.destroyed).toBe(true);
});

test.each([
  ['ends early', 5],
  ['goes on', 2],
])('a body that %s is upstream', async (_what, size) => {
  const object = objectOf(size, [Buffer.from('abc')]);
  await expect(readBody(object, { maxBytes: 100 })).rejects.toMatchObject({ kind: 'upstream' });
});

test('a body that breaks is upstream, and the message says nothing of the cause', async () => {
  const object = objectOf(
    5,
    (function* () {
      yield Buffer.from('abc');
      throw new Error('connect ECONNREFUSED 10.0.0.1');
    })(),
  );
  const error = await readBody(object, { maxBytes: 100 }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ kind: 'upstream' });
  expect(String(error)).not.toContain('10.0.0.1');
});

test('a signal ends the reading of a body that hangs', async () => {
  const object = objectOf(
    5,
    (async function* () {
      yield Buffer.from('abc');
      await new Promise(() => undefined);
    })(),
  );
  const controller = new AbortController();
  object.body.once('data', () => controller.abort());
  await expect(readBody(object, { maxBytes: 100, signal: controller.signal })).rejects.toMatchObject({
    kind: 'cancelled',
  });
});

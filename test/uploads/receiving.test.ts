import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/failure.ts';
import type { ObjectStore } from '../../src/storage/index.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import type { TestUploads } from '../support/uploads.ts';
import { anybody, createTestUploads, incoming, live, picture, visible } from '../support/uploads.ts';

const jpeg = await picture();
const png = await picture('png');

/** A valid picture of many bytes: what follows its end is nobody's business. */
function padded(bytes: number): {
  readonly body: Readable;
  readonly mostAhead: () => number;
  taken(bytes: number): void;
} {
  const chunk = Buffer.alloc(64 * 1024);
  let sent = 0;
  let taken = 0;
  let most = 0;
  function* chunks() {
    yield jpeg;
    sent += jpeg.byteLength;
    while (sent < bytes) {
      const next = chunk.subarray(0, Math.min(chunk.byteLength, bytes - sent));
      sent += next.byteLength;
      most = Math.max(most, sent - taken);
      yield next;
    }
  }
  return {
    body: Readable.from(chunks(), { objectMode: false }),
    mostAhead: () => most,
    taken: (count) => {
      taken += count;
    },
  };
}

describe('files that come with the request', () => {
  test('are published together, under the keys they bring or keys of ours', async () => {
    const its = createTestUploads();
    const files = incoming({ key: 'a/b.jpg', bytes: jpeg }, { claim: 'image/png', bytes: png }, { bytes: png });
    const report = await its.uploads.receive(files, { signal: live() });
    expect(report.files.map(({ status }) => status)).toEqual(['published', 'published', 'published']);
    const keys = await its.keys();
    expect(keys).toEqual(visible(keys));
    expect(keys.filter((key) => /^\d{4}\/\d\d\/[0-9a-f-]{36}\.png$/.test(key))).toHaveLength(2);
    expect(keys).toContain('a/b.jpg');
  });

  test('are kept to what they say they are', async () => {
    const its = createTestUploads();
    const refused = async (claim: string, bytes: Buffer) => {
      const { files } = await its.uploads.receive(incoming({ claim, bytes }), { signal: live() });
      return files[0];
    };
    expect(await refused('image/png', jpeg)).toMatchObject({ status: 'refused', failure: { kind: 'unsupported' } });
    expect(await its.keys()).toEqual([]);
  });

  test('go into the store as they arrive: no more than a piece or two is ever held', async () => {
    const store = createMemoryStore();
    const source = padded(40_000_000);
    const watched: ObjectStore = {
      ...store,
      put: async (key, body, options) => {
        const put = await store.put(key, body, options);
        if (key.includes('/files/')) source.taken(put?.size ?? 0);
        return put;
      },
    };
    const its = createTestUploads({ store: watched, maxBytes: 50_000_000 });
    async function* files() {
      yield { key: 'big.jpg', body: source.body };
    }
    const report = await its.uploads.receive(files(), { signal: live() });
    expect(report.files[0]).toMatchObject({ status: 'published', bytes: 40_000_000 });
    expect(source.mostAhead()).toBeLessThan(5_000_000);
    expect((await store.head('big.jpg'))?.size).toBe(40_000_000);
  });

  test('that are too large are stopped on the way, whatever follows', async () => {
    const its = createTestUploads({ maxBytes: 1_000_000 });
    const source = padded(1_000_000_000);
    async function* files() {
      yield { key: 'endless.jpg', body: source.body };
    }
    const report = await its.uploads.receive(files(), { signal: live() });
    expect(report.files[0]).toMatchObject({ status: 'refused', failure: { kind: 'too_large' } });
    expect(source.mostAhead()).toBeLessThan(2_000_000);
    expect(await its.keys()).toEqual([]);
  });

  test('that break off leave nothing', async () => {
    const its = createTestUploads({ maxBytes: 50_000_000 });
    async function* files() {
      yield { key: 'whole.jpg', body: Readable.from([jpeg]) };
      const broken = Readable.from(
        (function* () {
          for (let piece = 0; piece < 20; piece += 1) yield Buffer.alloc(1_000_000);
          throw new Error('the connection was lost');
        })(),
        { objectMode: false },
      );
      yield { key: 'broken.jpg', body: broken };
    }
    const report = await its.uploads.receive(files(), { signal: live() });
    expect(report.files).toMatchObject([{ status: 'withheld' }, { status: 'refused', failure: { kind: 'invalid' } }]);
    expect(await its.keys()).toEqual([]);
  });

  test.each([0, 1, 2, 3])('of which file %i cannot be published leave nothing', async (k) => {
    const store = createFaultyStore(createMemoryStore());
    const its = createTestUploads({ store });
    const keys = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'];
    store.fail('put', { kind: 'upstream' }, (key) => key === keys[k]);
    const files = incoming(...keys.map((key) => ({ key, bytes: jpeg })));
    expect((await its.uploads.receive(files, { signal: live() })).published).toBe(false);
    expect(visible(await its.keys())).toEqual([]);
    store.heal();
    await its.sweepLater();
    expect(await its.keys()).toEqual([]);
  });

  test('are given up when the client leaves', async () => {
    const its = createTestUploads();
    const left = new AbortController();
    its.renderer.hold();
    const receiving = its.uploads.receive(incoming({ key: 'a.jpg', bytes: jpeg }), { signal: left.signal });
    left.abort();
    await expect(receiving).rejects.toMatchObject({ kind: 'cancelled' });
    expect(await its.keys()).toEqual([]);
  });
});

describe('a file in chunks', () => {
  async function begin(its: TestUploads, bytes = jpeg.byteLength) {
    return its.uploads.promise({ bytes }, { expiresSeconds: 600, owner: 'somebody', signal: live() });
  }
  function chunk(its: TestUploads, batch: string, offset: number, bytes: Buffer) {
    const body = Readable.from([bytes], { objectMode: false });
    return its.uploads.append(batch, { offset, body, bytes: bytes.byteLength }, anybody());
  }

  test('is published with its last chunk, in whatever order they come, under the extension its bytes say', async () => {
    const its = createTestUploads();
    const { batch, files } = await begin(its);
    expect(await chunk(its, batch, 100, jpeg.subarray(100))).toBeUndefined();
    expect(await its.uploads.arrived(batch, anybody())).toBe(0);
    expect(await chunk(its, batch, 0, jpeg.subarray(0, 50))).toBeUndefined();
    expect(await its.uploads.arrived(batch, anybody())).toBe(50);
    expect(await chunk(its, batch, 0, jpeg.subarray(0, 50))).toBeUndefined();
    const report = await chunk(its, batch, 50, jpeg.subarray(50, 100));
    expect(report?.files).toMatchObject([{ status: 'published', key: `${files[0]?.key}.jpg` }]);
    expect(visible(await its.keys())).toEqual([`${files[0]?.key}.jpg`]);
  });

  test('is refused past the length that was announced, and past the limit', async () => {
    const its = createTestUploads({ maxBytes: 1000 });
    await expect(begin(its, 1001)).rejects.toMatchObject({ kind: 'too_large' });
    const { batch } = await begin(its);
    await expect(chunk(its, batch, 10, jpeg)).rejects.toMatchObject({ kind: 'too_large' });
  });

  test('is taken back by who uploaded it, and by nobody else', async () => {
    const its = createTestUploads();
    const { batch, files } = await begin(its);
    await chunk(its, batch, 0, jpeg);
    const id = files[0]?.key ?? '';
    const revert = (owner: string | undefined) => its.uploads.revert(id, { owner, signal: live() });
    await expect(revert('somebody else')).rejects.toMatchObject({ kind: 'not_found' });
    expect(visible(await its.keys())).toHaveLength(1);
    await revert('somebody');
    expect(await its.keys()).toEqual([]);
    expect(its.changed.filter((key) => key === `${id}.jpg`)).toHaveLength(2);
    await expect(revert('somebody')).rejects.toMatchObject({ kind: 'not_found' });
  });

  test('of what was signed or posted by others nothing can be taken back', async () => {
    const its = createTestUploads();
    await its.uploads.receive(incoming({ key: 'a.jpg', bytes: jpeg }, { bytes: jpeg }), { signal: live() });
    for (const key of await its.keys()) {
      await expect(its.uploads.revert(key, { owner: undefined, signal: live() })).rejects.toThrow(Failure);
    }
    expect(await its.keys()).toHaveLength(2);
  });
});

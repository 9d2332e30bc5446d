import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { listen } from '../../src/http/index.ts';
import type { ObjectStore } from '../../src/storage/index.ts';
import { everyStore } from '../support/every-store.ts';
import { createFakeRenderer } from '../support/fake-renderer.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { resolveTarget } from '../support/grammar.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPausingStore } from '../support/pausing-store.ts';
import { createPixelFreeService, createTestService } from '../support/test-service.ts';

// One range of a picture, as RFC 9110 §14 has it; what is several or no range gets the whole.

const png = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), randomBytes(4_984)]);
const bytes = png.byteLength;

async function serviceOn(originals: ObjectStore) {
  await originals.put('cat.png', png);
  return createPixelFreeService({ originals });
}

type Ask = Awaited<ReturnType<typeof serviceOn>>['ask'];

async function told(ask: Ask, path: string, headers: Record<string, string>, method = 'GET') {
  const response = await ask(path, { headers, method });
  const { status } = response;
  const [range, length] = [response.headers.get('content-range'), response.headers.get('content-length')];
  return { status, range, length, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
}

describe.each(everyStore)('an original in %s', (_, openStore) => {
  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=0-', 0, bytes],
    ['bytes=0-4999', 0, bytes],
    ['bytes=1000-1999', 1000, 2000],
    ['bytes=4999-', 4999, bytes],
    ['bytes=4000-99999999999999999999999999', 4000, bytes],
    ['bytes=-1', 4999, bytes],
    ['bytes=-500', 4500, bytes],
    ['bytes=-99999', 0, bytes],
    ['Bytes= 7-8 ,', 7, 9],
  ])('is sent in the part that %s names, with all that is said of the whole', async (range, start, end) => {
    const { ask } = await serviceOn(await openStore());
    const whole = await told(ask, '/cat.png', {});
    expect([whole.status, whole.headers.get('accept-ranges')]).toEqual([200, 'bytes']);
    for (const _time of ['first', 'again']) {
      const part = await told(ask, '/cat.png', { range });
      expect(part).toMatchObject({
        status: 206,
        range: `bytes ${start}-${end - 1}/${bytes}`,
        length: `${end - start}`,
      });
      expect(part.body.equals(png.subarray(start, end))).toBe(true);
      for (const name of [
        'etag',
        'last-modified',
        'content-type',
        'cache-control',
        'content-disposition',
        'accept-ranges',
        'x-amz-meta-cache-tag',
      ]) {
        expect([name, part.headers.get(name)]).toEqual([name, whole.headers.get(name)]);
      }
    }
  });

  it.each(['bytes=5000-', 'bytes=5000-5001', 'bytes=99999999999999999999-', 'bytes=-0'])(
    'has no part that is %s, and says how long it is',
    async (range) => {
      const { ask } = await serviceOn(await openStore());
      const { status, headers, body } = await told(ask, '/cat.png', { range });
      expect([status, headers.get('content-range'), headers.get('cache-control')]).toEqual([
        416,
        `bytes */${bytes}`,
        'no-store',
      ]);
      expect(JSON.parse(body.toString())).toMatchObject({ status: 416, title: 'Range not satisfiable' });
    },
  );

  it.each([
    'bytes=0-1,5-6',
    'bytes=5-3',
    'bytes=',
    'bytes=-',
    'bytes=a-b',
    'bytes=1.5-3',
    'lines=0-1',
    '0-1',
    'bytes 0-1',
    'bytes=0x1-2',
  ])('is sent whole for %s', async (range) => {
    const { ask } = await serviceOn(await openStore());
    const { status, range: sent, body } = await told(ask, '/cat.png', { range });
    expect([status, sent, body.equals(png)]).toEqual([200, null, true]);
  });

  it('overwritten since it was looked up is sent in its new state, whole or in part', async () => {
    const originals = await openStore();
    const { ask } = await serviceOn(originals);
    const first = await told(ask, '/cat.png', { range: 'bytes=1000-1999' });
    for (const [length, range, expected] of [
      [3_000, 'bytes=1000-', 'bytes 1000-2999/3000'],
      [900, 'bytes=1000-', 'bytes */900'],
      [7_000, 'bytes=6000-', 'bytes 6000-6999/7000'],
      [6_000, 'bytes=-10', 'bytes 5990-5999/6000'],
    ] as const) {
      const renewed = Buffer.concat([png.subarray(0, 16), randomBytes(length - 16)]);
      await originals.put('cat.png', renewed);
      const part = await told(ask, '/cat.png', { range });
      expect([length, part.range]).toEqual([length, expected]);
      if (part.status === 206) expect(renewed.includes(part.body)).toBe(true);
      expect(part.headers.get('etag')).not.toBe(first.headers.get('etag'));
      // Whoever has the beginning of what was there before gets what there is now from its beginning.
      await originals.put('cat.png', Buffer.concat([renewed, Buffer.from('!')]));
      const resumed = await told(ask, '/cat.png', { range: 'bytes=500-', 'if-range': first.headers.get('etag') ?? '' });
      expect([resumed.status, resumed.body.byteLength]).toEqual([200, length + 1]);
    }
  });
});

describe('a part of an original', () => {
  it('is all that is read of it, but for its first bytes once', async () => {
    const originals = createMemoryStore();
    await originals.put('cat.png', png);
    const ranges: unknown[] = [];
    const get: ObjectStore['get'] = (key, options) => {
      ranges.push(options?.range);
      return originals.get(key, options);
    };
    const { ask } = await createPixelFreeService({ originals: { ...originals, get } });
    for (const range of ['bytes=1000-1999', 'bytes=2000-2999', 'bytes=0-2999']) await told(ask, '/cat.png', { range });
    expect(ranges).toEqual([
      { start: 0, end: 256 },
      { start: 1000, end: 2000 },
      { start: 2000, end: 3000 },
      { start: 0, end: 3000 },
    ]);
  });

  it('is not there where the whole is not shown', async () => {
    const originals = createMemoryStore();
    await originals.put('page.html', Buffer.from('<html>a secret page</html>'));
    await originals.put('notes', Buffer.from('a secret'));
    const { ask } = await createPixelFreeService({ originals });
    for (const path of ['/page.html', '/notes']) {
      for (const range of ['bytes=0-', 'bytes=3-5', 'bytes=-4', 'bytes=900-']) {
        const { status, range: sent, body } = await told(ask, path, { range });
        expect([path, range, status, sent, body.includes('secret')]).toEqual([path, range, 404, null, false]);
      }
    }
  });

  it('of an empty file is none, and its last bytes are the whole', async () => {
    const originals = createMemoryStore();
    await originals.put('empty.jpg', Buffer.alloc(0));
    const { ask } = await createPixelFreeService({ originals });
    expect(await told(ask, '/empty.jpg', { range: 'bytes=0-' })).toMatchObject({ status: 416, range: 'bytes */0' });
    expect(await told(ask, '/empty.jpg', { range: 'bytes=-5' })).toMatchObject({ status: 200, length: '0' });
  });

  it('that a purge overtook may be kept by nobody', async () => {
    const originals = createPausingStore(createMemoryStore());
    await originals.put('cat.png', png);
    const { ask, service } = await createPixelFreeService({ originals });
    await told(ask, '/cat.png', { range: 'bytes=1000-1999' });
    const { reached, release } = originals.pauseNext('get');
    const asked = told(ask, '/cat.png', { range: 'bytes=1000-1999' });
    await reached;
    await service.variants.purge({ keys: ['cat.png'] }, { signal: new AbortController().signal });
    release();
    const { status, headers } = await asked;
    expect([status, headers.get('cache-control')]).toEqual([206, 'no-store']);
  });

  it('of which nothing is wanted leaves nothing open', async () => {
    const originals = createMemoryStore();
    await originals.put('cat.png', Buffer.concat([png, Buffer.alloc(1_000_000)]));
    const bodies: { readonly destroyed: boolean }[] = [];
    const get: ObjectStore['get'] = async (key, options) => {
      const object = await originals.get(key, options);
      if (object !== undefined) bodies.push(object.body);
      return object;
    };
    const { ask } = await createPixelFreeService({ originals: { ...originals, get } });
    await told(ask, '/cat.png', {}, 'HEAD');
    await told(ask, '/cat.png', { 'if-match': '"other"' });
    await told(ask, '/cat.png', { 'if-match': '"other"', range: 'bytes=5-' });
    await told(ask, '/cat.png', { range: 'bytes=90000000-' });
    expect(bodies.map(({ destroyed }) => destroyed)).toEqual(bodies.map(() => true));
    expect(bodies.length).toBeGreaterThanOrEqual(4);
  });

  it('breaks off when its store does', async () => {
    const originals = createFaultyStore(createMemoryStore());
    await originals.put('cat.png', png);
    const { ask } = await createPixelFreeService({ originals });
    await told(ask, '/cat.png', { range: 'bytes=1000-1999' });
    originals.fail('get', { kind: 'reset-after', bytes: 300 });
    await expect(told(ask, '/cat.png', { range: 'bytes=1000-1999' })).rejects.toThrow();
  });
});

/** A picture of 200 kB, with room for what is sent of one and a half, sent from wherever it is. */
async function largePicture({ memoryBytes = 10_000_000 } = {}) {
  const originals = createMemoryStore();
  await originals.put('cat.jpg', Buffer.from('a picture of a cat'));
  const fake = createFakeRenderer();
  const drawn = randomBytes(200_000);
  const renderer = {
    ...fake,
    render: async (...asked: Parameters<typeof fake.render>) => ({ ...(await fake.render(...asked)), bytes: drawn }),
  };
  const stored = createMemoryStore();
  const ranges: unknown[] = [];
  const get: ObjectStore['get'] = (key, options) => {
    ranges.push(options?.range);
    return stored.get(key, options);
  };
  const variants = { ...stored, get };
  const its = await createTestService({
    originals,
    variants,
    renderer,
    config: { memoryBytes },
    sendingBytes: 300_000,
  });
  return { ...its, drawn, ranges };
}

describe('a variant', () => {
  it.each([
    ['memory', 10_000_000],
    ['the store', 1_000],
  ])('from %s is sent in the part that is asked for', async (_, memoryBytes) => {
    const { ask, drawn, service } = await largePicture({ memoryBytes });
    const whole = await told(ask, '/w_8/cat.jpg', {});
    await service.variants.settled();
    expect([whole.status, whole.headers.get('accept-ranges')]).toEqual([200, 'bytes']);
    const part = await told(ask, '/w_8/cat.jpg', { range: 'bytes=150000-150999' });
    expect(part).toMatchObject({ status: 206, range: 'bytes 150000-150999/200000', length: '1000' });
    expect(part.body.equals(drawn.subarray(150_000, 151_000))).toBe(true);
    for (const name of ['etag', 'last-modified', 'content-type', 'cache-control', 'content-disposition', 'vary']) {
      expect([name, part.headers.get(name)]).toEqual([name, whole.headers.get(name)]);
    }
    expect(await told(ask, '/w_8/cat.jpg', { range: 'bytes=200000-' })).toMatchObject({
      status: 416,
      range: 'bytes */200000',
    });
    expect(await told(ask, '/w_8/cat.jpg', { range: 'bytes=0-1,3-4' })).toMatchObject({ status: 200, range: null });
  });

  it('for which there is no room is read from the store in that part alone', async () => {
    const { ask, drawn, ranges, service } = await largePicture({ memoryBytes: 1_000 });
    await told(ask, '/w_8/cat.jpg', {});
    await service.variants.settled();
    const signal = new AbortController().signal;
    // Somebody who does not read has the room.
    const transform = resolveTarget('/w_9/cat.jpg');
    const found = await service.variants.identify([{ key: 'cat.jpg', transform }], { signal, readAhead: false });
    if (found.kind !== 'variant') throw new Error('a candidate with a transform is a variant');
    await service.variants.deliver(found, { signal, client: () => 'slow', onHeld: () => undefined });
    ranges.length = 0;
    const part = await told(ask, '/w_8/cat.jpg', { range: 'bytes=-10' });
    expect([part.status, part.body.equals(drawn.subarray(199_990))]).toEqual([206, true]);
    expect(ranges.at(-1)).toEqual({ start: 199_990, end: 200_000 });
  });

  it('that stands for a missing one has parts too, and a refusal of one is kept by nobody', async () => {
    const { ask } = await largePicture();
    const part = await told(ask, '/d_cat.jpg,w_8/none.jpg', { range: 'bytes=0-9' });
    expect([part.status, part.headers.get('cache-control')]).toEqual([206, 'public, max-age=60']);
    const none = await told(ask, '/d_cat.jpg,w_8/none.jpg', { range: 'bytes=900000-' });
    expect([none.status, none.headers.get('cache-control')]).toEqual([416, 'no-store']);
  });
});

describe('over a socket', () => {
  it('a part of a variant and one of an original have exactly the bytes that they announce', async () => {
    const { service } = await serviceOn(createMemoryStore());
    const server = await listen(service.app, { port: 0, host: '127.0.0.1' });
    for (const path of ['/cat.png', '/w_8/cat.png']) {
      const whole = Buffer.from(await (await fetch(server.url + path)).arrayBuffer());
      for (const [range, start, end] of [
        ['bytes=3-9', 3, 10],
        ['bytes=-7', whole.byteLength - 7, whole.byteLength],
      ] as const) {
        const response = await fetch(server.url + path, { headers: { range } });
        const body = Buffer.from(await response.arrayBuffer());
        expect([response.status, response.headers.get('content-length')]).toEqual([206, `${end - start}`]);
        expect(body.equals(whole.subarray(start, end))).toBe(true);
      }
    }
    await server.close();
  });
});

describe('conditions on a part', () => {
  it.each(['/cat.png', '/w_8/cat.png'])(
    'of %s: the tag decides whether the part or the whole is sent',
    async (path) => {
      const { ask } = await serviceOn(createMemoryStore());
      const etag = (await told(ask, path, {})).headers.get('etag') ?? '';
      const statusFor = async (ifRange: string) =>
        (await told(ask, path, { range: 'bytes=1-2', 'if-range': ifRange })).status;
      expect(await statusFor(etag)).toBe(206);
      for (const other of [
        `W/${etag}`,
        '"other"',
        etag.slice(1),
        '*',
        '',
        'Tue, 01 Sep 2026 10:00:00 GMT',
        'yesterday',
      ]) {
        expect([other, await statusFor(other)]).toEqual([other, 200]);
      }
      const past = await told(ask, path, { range: 'bytes=99999999-', 'if-range': '"other"' });
      expect(past.status).toBe(200);
    },
  );

  it('the exact date names an original, and no variant, which another build draws otherwise at the same date', async () => {
    const { ask } = await serviceOn(createMemoryStore());
    const date = (await told(ask, '/cat.png', {})).headers.get('last-modified') ?? '';
    const statusFor = async (path: string, ifRange: string) =>
      (await told(ask, path, { range: 'bytes=1-2', 'if-range': ifRange })).status;
    expect(await statusFor('/cat.png', date)).toBe(206);
    expect(await statusFor('/cat.png', new Date(Date.parse(date) + 1000).toUTCString())).toBe(200);
    expect(await statusFor('/cat.png', new Date(Date.parse(date)).toISOString())).toBe(200);
    expect(await statusFor('/w_8/cat.png', date)).toBe(200);
  });

  it.each(['/cat.png', '/w_8/cat.png'])(
    'If-Match and If-Unmodified-Since refuse %s when it is not known to be the same',
    async (path) => {
      const { ask } = await serviceOn(createMemoryStore());
      const { headers } = await told(ask, path, {});
      const [etag, date] = [headers.get('etag') ?? '', headers.get('last-modified') ?? ''];
      const before = new Date(Date.parse(date) - 5000).toUTCString();
      for (const [condition, status] of [
        [{ 'if-match': etag }, 206],
        [{ 'if-match': `"x", ${etag}` }, 206],
        [{ 'if-match': '*' }, 206],
        [{ 'if-match': '"x"' }, 412],
        [{ 'if-match': `W/${etag}` }, 412],
        [{ 'if-match': etag, 'if-unmodified-since': before }, 206],
        // The date of a variant is its original's, and names no bytes of it.
        [{ 'if-unmodified-since': date }, path === '/cat.png' ? 206 : 412],
        [{ 'if-unmodified-since': before }, 412],
        [{ 'if-unmodified-since': 'yesterday' }, 206],
      ] as const) {
        const answer = await told(ask, path, { range: 'bytes=1-2', ...condition });
        expect([condition, answer.status]).toEqual([condition, status]);
        if (status === 412) expect(answer.headers.get('cache-control')).toBe('no-store');
      }
    },
  );

  it('a matching If-None-Match is 304 whatever part is asked for, and HEAD knows no parts', async () => {
    const { ask } = await serviceOn(createMemoryStore());
    for (const path of ['/cat.png', '/w_8/cat.png']) {
      const whole = await told(ask, path, {});
      const etag = whole.headers.get('etag') ?? '';
      expect((await told(ask, path, { range: 'bytes=1-2', 'if-none-match': etag })).status).toBe(304);
      for (const range of ['bytes=1-2', 'bytes=99999999-']) {
        const head = await told(ask, path, { range }, 'HEAD');
        expect(head).toMatchObject({ status: 200, range: null, length: whole.length });
      }
    }
  });
});

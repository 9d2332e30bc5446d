import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { openCdn } from '../../src/cdn/index.ts';
import type { ObjectStore } from '../../src/storage/index.ts';
import { cacheTag } from '../../src/variants/index.ts';
import { markKey } from '../../src/variants/purge/stored-log.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createRecordingCdn } from '../support/recording-cdn.ts';
import { createPixelFreeService, type TestService } from '../support/test-service.ts';
import { keysIn } from '../support/uploads.ts';

const adminToken = 'an admin token of the tests';
const signal = new AbortController().signal;

async function house(keys: readonly string[], parts: Parameters<typeof createPixelFreeService>[0] = {}) {
  const originals = createMemoryStore();
  for (const key of keys) await originals.put(key, Buffer.from(`the picture ${key}`));
  const variants = createMemoryStore();
  const cdn = createRecordingCdn();
  const environment = { FOVEA_ADMIN_TOKEN: adminToken };
  const built = await createPixelFreeService({ originals, variants, cdn, environment, ...parts });
  async function fill(paths: readonly string[]) {
    for (const path of paths) expect((await built.ask(path)).status).toBe(200);
    await built.service.variants.settled();
  }
  const purge = (body: unknown, headers: Record<string, string> = { Authorization: `Bearer ${adminToken}` }) =>
    built.ask('/-/purge', { method: 'POST', headers, body: JSON.stringify(body) });
  return { originals, variants, cdn, fill, purge, ...built };
}

const cacheStatus = (response: Response) => response.headers.get('cache-status');

describe('a purge by key', () => {
  it('drops what memory and the store hold of an original, and of no other', async () => {
    const { ask, variants, fill, purge } = await house(['cat.jpg', 'cat.jpg/2.jpg']);
    await fill(['/w_1/cat.jpg', '/w_2/cat.jpg', '/w_1/cat.jpg/2.jpg']);
    const answer = await purge({ keys: ['cat.jpg'] });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ dryRun: false, originals: 1, variantsDeleted: 2, memoryEvicted: 2 });
    expect(await keysIn(variants)).toEqual([expect.stringMatching(/^cat\.jpg\/2\.jpg\//)]);
    expect(cacheStatus(await ask('/w_1/cat.jpg/2.jpg'))).toContain('memory');
    expect(cacheStatus(await ask('/w_1/cat.jpg'))).toContain('fwd=miss');
  });

  it('reaches the CDN by tag, after memory and the store have forgotten', async () => {
    const { ask, variants, cdn, fill, purge, originals } = await house(['cat.jpg']);
    await fill(['/w_1/cat.jpg']);
    await originals.put('cat.jpg', Buffer.from('another cat'));
    const seen: unknown[] = [];
    cdn.onCall = async () => {
      seen.push(await keysIn(variants), cacheStatus(await ask('/w_1/cat.jpg')));
    };
    const answer = await purge({ keys: ['cat.jpg'] });
    const id = answer.headers.get('x-request-id');
    expect(seen).toEqual([[], expect.stringContaining('fwd=miss')]);
    expect(cdn.calls).toEqual([{ tags: [cacheTag('cat.jpg')], reference: id }]);
    expect(await answer.json()).toMatchObject({ id, edge: [{ provider: 'varnish', id: '1', status: 'purged' }] });
  });

  it('tells the CDN of 2,500 originals in three calls', async () => {
    const keys = Array.from({ length: 2500 }, (_, index) => `${index}.jpg`);
    const { cdn, purge } = await house(keys);
    expect(await (await purge({ keys })).json()).toMatchObject({ originals: 2500 });
    expect(cdn.calls.map(({ tags }) => tags.length)).toEqual([1000, 1000, 500]);
  });

  it('counts originals that are there, or of which something was kept, and tells the CDN of all that were named', async () => {
    const { originals, cdn, fill, purge } = await house(['kept.jpg', 'plain.jpg']);
    await fill(['/w_1/kept.jpg']);
    await originals.delete(['kept.jpg']);
    const keys = ['kept.jpg', 'plain.jpg', 'nope.jpg', '.fovea-fetch/https/host/a.jpg'];
    expect(await (await purge({ keys })).json()).toMatchObject({ originals: 2, variantsDeleted: 1 });
    expect(cdn.calls).toMatchObject([{ tags: keys.map(cacheTag) }]);
  });

  it('does not need the store of originals: what that cannot tell is counted', async () => {
    const originals = createFaultyStore(createMemoryStore());
    const { cdn, purge } = await house([], { originals });
    originals.failOnce('head', { kind: 'upstream' });
    expect(await (await purge({ keys: ['cat.jpg'] })).json()).toMatchObject({ originals: 1 });
    expect(cdn.calls).toHaveLength(1);
  });

  it('is answered with the failure of a store or CDN that fails, and may be repeated', async () => {
    const variants = createFaultyStore(createMemoryStore());
    const { cdn, fill, purge } = await house(['cat.jpg'], { variants });
    await fill(['/w_1/cat.jpg']);
    variants.failOnce('delete', { kind: 'upstream' });
    expect((await purge({ keys: ['cat.jpg'] })).status).toBe(502);
    expect(cdn.calls).toHaveLength(0);
    expect(await (await purge({ keys: ['cat.jpg'] })).json()).toMatchObject({ variantsDeleted: 1 });
    expect(cdn.calls).toHaveLength(1);
  });

  it('deletes 5,000 variants of one original in batches of 1,000, in one walk', async () => {
    const store = createMemoryStore();
    const deletes: number[] = [];
    const lists: string[] = [];
    const variants: ObjectStore = {
      ...store,
      delete: async (keys, options) => {
        deletes.push(keys.length);
        await store.delete(keys, options);
      },
      list: (prefix, options) => {
        lists.push(prefix);
        return store.list(prefix, options);
      },
    };
    for (let index = 0; index < 5000; index += 1) await store.put(`cat.jpg/.fovea/w_${index}`, Buffer.from('x'));
    await store.put('cat.jpg.png/.fovea/w_1', Buffer.from('x'));
    const { purge } = await house(['cat.jpg'], { variants });
    expect(await (await purge({ keys: ['cat.jpg'] })).json()).toMatchObject({ variantsDeleted: 5000 });
    expect([deletes, lists]).toEqual([[1000, 1000, 1000, 1000, 1000], ['cat.jpg/.fovea/']]);
    expect(await keysIn(store)).toEqual(['cat.jpg.png/.fovea/w_1']);
  });
});

describe('a purge of 1,001 originals', () => {
  const many = Array.from({ length: 1001 }, (_, index) => `a/${index}.jpg`);

  it.each([
    ['keys', { keys: many }, ['deleted', 'told', 'edge', 'deleted', 'told', 'edge']],
    // A batch of variants is deleted before it is known that an original has no more of them.
    ['prefix', { prefixes: ['a/'] }, ['deleted', 'told', 'edge', 'told', 'edge']],
    ['tags', { tags: many.map(cacheTag) }, ['deleted', 'told', 'edge', 'deleted', 'told', 'edge']],
  ])('by %s deletes, then tells the other processes, and only then the CDN', async (_names, request, order) => {
    const store = createMemoryStore();
    const steps: string[] = [];
    const note = (step: string) => void (steps.at(-1) === step || steps.push(step));
    const variants: ObjectStore = {
      ...store,
      async delete(keys, options) {
        await store.delete(keys, options);
        note('deleted');
      },
      async put(key, body, options) {
        if (key === markKey) note('told');
        return store.put(key, body, options);
      },
    };
    const { cdn, fill, purge } = await house(many, { variants });
    await fill(many.map((key) => `/w_1/${key}`));
    cdn.onCall = () => note('edge');
    expect(await (await purge(request)).json()).toMatchObject({ originals: 1001, variantsDeleted: 1001 });
    expect(steps).toEqual(order);
  });
});

describe('a purge by prefix', () => {
  const keys = ['a', 'a-b.jpg', 'a/1.jpg', 'a/2.jpg', 'ab/1.jpg', 'b/1.jpg'];

  it('drops everything made of originals whose keys begin so, and tells each tag once', async () => {
    const { variants, cdn, fill, purge, ask } = await house(keys);
    await fill(keys.flatMap((key) => [`/w_1/${key}`, `/w_2/${key}`]));
    const result = await (await purge({ prefixes: ['a/'] })).json();
    expect(result).toMatchObject({ originals: 2, variantsDeleted: 4, memoryEvicted: 4 });
    const left = new Set((await keysIn(variants)).map((key) => key.split('/.fovea/')[0]));
    expect(left).toEqual(new Set(['a', 'a-b.jpg', 'ab/1.jpg', 'b/1.jpg']));
    expect(cdn.calls.flatMap(({ tags }) => tags).sort()).toEqual([cacheTag('a/1.jpg'), cacheTag('a/2.jpg')].sort());
    expect(cacheStatus(await ask('/w_1/a'))).toContain('memory');
    expect(cacheStatus(await ask('/w_1/a/1.jpg'))).toContain('fwd=miss');
  });

  it('reaches originals that were only ever served as they are, and variants whose original is gone', async () => {
    const { originals, cdn, fill, purge } = await house(['a/1.jpg', 'a/gone.jpg']);
    await fill(['/a/1.jpg', '/w_1/a/gone.jpg']);
    await originals.delete(['a/gone.jpg']);
    expect(await (await purge({ prefixes: ['a/'] })).json()).toMatchObject({ originals: 2, variantsDeleted: 1 });
    expect(cdn.calls.flatMap(({ tags }) => tags).sort()).toEqual([cacheTag('a/1.jpg'), cacheTag('a/gone.jpg')].sort());
  });

  it('tells the CDN a thousand tags at a time, however many originals there are', async () => {
    const many = Array.from({ length: 2100 }, (_, index) => `a/${index}.jpg`);
    const { cdn, purge } = await house(many);
    expect(await (await purge({ prefixes: ['a/'] })).json()).toMatchObject({ originals: 2100 });
    expect(cdn.calls.map(({ tags }) => tags.length)).toEqual([1000, 1000, 100]);
  });
});

describe('a purge by tag', () => {
  it('finds the original in the store of variants of another process, and purges its tag even when nothing is kept', async () => {
    const first = await house(['a.jpg', 'b.jpg']);
    await first.fill(['/w_1/a.jpg', '/w_1/b.jpg']);
    const { variants, originals } = first;
    const { cdn, purge } = await house([], { variants, originals });
    const unknown = cacheTag('unknown.jpg');
    const result = await (await purge({ tags: [cacheTag('b.jpg'), unknown] })).json();
    expect(result).toMatchObject({ originals: 1, variantsDeleted: 1 });
    expect(await keysIn(variants)).toEqual([expect.stringMatching(/^a\.jpg/)]);
    expect(cdn.calls.flatMap(({ tags }) => tags)).toEqual([cacheTag('b.jpg'), unknown]);
  });

  it('finds what only memory knows', async () => {
    const { ask, fill, purge } = await house(['a.jpg'], { variants: undefined });
    await fill(['/w_1/a.jpg']);
    expect(await (await purge({ tags: [cacheTag('a.jpg')] })).json()).toMatchObject({ originals: 1, memoryEvicted: 1 });
    expect(cacheStatus(await ask('/w_1/a.jpg'))).toContain('fwd=miss');
  });
});

describe('a purge by URL', () => {
  it.each([
    'https://img.example.com/w_7,h_7/v3/a/cat.jpg?_a=B#top',
    '/image/upload/c_fill,w_9/a/cat.jpg',
    '/a/cat.jpg',
  ])('%s drops everything of the original behind it', async (url) => {
    const { variants, cdn, fill, purge } = await house(['a/cat.jpg']);
    await fill(['/w_1/a/cat.jpg', '/w_2/a/cat.jpg']);
    expect(await (await purge({ urls: [url] })).json()).toMatchObject({ originals: 1, variantsDeleted: 2 });
    expect(await keysIn(variants)).toEqual([]);
    expect(cdn.calls.flatMap(({ tags }) => tags)).toContain(cacheTag('a/cat.jpg'));
  });

  it('without an extension reaches whichever original it may mean', async () => {
    const { variants, fill, purge } = await house(['cat.png']);
    await fill(['/w_1/cat']);
    expect(await (await purge({ urls: ['/w_1/cat'] })).json()).toMatchObject({ originals: 1, variantsDeleted: 1 });
    expect(await keysIn(variants)).toEqual([]);
  });

  it('reaches whatever may have answered it before its own original was there, and nothing else', async () => {
    const { originals, variants, fill, purge } = await house(['cat.png', 'cat.webp', 'cat.jpg.png', 'cats.jpg'], {
      config: { originalTtlMs: 0, adminToken },
    });
    await fill(['/w_1/cat.jpg', '/w_1/cat.jpg.png', '/w_1/cats.jpg']);
    await originals.put('cat.jpg', Buffer.from('the picture itself'));
    await fill(['/w_1/cat.jpg']);
    const result = await (await purge({ urls: ['/w_1/cat.jpg'] })).json();
    expect(result).toMatchObject({ originals: 3, variantsDeleted: 2 });
    expect((await keysIn(variants)).map((key) => key.split('/.fovea/')[0])).toEqual(['cat.jpg.png', 'cats.jpg']);
  });

  it('of an original that nothing was made of counts it', async () => {
    const { cdn, purge } = await house(['a/cat.jpg']);
    expect(await (await purge({ urls: ['/a/cat.jpg'] })).json()).toMatchObject({ originals: 1, variantsDeleted: 0 });
    expect(await (await purge({ urls: ['/a/dog.jpg'] })).json()).toMatchObject({ originals: 0 });
    expect(cdn.calls.flatMap(({ tags }) => tags)).toContain(cacheTag('a/cat.jpg'));
  });

  it('works as the method PURGE of the URL itself, for the administrator only', async () => {
    const { ask, variants, fill } = await house(['cat.jpg']);
    await fill(['/w_1/cat.jpg', '/w_2/cat.jpg']);
    expect((await ask('/w_1/cat.jpg', { method: 'PURGE' })).status).toBe(401);
    expect((await ask('/w_1/cat.jpg', { method: 'PURGE', headers: { Authorization: 'Bearer wrong' } })).status).toBe(
      401,
    );
    expect(await keysIn(variants)).toHaveLength(2);
    const headers = { Authorization: `Bearer ${adminToken}` };
    const answer = await ask('/w_1/cat.jpg', { method: 'PURGE', headers });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(await keysIn(variants)).toEqual([]);
    expect((await ask('/-/purge', { method: 'PURGE', headers })).status).toBe(405);
  });
});

describe('a dry run', () => {
  it.each([{ keys: ['cat.jpg'] }, { prefixes: ['c'] }, { tags: [cacheTag('cat.jpg')] }, { urls: ['/w_1/cat.jpg'] }])(
    'of %j counts, and changes nothing',
    async (request) => {
      const { ask, variants, cdn, fill, purge, renderer } = await house(['cat.jpg']);
      await fill(['/w_1/cat.jpg', '/w_2/cat.jpg']);
      const before = await keysIn(variants);
      const result = await (await purge({ ...request, dryRun: true })).json();
      expect(result).toMatchObject({ dryRun: true, originals: 1, variantsDeleted: 2, memoryEvicted: 2, edge: [] });
      expect(await keysIn(variants)).toEqual(before);
      expect(cdn.calls).toEqual([]);
      expect(cacheStatus(await ask('/w_1/cat.jpg'))).toContain('memory');
      expect(renderer.renders).toHaveLength(2);
    },
  );
});

describe('a request to purge', () => {
  it.each([
    [{}, /names nothing/],
    [{ keys: [] }, /names nothing/],
    [{ keys: [''] }, /keys\.0/],
    [{ keys: 'cat.jpg' }, /keys/],
    [{ key: ['cat.jpg'] }, /key/],
    [{ tags: ['everything'] }, /Not a tag/],
    [{ urls: ['/a//b'] }, /empty segment/],
    [{ keys: ['cat.jpg'], dryRun: 'yes' }, /dryRun/],
    ['cat.jpg', /expected/],
  ])('of %j is refused, with what was expected', async (body, complaint) => {
    const { purge, cdn } = await house(['cat.jpg']);
    const answer = await purge(body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ detail: expect.stringMatching(complaint) });
    expect(cdn.calls).toEqual([]);
  });

  it('is for the administrator only, and refused before its body is read', async () => {
    const { ask, purge } = await house([]);
    expect((await purge({ keys: ['a'] }, {})).status).toBe(401);
    expect((await purge({ keys: ['a'] }, { Authorization: 'Bearer nobody' })).status).toBe(401);
    expect((await ask('/-/purge')).status).toBe(405);
  });

  it('over 1 MB is refused', async () => {
    const { purge } = await house([]);
    expect((await purge({ keys: ['x'.repeat(1024 * 1024)] })).status).toBe(413);
  });

  it('of what no original can be called is refused', async () => {
    const { purge } = await house([]);
    for (const names of [{ keys: ['a\0b'] }, { prefixes: ['\0'] }, { keys: ['a\nb'] }, { keys: ['\ud800'] }]) {
      expect((await purge(names)).status).toBe(400);
    }
    for (const url of ['/a%00b.jpg', '/%ff', 'nonsense\0']) expect((await purge({ urls: [url] })).status).toBe(400);
  });

  it('that is no JSON is refused', async () => {
    const { ask } = await house([]);
    const headers = { Authorization: `Bearer ${adminToken}` };
    const broken = await ask('/-/purge', { method: 'POST', headers, body: '{' });
    expect([broken.status, await broken.text()]).toEqual([400, expect.stringContaining('expected {keys?, prefixes?')]);
  });
});

describe('the second purge of the CDN', () => {
  it('comes when every instance must have noticed, under a reference of its own', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { cdn, purge } = await house(['cat.jpg'], { config: { originalTtlMs: 60_000, adminToken } });
      const purged = purge({ keys: ['cat.jpg'] });
      await vi.advanceTimersByTimeAsync(200);
      const id = (await purged).headers.get('x-request-id');
      await vi.advanceTimersByTimeAsync(60_000);
      expect(cdn.calls).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(1000);
      const tags = [cacheTag('cat.jpg')];
      expect(cdn.calls).toEqual([
        { tags, reference: id },
        { tags, reference: `${id} again` },
      ]);
      await vi.advanceTimersByTimeAsync(600_000);
      expect(cdn.calls).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is not lost at shutdown', async () => {
    const { cdn, purge, service } = await house(['cat.jpg']);
    await purge({ keys: ['cat.jpg'] });
    expect(cdn.calls).toHaveLength(1);
    await service.close();
    expect(cdn.calls).toHaveLength(2);
  });

  it.each([
    ['waits for its time', 0],
    ['is under way', 61_000],
  ])('that %s does not hold the end of the process longer than 15 s, though the CDN is gone', async (_, passedMs) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { cdn, purge, service } = await house(['cat.jpg'], { config: { originalTtlMs: 60_000, adminToken } });
      const purged = purge({ keys: ['cat.jpg'] });
      await vi.advanceTimersByTimeAsync(200);
      await purged;
      cdn.onCall = () => new Promise(() => undefined);
      await vi.advanceTimersByTimeAsync(passedMs);
      let isClosed = false;
      const closed = service.close().then(() => {
        isClosed = true;
      });
      await vi.advanceTimersByTimeAsync(14_900);
      expect([cdn.calls.length, isClosed]).toEqual([2, false]);
      await vi.advanceTimersByTimeAsync(100);
      await closed;
    } finally {
      vi.useRealTimers();
    }
  });

  it('comes even when the first one failed', async () => {
    const { cdn, purge, service } = await house(['cat.jpg']);
    cdn.onCall = () => {
      throw new Error('not now');
    };
    expect((await purge({ keys: ['cat.jpg'] })).status).toBe(500);
    cdn.onCall = () => undefined;
    await service.close();
    expect(cdn.calls).toHaveLength(2);
  });

  it('does not come without a CDN or after a dry run', async () => {
    const { cdn, purge, service } = await house(['cat.jpg']);
    await purge({ keys: ['cat.jpg'], dryRun: true });
    await service.variants.purge({ keys: ['cat.jpg'], dryRun: true }, { signal });
    await service.close();
    expect(cdn.calls).toEqual([]);
  });
});

describe('a purge at one process', () => {
  /** Two processes on the same stores, both of which hold every picture asked for. */
  async function twoHouses(parts: Parameters<typeof createPixelFreeService>[0] = {}) {
    const one = await house(['cats/tom.jpg', 'dogs/rex.jpg'], parts);
    const { originals, variants } = one;
    const environment = { FOVEA_ADMIN_TOKEN: adminToken };
    const other = await createPixelFreeService({ originals, variants, environment, ...parts });
    for (const { ask } of [one, other]) {
      for (const key of ['cats/tom.jpg', 'dogs/rex.jpg']) expect((await ask(`/w_1/${key}`)).status).toBe(200);
      expect((await ask('/w_1/cats/new.jpg')).status).toBe(404);
    }
    await one.service.variants.settled();
    const overwrite = (key: string) => originals.put(key, Buffer.from(`another ${key}`));
    return { one, other, overwrite };
  }
  const pictureAt = async (ask: TestService['ask'], path: string) => (await (await ask(path)).text()).slice(0, 64);
  const shows = (text: string) => createHash('sha256').update(text).digest('hex');
  /** Promised: within a second; the rest is room for a busy machine. */
  const soon = { timeout: 30_000, interval: 20 };

  it.each([
    ['key', { keys: ['cats/tom.jpg'] }],
    ['prefix', { prefixes: ['cats/'] }],
    ['URL', { urls: ['https://img.example/w_1/cats/tom.jpg'] }],
    ['tag', { tags: [cacheTag('cats/tom.jpg')] }],
  ])('by %s ends what another holds in memory, though it believes for a minute what it knows', async (_, body) => {
    const { one, other, overwrite } = await twoHouses();
    for (const key of ['cats/tom.jpg', 'dogs/rex.jpg']) await overwrite(key);
    expect((await one.purge(body)).status).toBe(200);
    await expect.poll(() => pictureAt(other.ask, '/w_1/cats/tom.jpg'), soon).toBe(shows('another cats/tom.jpg'));
    // What was not purged is as it was.
    expect(await pictureAt(other.ask, '/w_1/dogs/rex.jpg')).toBe(shows('the picture dogs/rex.jpg'));
    expect(cacheStatus(await other.ask('/w_1/dogs/rex.jpg'))).toContain('memory');
  });

  it('ends the untouched original that another sends, and what is gone is gone there too', async () => {
    const { one, other, overwrite } = await twoHouses();
    const [before, gone] = [await other.ask('/cats/tom.jpg'), await other.ask('/dogs/rex.jpg')];
    expect([before.status, gone.status]).toEqual([200, 200]);
    await overwrite('cats/tom.jpg');
    await one.originals.delete(['dogs/rex.jpg']);
    await one.purge({ keys: ['cats/tom.jpg', 'dogs/rex.jpg'] });
    await expect.poll(async () => (await other.ask('/dogs/rex.jpg')).status, soon).toBe(404);
    expect((await other.ask('/w_1/dogs/rex.jpg')).status).toBe(404);
    expect(await (await other.ask('/cats/tom.jpg')).text()).toBe('another cats/tom.jpg');
  });

  it('that another hears of while it looks a picture up counts for that answer', async () => {
    const variants = createFaultyStore(createMemoryStore());
    const { one, overwrite } = await twoHouses({ variants });
    const fresh = await createPixelFreeService({ originals: one.originals, variants });
    // What it remembers from then on is believed only when it has heard.
    const known = [(await fresh.ask('/w_2/cats/tom.jpg')).status, (await fresh.ask('/w_2/cats/new.jpg')).status];
    expect(known).toEqual([200, 404]);
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    variants.fail('head', { kind: 'delayed', gate }, (key) => key.startsWith('.fovea-purges/'));
    variants.forgetCalls();
    const [old, absent] = [pictureAt(fresh.ask, '/w_1/cats/tom.jpg'), fresh.ask('/w_1/cats/new.jpg')];
    await expect.poll(() => variants.count('head')).toBe(1);
    await nextTurn();
    for (const key of ['cats/tom.jpg', 'cats/new.jpg']) await overwrite(key);
    await one.service.variants.purge({ prefixes: ['cats/'] }, { signal });
    open();
    expect(await old).toBe(shows('another cats/tom.jpg'));
    expect((await absent).status).toBe(200);
  });

  it('of a picture that is new ends its absence everywhere', async () => {
    const { one, other, overwrite } = await twoHouses();
    await overwrite('cats/new.jpg');
    expect((await other.ask('/w_1/cats/new.jpg')).status).toBe(404);
    await one.service.variants.purgeIfKnown('cats/new.jpg', { signal });
    await expect.poll(async () => (await other.ask('/w_1/cats/new.jpg')).status, soon).toBe(200);
  });

  it('that only counts is told to nobody', async () => {
    const { one, other, overwrite } = await twoHouses();
    await overwrite('cats/tom.jpg');
    expect((await one.purge({ keys: ['cats/tom.jpg'], dryRun: true })).status).toBe(200);
    for await (const { key } of one.variants.list('')) expect(key).not.toMatch(/^\.fovea-purges/);
    expect(cacheStatus(await other.ask('/w_1/cats/tom.jpg'))).toContain('memory');
  });

  it('fails when the others cannot be told, and may be repeated', async () => {
    const variants = createFaultyStore(createMemoryStore());
    const { one, other, overwrite } = await twoHouses({ variants });
    await overwrite('cats/tom.jpg');
    variants.failOnce('put', { kind: 'upstream' }, (key) => key.startsWith('.fovea-purges/'));
    expect((await one.purge({ keys: ['cats/tom.jpg'] })).status).toBe(502);
    expect((await one.purge({ keys: ['cats/tom.jpg'] })).status).toBe(200);
    await expect.poll(() => pictureAt(other.ask, '/w_1/cats/tom.jpg'), soon).toBe(shows('another cats/tom.jpg'));
  });
});

describe('an event that an original was overwritten, in a process that never served it', () => {
  /** What the event comes to at the CDN. */
  async function overwritten(key: string, { variants, originals }: Record<'variants' | 'originals', ObjectStore>) {
    const worker = await house([], { variants, originals });
    await originals.put(key, Buffer.from(`another ${key}`));
    await worker.service.variants.purgeIfKnown(key, { signal });
    return worker.cdn.calls.flatMap(({ tags }) => tags);
  }

  it('purges the copies at the edge of one that was only ever served untouched, and of no new one', async () => {
    const server = await house(['served.jpg', 'new.jpg', 'drawn.jpg']);
    await server.fill(['/served.jpg', '/served.jpg', '/w_1/drawn.jpg']);
    expect(await overwritten('served.jpg', server)).toEqual([cacheTag('served.jpg')]);
    expect(await overwritten('drawn.jpg', server)).toEqual([cacheTag('drawn.jpg')]);
    expect(await overwritten('new.jpg', server)).toEqual([]);
  });

  it('purges them again after it was served again, and once only', async () => {
    const server = await house(['served.jpg']);
    for (let round = 0; round < 2; round++) {
      await server.fill(['/served.jpg']);
      expect(await overwritten('served.jpg', server)).toEqual([cacheTag('served.jpg')]);
      expect(await overwritten('served.jpg', server)).toEqual([]);
      // As every process hears of another's purge.
      await server.service.variants.purge({ keys: ['served.jpg'] }, { signal });
    }
  });

  it('marks nothing where no CDN keeps copies, and what is marked counts as no variant', async () => {
    const alone = await house(['cat.jpg'], { cdn: await openCdn('none') });
    await alone.fill(['/cat.jpg']);
    expect(await keysIn(alone.variants)).toEqual([]);
    const server = await house(['cat.jpg']);
    await server.fill(['/cat.jpg']);
    expect(await (await server.purge({ keys: ['cat.jpg'] })).json()).toMatchObject({
      originals: 1,
      variantsDeleted: 0,
    });
    expect(await keysIn(server.variants)).toEqual([]);
  });

  it('costs an answer nothing where the mark cannot be written', async () => {
    const variants = createFaultyStore(createMemoryStore());
    const server = await house(['cat.jpg'], { variants });
    variants.failOnce('put', { kind: 'upstream' }, (key) => key.startsWith('cat.jpg/'));
    await server.fill(['/cat.jpg']);
    expect(await keysIn(variants)).toEqual([]);
    expect(server.telemetry.events).toContainEqual(
      expect.objectContaining({ type: 'tier-fault', tier: 'variants', operation: 'put' }),
    );
  });
});

import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../src/storage/index.ts';
import { readKeySet } from '../../src/variants/collect/key-set.ts';
import { type CollectOptions, type CollectProgress, cacheTag } from '../../src/variants/index.ts';
import { createAgeingStore } from '../support/ageing-store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPausingStore } from '../support/pausing-store.ts';
import { createRecordingCdn } from '../support/recording-cdn.ts';
import { createPixelFreeService } from '../support/test-service.ts';
import { keysIn } from '../support/uploads.ts';

const hour = 3_600_000;
const carefully: CollectOptions = { minAgeMs: hour, maxShare: 1, dryRun: false, signal: new AbortController().signal };

async function house() {
  const originals = createAgeingStore(createPausingStore(createMemoryStore()));
  const variants = createAgeingStore(createMemoryStore());
  const cdn = createRecordingCdn();
  const { service, ask } = await createPixelFreeService({ originals, variants, cdn });
  const fill = async (store: ObjectStore, keys: readonly string[]) => {
    for (const key of keys) await store.put(key, Buffer.from(key));
  };
  return { originals, variants, cdn, fill, service, ask };
}

/** The last report, which is the result. */
async function result(reports: AsyncIterable<CollectProgress>): Promise<CollectProgress | undefined> {
  let last: CollectProgress | undefined;
  for await (last of reports);
  return last;
}

const numbered = (count: number, suffix = '') => Array.from({ length: count }, (_, index) => `${index}.jpg${suffix}`);

describe('the collection of variants', () => {
  it('deletes those whose original is gone, and no other', async () => {
    const { originals, variants, fill, service } = await house();
    await fill(originals, ['a', 'a/b']);
    await fill(variants, ['a/.fovea/w_1', 'a/.fovea/w_2', 'a/b/.fovea/w_1', 'a/c/.fovea/w_1', 'z/.fovea/w_1', 'other']);
    await variants.age(hour);
    const end = await result(service.variants.collectVariants(carefully));
    expect(end).toMatchObject({ phase: 'delete', scanned: 5, found: 2, deleted: 2, last: 'z/.fovea/w_1' });
    expect(await keysIn(variants)).toEqual(['a/.fovea/w_1', 'a/.fovea/w_2', 'a/b/.fovea/w_1', 'other']);
  });

  it('leaves what is younger than the minimum age', async () => {
    const { variants, fill, service } = await house();
    await fill(variants, ['old/.fovea/w_1']);
    await variants.age(hour);
    await fill(variants, ['young/.fovea/w_1']);
    expect(await result(service.variants.collectVariants(carefully))).toMatchObject({
      scanned: 2,
      found: 1,
      deleted: 1,
    });
    expect(await keysIn(variants)).toEqual(['young/.fovea/w_1']);
  });

  it('of a dry run finds, and changes nothing', async () => {
    const { variants, fill, service } = await house();
    await fill(variants, numbered(2500, '/.fovea/w_1'));
    await variants.age(hour);
    const reports: CollectProgress[] = [];
    for await (const report of service.variants.collectVariants({ ...carefully, dryRun: true })) reports.push(report);
    expect(reports.map(({ phase, scanned, deleted }) => [phase, scanned, deleted])).toEqual([
      ['survey', 1000, 0],
      ['survey', 2000, 0],
      ['survey', 2500, 0],
    ]);
    expect(await keysIn(variants)).toHaveLength(2500);
  });

  it('looks at an original again just before it deletes: what was uploaded meanwhile keeps its variants', async () => {
    const originals = createPausingStore(createMemoryStore());
    const variants = createAgeingStore(createMemoryStore());
    const { service } = await createPixelFreeService({ originals, variants });
    await variants.put('cat.jpg/.fovea/w_1', Buffer.from('x'));
    await variants.age(hour);
    // Its first look finds nothing, and while it holds that answer the original comes.
    const { reached, release } = originals.pauseNext('head');
    const end = result(service.variants.collectVariants({ ...carefully, force: true }));
    await reached;
    await originals.put('cat.jpg', Buffer.from('a cat'));
    release();
    expect(await end).toMatchObject({ found: 1, deleted: 0 });
    expect(await keysIn(variants)).toHaveLength(1);
  });

  it('goes on where it was told to', async () => {
    const { variants, fill, service } = await house();
    await fill(variants, ['a/.fovea/w_1', 'b/.fovea/w_1', 'c/.fovea/w_1']);
    await variants.age(hour);
    await result(service.variants.collectVariants({ ...carefully, startAfter: 'a/.fovea/w_1' }));
    expect(await keysIn(variants)).toEqual(['a/.fovea/w_1']);
  });

  it('needs a store of variants', async () => {
    const { service } = await createPixelFreeService({ variants: undefined });
    await expect(result(service.variants.collectVariants(carefully))).rejects.toMatchObject({ kind: 'invalid' });
  });
});

describe('the collection of originals', () => {
  it('deletes those that the list does not name, and everything made of them, at the edge too', async () => {
    const { originals, variants, cdn, service, ask, fill } = await house();
    await fill(originals, ['a.jpg', 'b.jpg', 'c.jpg', '.fovea/staging/1', 'a.jpg/.fovea/w_1']);
    for (const key of ['a.jpg', 'b.jpg', 'c.jpg']) await ask(`/w_1/${key}`);
    await service.variants.settled();
    await originals.age(hour);
    const end = await result(service.variants.collectOriginals(['a.jpg', '', 'c.jpg', 'not there'], carefully));
    expect(end).toMatchObject({ phase: 'delete', scanned: 3, found: 1, foundBytes: 5, deleted: 1 });
    expect(await keysIn(originals)).toEqual(['.fovea/staging/1', 'a.jpg', 'a.jpg/.fovea/w_1', 'c.jpg']);
    expect((await keysIn(variants)).map((key) => key.split('/')[0])).toEqual(['a.jpg', 'c.jpg']);
    expect(cdn.calls.flatMap(({ tags }) => tags)).toEqual([cacheTag('b.jpg')]);
    expect((await ask('/w_1/b.jpg')).status).toBe(404);
  });

  it('refuses more than the share it is allowed, before the first delete, unless it is forced', async () => {
    const { originals, fill, service } = await house();
    await fill(originals, numbered(1200));
    await originals.age(hour);
    const options = { ...carefully, maxShare: 0.1 };
    const refused = result(service.variants.collectOriginals(numbered(1000), options));
    await expect(refused).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringMatching(/200 of 1200 objects \(16\.7 %\): expected at most 10 %/),
    });
    expect(await keysIn(originals)).toHaveLength(1200);
    await result(service.variants.collectOriginals(numbered(1000), { ...options, force: true }));
    expect([...(await keysIn(originals))].sort()).toEqual(numbered(1000).sort());
  });

  it('refuses an empty list', async () => {
    const { originals, fill, service } = await house();
    await fill(originals, ['a.jpg']);
    await originals.age(hour);
    const refused = result(service.variants.collectOriginals([''], { ...carefully, force: true }));
    await expect(refused).rejects.toMatchObject({ kind: 'invalid' });
    expect(await keysIn(originals)).toEqual(['a.jpg']);
  });

  it('leaves an original that was overwritten since it was found', async () => {
    const pausing = createPausingStore(createMemoryStore());
    const originals = createAgeingStore(pausing);
    const { service } = await createPixelFreeService({ originals });
    await originals.put('cat.jpg', Buffer.from('a cat'));
    await originals.age(hour);
    const { reached, release } = pausing.pauseNext('head');
    const end = result(service.variants.collectOriginals(['dog.jpg'], { ...carefully, force: true }));
    await reached;
    await originals.put('cat.jpg', Buffer.from('a new cat'));
    release();
    expect(await end).toMatchObject({ found: 1, deleted: 0 });
    expect(await keysIn(originals)).toEqual(['cat.jpg']);
  });
});

describe('500 uploads while collections run all the time', () => {
  it('lose no living object, and all garbage goes', async () => {
    const { originals, variants, fill, service, ask } = await house();
    const garbage = numbered(300).map((key) => `garbage/${key}`);
    await fill(originals, garbage);
    await fill(
      variants,
      numbered(300, '/.fovea/w_9').map((key) => `gone/${key}`),
    );
    await originals.age(hour);
    await variants.age(hour);
    const uploads = numbered(500).map((key) => `new/${key}`);
    let uploading = true;
    let sweeps = 0;
    async function upload() {
      for (const [index, key] of uploads.entries()) {
        // However quick either of the two is, half of them come while a second collection runs.
        while (index === 250 && sweeps === 0) await nextTurn();
        await originals.put(key, Buffer.from(key), { onlyIfAbsent: true });
        await nextTurn();
        expect((await ask(`/w_1/${key}`)).status).toBe(200);
      }
      uploading = false;
    }
    async function sweep() {
      do {
        await result(service.variants.collectOriginals(['of somebody'], { ...carefully, force: true }));
        await result(service.variants.collectVariants({ ...carefully, force: true }));
        sweeps += 1;
        // The stores are in memory: without it one of the two would be over before the other had a turn.
        await nextTurn();
      } while (uploading);
    }
    await Promise.all([upload(), sweep()]);
    await service.variants.settled();
    expect(sweeps).toBeGreaterThan(1);
    expect([...(await keysIn(originals))].sort()).toEqual([...uploads].sort());
    const sources = (await keysIn(variants)).map((key) => key.split('/.fovea/')[0] ?? '');
    expect(sources.sort()).toEqual([...uploads].sort());
  });
});

describe('a set of keys', () => {
  it('knows those it was given, in any order and number, and no others', async () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `folder/${index}.jpg`);
    const set = await readKeySet(keys);
    expect(set.size).toBe(20_000);
    expect(keys.every(set.has)).toBe(true);
    expect(keys.filter((key) => set.has(`${key}x`))).toEqual([]);
  });
});

import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/failure.ts';
import { defaultGrammarOptions } from '../../src/grammar/index.ts';
import { transformsToWarm } from '../../src/variants/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService, type TestServiceParts } from '../support/test-service.ts';

// An AVIF that takes long is not waited for: a WebP stands in for it, and is soon asked for again.

const accept = { headers: { accept: 'image/avif,image/webp,*/*' } };
const isAvif = (text: string) => text.includes('auto:avif') || text.includes('f_avif');
const avif = 'c_fill,w_10/f_auto:avif';
const webp = 'c_fill,w_10/f_auto:webp';
const forAYear = 'public, max-age=31536000, immutable';

async function slowHouse(parts: Partial<TestServiceParts> = {}) {
  const originals = createMemoryStore();
  await originals.put('cat.jpg', randomBytes(1_000));
  const house = await createPixelFreeService({ originals, ...parts });
  house.renderer.slow(isAvif);
  const madeBehind = () => house.telemetry.events.filter(({ type }) => type === 'made-behind');
  return { ...house, madeBehind };
}

/** What it shows, how long it may be kept, and by what it is known. */
async function shown(response: Response) {
  const text = await response.text();
  const header = (name: string) => response.headers.get(name) ?? '';
  const format = /auto:(avif|webp)/.exec(text)?.[1] ?? text;
  return {
    status: response.status,
    format,
    keeping: header('cache-control'),
    vary: header('vary'),
    etag: header('etag'),
  };
}

describe('f_auto, where its AVIF takes long', () => {
  it('answers with a WebP for ten seconds, and with the AVIF for a year once that is there', async () => {
    const { ask, renderer, madeBehind } = await slowHouse();
    const first = await shown(await ask('/w_10,f_auto/cat.jpg', accept));
    expect(first).toMatchObject({ status: 200, format: 'webp', vary: 'Accept' });
    expect(first.keeping).toMatch(/^public, max-age=10\b/);
    expect(first.keeping).not.toContain('immutable');
    await expect.poll(madeBehind).toHaveLength(1);
    const second = await shown(await ask('/w_10,f_auto/cat.jpg', accept));
    expect(second).toMatchObject({ status: 200, format: 'avif', keeping: forAYear, vary: 'Accept' });
    expect(second.etag).not.toBe(first.etag);
    expect([...renderer.renders].sort()).toEqual([avif, webp].sort());
  });

  it('sends as a WebP what a client without AVIF gets, under its tag and from where it is kept', async () => {
    const { ask, renderer } = await slowHouse();
    const stoodIn = await shown(await ask('/w_10,f_auto/cat.jpg', accept));
    const own = await shown(await ask('/w_10,f_auto/cat.jpg', { headers: { accept: 'image/webp' } }));
    expect(own).toMatchObject({ format: 'webp', keeping: forAYear, etag: stoodIn.etag });
    expect(renderer.renders.filter((text) => text === webp)).toHaveLength(1);
  });

  it('draws it once for a crowd, who get the WebP meanwhile and 304 when they have that', async () => {
    const { ask, renderer, madeBehind } = await slowHouse();
    const { etag } = await shown(await ask('/w_10,f_auto/cat.jpg', accept));
    await expect.poll(madeBehind).toHaveLength(1);
    const other = await slowHouse();
    const release = other.renderer.hold();
    const crowd = Array.from({ length: 50 }, () => other.ask('/w_10,f_auto/cat.jpg', accept));
    await expect.poll(() => other.renderer.renders.length).toBeGreaterThan(0);
    release();
    const all = await Promise.all((await Promise.all(crowd)).map(shown));
    expect(new Set(all.map(({ format, status }) => `${status} ${format}`))).toEqual(new Set(['200 webp']));
    await expect.poll(other.madeBehind).toHaveLength(1);
    expect([...other.renderer.renders].sort()).toEqual([avif, webp].sort());
    // The AVIF is there: the tag of the WebP is out of date.
    const held = { headers: { ...accept.headers, 'if-none-match': etag } };
    expect((await ask('/w_10,f_auto/cat.jpg', held)).status).toBe(200);
    expect(renderer.renders).toHaveLength(2);
  });

  it('says 304 for ten seconds to who has the WebP, while the AVIF is being made', async () => {
    const { ask, renderer, madeBehind } = await slowHouse();
    const { etag } = await shown(await ask('/w_10,f_auto/cat.jpg', { headers: { accept: 'image/webp' } }));
    const release = renderer.hold();
    const held = { headers: { ...accept.headers, 'if-none-match': etag } };
    const unchanged = await shown(await ask('/w_10,f_auto/cat.jpg', held));
    expect(unchanged).toMatchObject({ status: 304, etag });
    expect(unchanged.keeping).toMatch(/^public, max-age=10\b/);
    release();
    await expect.poll(madeBehind).toHaveLength(1);
  });

  it('reads the AVIF that another instance has made, and waits for none that it makes', async () => {
    const originals = createMemoryStore();
    await originals.put('cat.jpg', randomBytes(1_000));
    const parts = {
      originals,
      variants: createMemoryStore(),
      environment: { FOVEA_INSTANCES: 'several', FOVEA_AVIF_WAIT_MS: '20' },
    };
    const [one, other] = [await slowHouse(parts), await slowHouse(parts)];
    const release = one.renderer.hold();
    // The lease of an AVIF that somebody waits for.
    const waiting = one.ask('/w_10,f_auto:avif/cat.jpg', { headers: { accept: 'image/avif' } });
    one.renderer.slow(() => false);
    await expect.poll(() => one.renderer.renders).toEqual([avif]);
    expect(await shown(await other.ask('/w_10,f_auto/cat.jpg', accept))).toMatchObject({ format: 'webp' });
    release();
    expect(await shown(await waiting)).toMatchObject({ format: 'avif' });
    await expect.poll(other.madeBehind).toHaveLength(1);
    expect(other.renderer.renders).toEqual([webp]);
    expect(await shown(await other.ask('/w_10,f_auto/cat.jpg', accept))).toMatchObject({
      format: 'avif',
      keeping: forAYear,
    });
  });

  it('goes on with the WebP where the AVIF comes to nothing, without trying it each time', async () => {
    const { ask, renderer, madeBehind } = await slowHouse();
    await ask('/w_10,f_auto/cat.jpg', { headers: { accept: 'image/webp' } });
    renderer.failWith(new Failure('timeout', 'too slow'));
    for (const _ of [1, 2, 3]) {
      expect(await shown(await ask('/w_10,f_auto/cat.jpg', accept))).toMatchObject({ status: 200, format: 'webp' });
      await expect.poll(madeBehind).toEqual([{ type: 'made-behind', outcome: 'failed' }]);
    }
    expect(renderer.renders.filter((text) => text === avif)).toHaveLength(1);
  });

  it('tries it again as soon as the failure says, where the machine was at fault', async () => {
    const { ask, renderer } = await slowHouse();
    await ask('/w_10,f_auto/cat.jpg', { headers: { accept: 'image/webp' } });
    renderer.failWith(new Failure('timeout', 'busy', { retryAfterSeconds: 0.05 }));
    const tries = async () => {
      expect(await shown(await ask('/w_10,f_auto/cat.jpg', accept))).toMatchObject({ status: 200, format: 'webp' });
      return renderer.renders.filter((text) => text === avif).length;
    };
    await expect.poll(tries).toBeGreaterThan(1);
  });

  it('is of the original as it is by then, where that was overwritten and purged meanwhile', async () => {
    const originals = createMemoryStore();
    await originals.put('cat.jpg', Buffer.from('old'));
    const { ask, service, renderer, madeBehind } = await slowHouse({ originals });
    await ask('/w_10,f_auto/cat.jpg', { headers: { accept: 'image/webp' } });
    const release = renderer.hold();
    await ask('/w_10,f_auto/cat.jpg', accept);
    await expect.poll(() => renderer.renders).toContain(avif);
    await originals.put('cat.jpg', Buffer.from('new'));
    await service.variants.purge({ keys: ['cat.jpg'] }, { signal: new AbortController().signal });
    release();
    await expect.poll(madeBehind).toHaveLength(1);
    const digest = createHash('sha256').update('new').digest('hex');
    for (const _ of [1, 2]) {
      expect(await (await ask('/w_10,f_auto/cat.jpg', accept)).text()).toContain(digest);
    }
  });

  it('ends with the service', async () => {
    const { ask, service, renderer, madeBehind } = await slowHouse();
    await ask('/w_10,f_auto/cat.jpg', { headers: { accept: 'image/webp' } });
    const release = renderer.hold();
    await ask('/w_10,f_auto/cat.jpg', accept);
    await expect.poll(() => renderer.renders).toContain(avif);
    await service.close();
    release();
    await expect.poll(madeBehind).toEqual([{ type: 'made-behind', outcome: 'failed' }]);
  });
});

describe('an AVIF is waited for', () => {
  it.each([
    ['where it is asked for by name', '/w_10,f_avif/cat.jpg', {}],
    ['where nothing goes on behind an answer', '/w_10,f_auto/cat.jpg', { worksBehind: false }],
  ])('%s', async (_, path, parts) => {
    const { ask, renderer, madeBehind } = await slowHouse(parts);
    const answer = await shown(await ask(path, accept));
    expect([answer.status, answer.keeping]).toEqual([200, forAYear]);
    expect(renderer.renders).toHaveLength(1);
    expect(renderer.renders.every(isAvif)).toBe(true);
    expect(madeBehind()).toEqual([]);
  });

  it('where it is warmed', async () => {
    const { service, renderer } = await slowHouse();
    const transforms = transformsToWarm('cat.jpg', ['w_10,f_auto'], defaultGrammarOptions);
    await service.variants.warm('cat.jpg', transforms, { signal: new AbortController().signal });
    expect(renderer.renders).toContain(avif);
  });
});

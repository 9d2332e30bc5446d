import { describe, expect, it } from 'vitest';
import { defaultGrammarOptions } from '../../src/grammar/index.ts';
import { transformsToWarm } from '../../src/variants/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPausingStore } from '../support/pausing-store.ts';
import { hashOf, purgeRaces, racePlaces, racingHouse, staleIn } from '../support/purge-races.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const signal = new AbortController().signal;
const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

const toldOf = ({ status, headers }: Response) => [status, headers.get('etag'), headers.get('cache-control')];

describe('a purge is final', () => {
  it.each(Object.entries(racePlaces))(
    'when it overtakes %s: 0 stale of 20 races, in memory and in the store',
    async (_, place) => {
      expect(await purgeRaces(place, 20)).toEqual({ answers: 60, staleAnswers: 0, staleStored: 0 });
    },
  );

  it('for the edge too: an answer that it overtook may be kept by nobody', async () => {
    const house = await racingHouse();
    const { originals, renderer, ask, service } = house;
    await originals.put('cat.jpg', Buffer.from('old'));
    const release = renderer.hold();
    const late = ask('/w_1/cat.jpg');
    await expect.poll(() => renderer.renders.length).toBe(1);
    await originals.put('cat.jpg', Buffer.from('new'));
    await service.variants.purge({ keys: ['cat.jpg'] }, { signal });
    release();
    const response = await late;
    expect((await response.text()).startsWith(hashOf(Buffer.from('old')))).toBe(true);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('cache-status')).toBe('fovea; fwd=miss; detail=render');
  });

  it('for a 304 about an original that was overwritten, too', async () => {
    const originals = createPausingStore(createMemoryStore());
    await originals.put('cat.png', png);
    const { ask, service } = await createPixelFreeService({ originals });
    await (await ask('/cat.png')).text();
    await originals.put('cat.png', Buffer.concat([png, Buffer.from('new')]));
    const neighbour = await createPixelFreeService({ originals });
    const newTag = (await neighbour.ask('/cat.png')).headers.get('etag') ?? '';
    const { reached, release } = originals.pauseNext('get');
    const late = ask('/cat.png', { headers: { 'if-none-match': newTag } });
    await reached;
    await service.variants.purge({ keys: ['cat.png'] }, { signal });
    release();
    expect(toldOf(await late)).toEqual([304, newTag, 'no-store']);
  });

  it('for a 304 about a variant of an older build, too', async () => {
    const originals = createMemoryStore();
    await originals.put('cat.png', png);
    const variants = createPausingStore(createMemoryStore());
    const older = await createPixelFreeService({ originals, variants, build: 'fake 0.9.0' });
    const oldTag = (await older.ask('/w_1/cat.png')).headers.get('etag') ?? '';
    await older.service.variants.settled();
    const { ask, service } = await createPixelFreeService({ originals, variants });
    const { reached, release } = variants.pauseNext('get');
    const late = ask('/w_1/cat.png', { headers: { 'if-none-match': oldTag } });
    await reached;
    await service.variants.purge({ keys: ['cat.png'] }, { signal });
    release();
    expect(toldOf(await late)).toEqual([304, oldTag, 'no-store']);
  });

  it('for an identity found before it and delivered after it', async () => {
    const { originals, service, variants } = await racingHouse();
    await originals.put('cat.jpg', Buffer.from('old'));
    const candidates = transformsToWarm('cat.jpg', ['w_1'], defaultGrammarOptions).map((transform) => {
      return { key: 'cat.jpg', transform };
    });
    const first = await service.variants.identify(candidates, { signal, readAhead: true });
    if (first.kind !== 'variant') throw new Error('a candidate with a transform is a variant');
    await service.variants.deliver(first, { signal });
    await service.variants.settled();
    const before = await service.variants.identify(candidates, { signal, readAhead: true });
    if (before.kind !== 'variant') throw new Error('a candidate with a transform is a variant');
    await originals.put('cat.jpg', Buffer.from('new'));
    await service.variants.purge({ keys: ['cat.jpg'] }, { signal });
    const { body } = await service.variants.deliver(before, { signal });
    if (!(body instanceof Uint8Array)) throw new Error('what has just been drawn is in memory');
    expect(Buffer.from(body).toString()).toMatch(new RegExp(`^${hashOf(Buffer.from('new'))}`));
    await service.variants.settled();
    expect(await staleIn({ variants }, 'cat.jpg', hashOf(Buffer.from('old')))).toBe(0);
  });

  it('for the original that was removed: 404 at once, whatever was in flight', async () => {
    const { ask, originals, renderer, service } = await racingHouse();
    await originals.put('cat.jpg', Buffer.from('old'));
    const release = renderer.hold();
    const late = ask('/w_1/cat.jpg');
    await expect.poll(() => renderer.renders.length).toBe(1);
    await originals.delete(['cat.jpg']);
    await service.variants.purge({ keys: ['cat.jpg'] }, { signal });
    expect((await ask('/w_1/cat.jpg')).status).toBe(404);
    release();
    await late;
    await service.variants.settled();
    expect((await ask('/w_1/cat.jpg')).status).toBe(404);
  });

  it('while a hundred visitors ask all the time: whoever asks after it sees the new picture', async () => {
    const { ask, originals, service } = await racingHouse();
    let stale = 0;
    for (let round = 0; round < 30; round += 1) {
      await originals.put('cat.jpg', Buffer.from(`picture ${round}`));
      const crowd = Array.from({ length: 100 }, (_, index) => ask(`/w_${1 + (index % 5)}/cat.jpg`));
      await service.variants.purge({ keys: ['cat.jpg'] }, { signal });
      const after = Array.from({ length: 20 }, (_, index) => ask(`/w_${1 + (index % 5)}/cat.jpg`));
      const bodies = await Promise.all((await Promise.all(after)).map((response) => response.text()));
      stale += bodies.filter((body) => !body.startsWith(hashOf(Buffer.from(`picture ${round}`)))).length;
      await Promise.all(crowd);
    }
    expect(stale).toBe(0);
  });
});

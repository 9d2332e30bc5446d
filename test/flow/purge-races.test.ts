import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { defaultGrammarOptions } from '../../src/grammar/index.ts';
import { createMemoryStore } from '../../src/storage/index.ts';
import { transformsToWarm } from '../../src/variants/index.ts';
import { createPausingStore } from '../support/pausing-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const signal = new AbortController().signal;
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function racingHouse() {
  const originals = createPausingStore(createMemoryStore());
  const variants = createPausingStore(createMemoryStore());
  return { originals, variants, ...(await createPixelFreeService({ originals, variants })) };
}

type House = Awaited<ReturnType<typeof racingHouse>>;

interface Stop {
  readonly reached: Promise<void>;
  readonly release: () => void;
}

/**
 * Where a request for the old picture can be stopped: with what it has in hand, a purge goes by. `isCold` is for what
 * happens only when nothing is remembered.
 */
const stops: Readonly<Record<string, { readonly isCold: boolean; readonly set: (house: House) => Stop }>> = {
  'the look-up of the version': { isCold: true, set: ({ originals }) => originals.pauseNext('head') },
  'the read of the original': { isCold: true, set: ({ originals }) => originals.pauseNext('get') },
  'the read of the stored variant': { isCold: false, set: ({ variants }) => variants.pauseNext('get') },
  'the render': {
    isCold: false,
    set: ({ renderer }) => {
      const before = renderer.renders.length;
      const release = renderer.hold();
      const reached = expect.poll(() => renderer.renders.length, { interval: 1 }).toBeGreaterThan(before);
      return { reached, release };
    },
  },
  'the write of the variant': { isCold: false, set: ({ variants }) => variants.pauseNext('put') },
};

/** One race: the old picture is on its way, the original changes, a purge goes by, and the old one arrives. */
async function race(house: House, round: number, stop: (typeof stops)[string]) {
  const { ask, originals, service } = house;
  const key = `${round}.jpg`;
  const [old, fresh] = [Buffer.from(`old ${round}`), Buffer.from(`new ${round}`)];
  await originals.put(key, old);
  if (round % 3 === 0) {
    // Another variant is stored and the version known, or both were purged before.
    await ask(`/w_2/${key}`);
    await service.variants.settled();
    if (stop.isCold || round % 2 === 0) await service.variants.purge({ keys: [key] }, { signal });
  }
  const { reached, release } = stop.set(house);
  const late = ask(`/w_1/${key}`).then((response) => ({ control: response.headers.get('cache-control') }));
  await reached;
  await originals.put(key, fresh);
  const purged = service.variants.purge({ keys: [key] }, { signal });
  if (round % 2 === 0) release();
  else setImmediate(release);
  await purged;
  return { key, freshHash: hashOf(fresh), oldHash: hashOf(old), late };
}

async function staleIn({ variants }: Pick<House, 'variants'>, key: string, oldHash: string): Promise<number> {
  let stale = 0;
  for await (const info of variants.list(`${key}/`)) {
    const object = await variants.get(info.key);
    if (object !== undefined && (await text(object.body)).startsWith(oldHash)) stale += 1;
  }
  return stale;
}

describe('a purge is final', () => {
  it.each(Object.entries(stops))(
    'when it overtakes %s: 0 stale of 100 races, in memory and in the store',
    async (_, stop) => {
      const house = await racingHouse();
      const stale = { answers: 0, stored: 0 };
      for (let round = 0; round < 100; round += 1) {
        const { key, freshHash, oldHash, late } = await race(house, round, stop);
        for (let time = 0; time < 3; time += 1) {
          const body = await (await house.ask(`/w_1/${key}`)).text();
          if (!body.startsWith(freshHash)) stale.answers += 1;
          // The late one lands meanwhile, and may bring nothing back.
          if (time === 0) await late;
          if (time === 1) await house.service.variants.settled();
        }
        stale.stored += await staleIn(house, key, oldHash);
      }
      expect(stale).toEqual({ answers: 0, stored: 0 });
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

  it('for an identity found before it and delivered after it', async () => {
    const { originals, service, variants } = await racingHouse();
    await originals.put('cat.jpg', Buffer.from('old'));
    const candidates = transformsToWarm('cat.jpg', ['w_1'], defaultGrammarOptions).map((transform) => {
      return { key: 'cat.jpg', transform };
    });
    const first = await service.variants.identify(candidates, { signal, readAhead: true });
    if (first.kind !== 'variant') throw new Error('a candidate with a transform is a variant');
    await service.variants.deliver(first.identity, { signal });
    await service.variants.settled();
    const before = await service.variants.identify(candidates, { signal, readAhead: true });
    if (before.kind !== 'variant') throw new Error('a candidate with a transform is a variant');
    await originals.put('cat.jpg', Buffer.from('new'));
    await service.variants.purge({ keys: ['cat.jpg'] }, { signal });
    const { bytes } = await service.variants.deliver(before.identity, { signal });
    expect(
      Buffer.from(bytes)
        .toString()
        .startsWith(hashOf(Buffer.from('new'))),
    ).toBe(true);
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

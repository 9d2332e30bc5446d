import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { createMemoryStore } from './memory-store.ts';
import { createPausingStore } from './pausing-store.ts';
import { createPixelFreeService } from './test-service.ts';

const signal = new AbortController().signal;

export const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A service whose stores can be stopped between a question and its answer. */
export async function racingHouse() {
  const originals = createPausingStore(createMemoryStore());
  const variants = createPausingStore(createMemoryStore());
  return { originals, variants, ...(await createPixelFreeService({ originals, variants })) };
}

type House = Awaited<ReturnType<typeof racingHouse>>;

interface Stop {
  readonly reached: Promise<void>;
  readonly release: () => void;
}

/** Where a request can be stopped; `isCold` is for what happens only when nothing is remembered. */
interface Place {
  readonly isCold: boolean;
  readonly set: (house: House) => Stop;
}

/** Where a request for the old picture can be stopped: with what it has in hand, a purge goes by. */
export const racePlaces: Readonly<Record<string, Place>> = {
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
async function race(house: House, round: number, place: Place) {
  const { ask, originals, service } = house;
  const key = `${round}.jpg`;
  const [old, fresh] = [Buffer.from(`old ${round}`), Buffer.from(`new ${round}`)];
  await originals.put(key, old);
  if (round % 3 === 0) {
    // Another variant is stored and the version known, or both were purged before.
    await ask(`/w_2/${key}`);
    await service.variants.settled();
    if (place.isCold || round % 2 === 0) await service.variants.purge({ keys: [key] }, { signal });
  }
  const { reached, release } = place.set(house);
  const late = ask(`/w_1/${key}`).then((response) => ({ control: response.headers.get('cache-control') }));
  await reached;
  await originals.put(key, fresh);
  const purged = service.variants.purge({ keys: [key] }, { signal });
  if (round % 2 === 0) release();
  else setImmediate(release);
  await purged;
  return { key, freshHash: hashOf(fresh), oldHash: hashOf(old), late };
}

/** How many stored variants of an original were made of these old bytes. */
export async function staleIn({ variants }: Pick<House, 'variants'>, key: string, oldHash: string): Promise<number> {
  let stale = 0;
  for await (const info of variants.list(`${key}/`)) {
    const object = await variants.get(info.key);
    if (object !== undefined && (await text(object.body)).startsWith(oldHash)) stale += 1;
  }
  return stale;
}

/** So many races at one place: how many answers after the purge, and how many stored variants, were the old picture. */
export async function purgeRaces(place: Place, rounds: number) {
  const house = await racingHouse();
  const counts = { answers: 0, staleAnswers: 0, staleStored: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const { key, freshHash, oldHash, late } = await race(house, round, place);
    for (let time = 0; time < 3; time += 1) {
      const body = await (await house.ask(`/w_1/${key}`)).text();
      counts.answers += 1;
      if (!body.startsWith(freshHash)) counts.staleAnswers += 1;
      // The late one lands meanwhile, and may bring nothing back.
      if (time === 0) await late;
      if (time === 1) await house.service.variants.settled();
    }
    counts.staleStored += await staleIn(house, key, oldHash);
  }
  await house.service.close();
  return counts;
}

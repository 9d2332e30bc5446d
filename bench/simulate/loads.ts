import { createCache, typicalSize } from './caches.ts';
import { createTrace, formatShares, widthShares } from './trace.ts';

/** A day of a site. */
export interface Load {
  readonly name: string;
  readonly requestsPerDay: number;
  readonly originals: number;
  /** New originals a day, each in the place of an old one. */
  readonly uploadsPerDay: number;
}

export const loads: readonly Load[] = [
  { name: '1 M', requestsPerDay: 1e6, originals: 20_000, uploadsPerDay: 200 },
  { name: '50 M', requestsPerDay: 50e6, originals: 1_000_000, uploadsPerDay: 20_000 },
  { name: '200 M', requestsPerDay: 200e6, originals: 20_000_000, uploadsPerDay: 500_000 },
];

/** Zipf's exponent of what is looked at on the web; 0.6 to 1 have been published. */
export const exponent = 0.9;
const seed = 20_261_121;

/** Share of hits of one cache by replaying a row of requests through the service's own code; the first half fills it. */
export function replay(load: Omit<Load, 'name'>, cacheBytes: number, requests: number): number {
  const churn = load.uploadsPerDay / load.requestsPerDay;
  const trace = createTrace({ originals: load.originals, exponent, churn }, seed);
  const cache = createCache(cacheBytes, typicalSize);
  let hits = 0;
  for (let index = 0; index < requests; index += 1) {
    if (cache.ask(trace.next().value) && index >= requests / 2) hits += 1;
  }
  return hits / (requests / 2);
}

/** Variants that are asked for equally often. */
interface Group {
  readonly variants: number;
  /** Requests a day for each. */
  readonly perDay: number;
  /** Bytes of each, with what a cache adds. */
  readonly bytes: number;
}

/** Ranks are taken together in steps that grow: their weights hardly differ within one. */
const steps = 2000;
const overheadBytes = 1024;

function groupsOf({ originals, requestsPerDay }: Omit<Load, 'name'>): readonly Group[] {
  const ends = [...new Set(Array.from({ length: steps + 1 }, (_, step) => Math.round(originals ** (step / steps))))];
  const blocks = ends.map((end, index) => {
    const begin = index === 0 ? 0 : (ends[index - 1] ?? 0);
    return { ranks: end - begin, weight: ((begin + 1 + end) / 2) ** -exponent };
  });
  const total = blocks.reduce((sum, { ranks, weight }) => sum + ranks * weight, 0);
  return blocks.flatMap(({ ranks, weight }) =>
    widthShares.flatMap(([width, widthShare]) =>
      formatShares.map(([format, formatShare]) => ({
        variants: ranks,
        perDay: ((requestsPerDay * weight) / total) * widthShare * formatShare,
        bytes: typicalSize({ width, format }) + overheadBytes,
      })),
    ),
  );
}

function lifeDaysOf({ originals, uploadsPerDay }: Omit<Load, 'name'>): number {
  return originals / uploadsPerDay;
}

/**
 * The same by Che's approximation of an LRU cache: what was asked for within a characteristic time is there, and that
 * time is as long as the bytes last. The first request for a new original's variant misses whatever the cache.
 */
export function estimate(load: Omit<Load, 'name'>, cacheBytes: number): number {
  const groups = groupsOf(load);
  const filled = (time: number) =>
    groups.reduce((sum, { variants, perDay, bytes }) => sum + variants * bytes * (1 - Math.exp(-perDay * time)), 0);
  const longest = lifeDaysOf(load);
  let low = 0;
  let high = longest;
  for (let round = 0; round < 60; round += 1) {
    const middle = (low + high) / 2;
    if (filled(middle) < cacheBytes) low = middle;
    else high = middle;
  }
  const hits = groups.reduce((sum, { variants, perDay }) => {
    const firsts = (1 - Math.exp(-perDay * longest)) / (perDay * longest);
    return sum + variants * perDay * (1 - Math.exp(-perDay * low)) * (1 - firsts);
  }, 0);
  return hits / load.requestsPerDay;
}

/** Days after which a stored variant expires. */
const variantDays = 90;

/**
 * Renders a day once all is settled. A variant is made when somebody first asks for it and again after it has expired;
 * requests for one come at random, and an original lives until a new one takes its place.
 */
export function rendersPerDay(load: Load): number {
  const lifeDays = lifeDaysOf(load);
  return groupsOf(load).reduce((sum, { variants, perDay }) => {
    const once = (1 - Math.exp(-perDay * lifeDays)) / lifeDays;
    const again = 1 / (variantDays + 1 / perDay);
    return sum + variants * (lifeDays <= variantDays ? once : Math.max(once, again));
  }, 0);
}

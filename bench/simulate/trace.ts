/** What is asked for: which original, at which width, in which format. */
export interface Asked {
  /** The original's number; a replaced rank of popularity gets a new one. */
  readonly original: number;
  readonly width: number;
  readonly format: Format;
}

export type Format = 'avif' | 'webp' | 'jpeg';

export interface Traffic {
  readonly originals: number;
  /** Exponent of Zipf's law: the n-th most popular original is asked for in proportion to n^-exponent. */
  readonly exponent: number;
  /** Chance, for each request, that some original gives its place to a new one. */
  readonly churn: number;
}

/** Widths as pages ask for them, with their shares. */
export const widthShares: readonly (readonly [width: number, share: number])[] = [
  [320, 0.3],
  [640, 0.3],
  [128, 0.15],
  [960, 0.12],
  [1280, 0.08],
  [1920, 0.05],
];

/** What browsers take, with their shares of visitors. */
export const formatShares: readonly (readonly [format: Format, share: number])[] = [
  ['avif', 0.93],
  ['webp', 0.04],
  ['jpeg', 0.03],
];

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Ranks from 0 by Zipf's law: the sums of the weights, searched by halving. */
export function createZipf(count: number, exponent: number): (random: number) => number {
  const sums = new Float64Array(count);
  let total = 0;
  for (let rank = 0; rank < count; rank += 1) {
    total += (rank + 1) ** -exponent;
    sums[rank] = total;
  }
  return (random) => {
    const wanted = random * total;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

function pick<Choice>(shares: readonly (readonly [Choice, number])[], random: number): Choice {
  let left = random;
  let chosen = shares[0]?.[0];
  for (const [choice, share] of shares) {
    chosen = choice;
    left -= share;
    if (left < 0) break;
  }
  if (chosen === undefined) throw new RangeError('there has to be something to choose from');
  return chosen;
}

/** An endless row of requests, the same for the same seed. */
export function* createTrace(traffic: Traffic, seed: number): Generator<Asked, never> {
  const random = createRandom(seed);
  const rankOf = createZipf(traffic.originals, traffic.exponent);
  const originalAt = Uint32Array.from({ length: traffic.originals }, (_, index) => index);
  let next = traffic.originals;
  for (;;) {
    if (random() < traffic.churn) {
      originalAt[Math.floor(random() * traffic.originals)] = next;
      next += 1;
    }
    const original = originalAt[rankOf(random())] ?? 0;
    yield { original, width: pick(widthShares, random()), format: pick(formatShares, random()) };
  }
}

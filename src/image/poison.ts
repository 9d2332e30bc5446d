import { LRUCache } from 'lru-cache';

/** Originals that may be remembered at once; an entry is a name and a number. */
const mostFingerprints = 10_000;

/** One loss may be the machine's fault, two are the picture's. */
const lossesUntilPoison = 2;

/** Remembers which originals have ended render processes, so that each can do so twice and no more. */
export interface PoisonMemory {
  isPoison(fingerprint: string): boolean;
  /** Counts a lost render; true when this one makes the original known as poison. */
  addLoss(fingerprint: string): boolean;
}

export interface PoisonOptions {
  /** Milliseconds an original is remembered after its last loss. */
  readonly ttlMs: number;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
}

/** Keeps the memory in this process, bounded. */
export function createPoisonMemory({ ttlMs, clock }: PoisonOptions): PoisonMemory {
  const losses = new LRUCache<string, number>({
    max: mostFingerprints,
    ttl: ttlMs,
    ttlResolution: 0,
    // The cache takes a time of 0 for none.
    perf: { now: () => clock() + 1 },
  });
  return {
    isPoison: (fingerprint) => (losses.get(fingerprint) ?? 0) >= lossesUntilPoison,
    addLoss(fingerprint) {
      const count = (losses.get(fingerprint) ?? 0) + 1;
      losses.set(fingerprint, count);
      return count === lossesUntilPoison;
    },
  };
}

import { LRUCache } from 'lru-cache';
import { Failure, isFailure } from '../failure.ts';

/** Originals that may be remembered at once; an entry is a name and a few words. */
const mostFingerprints = 10_000;

/** One loss may be the machine's fault, two are the picture's. */
const lossesUntilPoison = 2;

/** What is known against originals: which have ended render processes, and which are none that are drawn here. */
export interface Verdicts {
  /** Throws what is known against an original. */
  check(fingerprint: string): void;
  /** Counts a lost render; true when this one makes the original known as poison. */
  addLoss(fingerprint: string): boolean;
  /** Runs what looks at an original's bytes and at nothing else: its refusal holds for whatever is asked of them. */
  judge<T>(fingerprint: string, look: () => Promise<T>): Promise<T>;
}

export interface VerdictsOptions {
  /** Milliseconds an original is remembered after its last loss or refusal. */
  readonly ttlMs: number;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
}

interface Verdict {
  readonly losses: number;
  readonly refusal?: Pick<Failure, 'kind' | 'message'>;
}

/** Keeps them in this process, bounded. */
export function createVerdicts({ ttlMs, clock }: VerdictsOptions): Verdicts {
  const verdicts = new LRUCache<string, Verdict>({
    max: mostFingerprints,
    ttl: ttlMs,
    ttlResolution: 0,
    // The cache takes a time of 0 for none.
    perf: { now: () => clock() + 1 },
  });
  return {
    check(fingerprint) {
      const { losses = 0, refusal } = verdicts.get(fingerprint) ?? {};
      if (losses >= lossesUntilPoison) throw knownPoison();
      if (refusal !== undefined) throw new Failure(refusal.kind, refusal.message);
    },
    addLoss(fingerprint) {
      const losses = (verdicts.get(fingerprint)?.losses ?? 0) + 1;
      verdicts.set(fingerprint, { losses });
      return losses === lossesUntilPoison;
    },
    async judge(fingerprint, look) {
      try {
        return await look();
      } catch (error) {
        if (isFailure(error, 'too_large', 'unsupported', 'corrupt')) {
          verdicts.set(fingerprint, { losses: 0, refusal: { kind: error.kind, message: error.message } });
        }
        throw error;
      }
    },
  };
}

function knownPoison(): Failure {
  return new Failure('corrupt', 'The original has ended two render processes and is not tried again for some minutes.');
}

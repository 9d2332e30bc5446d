import { LRUCache } from 'lru-cache';
import { Failure } from '../../failure.ts';
import type { Facts } from '../formats/facts.ts';
import { type Attempt, nameOf } from './verdicts.ts';

/** Bytes of memory that each of the three tables may take. */
const mostBytes = 4 * 1024 * 1024;
/** What an entry takes beside its texts, and what the facts of an original take. */
const entryBytes = 300;
const factsBytes = 1_000;

type Refusal = Pick<Failure, 'kind' | 'message'>;

/** What pictures were refused with that would be refused again: the same bytes asked for the same. */
export interface Refusals {
  /** Throws what the attempt would be refused with, as far as that can be told without the original's bytes. */
  check(attempt: Attempt): void;
  /**
   * Takes note of a refusal of this picture of an original of which that is known as a whole; `reading` names what of the
   * original does not decode, where it is that: then all pictures that need as much of it are refused.
   */
  add(attempt: Attempt, refusal: Refusal, whole: Facts, reading?: string): void;
}

export interface RefusalsOptions {
  /** Milliseconds that a refusal is remembered. */
  readonly ttlMs: number;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
}

/** Kinds that say something of bytes; the others are about this moment. */
const lasting: ReadonlySet<string> = new Set(['invalid', 'too_large', 'unsupported', 'corrupt']);

/** Keeps them in this process, bounded. */
export function createRefusals({ ttlMs, clock }: RefusalsOptions): Refusals {
  // The cache takes a time of 0 for none.
  const remembering = { maxSize: mostBytes, ttl: ttlMs, ttlResolution: 0, perf: { now: () => clock() + 1 } };
  const sizeOf = ({ message }: Refusal, name: string) => entryBytes + 2 * (name.length + message.length);
  const pictures = new LRUCache<string, Refusal>({ ...remembering, sizeCalculation: sizeOf });
  const readings = new LRUCache<string, Refusal>({ ...remembering, sizeCalculation: sizeOf });
  /** Of originals of which something was refused: they tell what else would be. */
  const refused = new LRUCache<string, Facts>({
    ...remembering,
    sizeCalculation: (_, name) => factsBytes + 2 * name.length,
  });

  function throwIf(refusal: Refusal | undefined): void {
    if (refusal !== undefined) throw new Failure(refusal.kind, refusal.message);
  }

  return {
    check(attempt) {
      throwIf(pictures.get(nameOf(attempt)));
      const { original = attempt.fingerprint, foresee } = attempt;
      const whole = refused.get(original);
      if (whole === undefined || foresee === undefined) return;
      throwIf(readings.get(nameOf({ fingerprint: original, picture: foresee(whole) })));
    },
    add(attempt, { kind, message }, whole, reading) {
      if (!lasting.has(kind)) return;
      const { original = attempt.fingerprint } = attempt;
      refused.set(original, whole);
      if (reading === undefined) pictures.set(nameOf(attempt), { kind, message });
      else readings.set(nameOf({ fingerprint: original, picture: reading }), { kind, message });
    },
  };
}

import type { LRUCache } from 'lru-cache';
import { Failure } from '../../failure.ts';
import type { Facts } from '../containers/facts.ts';
import type { Attempt } from './attempt.ts';
import { bytesOf, createTable, entryBytes, nameOf, type TableTime } from './table.ts';

/** Bytes of memory that each of the three tables may take. */
const mostBytes = 4 * 1024 * 1024;
/** What the facts of an original take. */
const factsBytes = 1_000;

type Refusal = Pick<Failure, 'kind' | 'message'>;

/** Of what something was refused. */
export interface Refused {
  /** What is known of the original as a whole. */
  readonly whole: Facts;
  /** Names what of the original does not decode, where it is that: then all pictures that need as much of it are refused. */
  readonly reading?: string | undefined;
}

/** What pictures were refused with that would be refused again: the same bytes asked for the same. */
export interface Refusals {
  /** Throws what the attempt would be refused with, as far as that can be told without the original's bytes. */
  check(attempt: Attempt): void;
  /** Takes note of what a picture of an original was refused with. */
  add(attempt: Attempt, refusal: Refusal, of: Refused): void;
}

interface RefusalsState {
  readonly pictures: LRUCache<string, Refusal>;
  readonly readings: LRUCache<string, Refusal>;
  /** Of which something was refused: they tell what else would be. */
  readonly originals: LRUCache<string, Facts>;
}

/** Kinds that say something of bytes; the others are about this moment. */
const lasting: ReadonlySet<string> = new Set(['invalid', 'too_large', 'unsupported', 'corrupt']);

/** Keeps them in this process, bounded. */
export function createRefusals(time: TableTime): Refusals {
  const state: RefusalsState = {
    pictures: createTable(time, mostBytes, sizeOf),
    readings: createTable(time, mostBytes, sizeOf),
    originals: createTable(time, mostBytes, () => factsBytes),
  };
  return {
    check: (attempt) => check(state, attempt),
    add(attempt, refusal, of) {
      if (lasting.has(refusal.kind)) add(state, attempt, { ...of, refusal });
    },
  };
}

function sizeOf({ message }: Refusal): number {
  return entryBytes + bytesOf(message);
}

function check({ pictures, readings, originals }: RefusalsState, attempt: Attempt): void {
  throwIf(pictures.get(nameOf(attempt)));
  const { original = attempt.fingerprint, foresee } = attempt;
  const whole = originals.get(original);
  if (whole === undefined || foresee === undefined) return;
  throwIf(readings.get(nameOf({ fingerprint: original, picture: foresee(whole) })));
}

function throwIf(refusal: Refusal | undefined): void {
  if (refusal !== undefined) throw new Failure(refusal.kind, refusal.message);
}

function add(
  state: RefusalsState,
  attempt: Attempt,
  { whole, reading, refusal }: Refused & { readonly refusal: Refusal },
): void {
  const { fingerprint, original = fingerprint } = attempt;
  const { kind, message } = refusal;
  state.originals.set(original, whole);
  if (reading === undefined) state.pictures.set(nameOf(attempt), { kind, message });
  else state.readings.set(nameOf({ fingerprint: original, picture: reading }), { kind, message });
}

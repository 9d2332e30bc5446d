import type { LRUCache } from 'lru-cache';
import { Failure, isFailure } from '../../failure.ts';
import type { Loss } from '../processes/loss.ts';
import type { Attempt } from './attempt.ts';
import { failureOf, isMachinesFault, isPicturesFault, markOf } from './fault.ts';
import { bytesOf, createTable, entryBytes, nameOf, type TableTime } from './table.ts';

/** Bytes of memory that what is remembered of originals may take, and of single pictures of them as much again. */
const mostBytes = 8 * 1024 * 1024;

/** One loss may be the picture's fault or the transform's, two are looked into. */
const lossesUntilTrial = 2;
/** One crash may be the machine's fault (memory ran out), two are the original's. */
const crashesUntilPoison = 2;

/** What is known against originals and against single pictures of them. */
export interface Verdicts {
  /** Throws what is known against an original, or against one picture of it: what, and for how long still. */
  check(attempt: Attempt): void;
  /** Counts a lost render, and says with what it fails. */
  addLoss(attempt: Attempt, loss: Loss): CountedLoss;
  /** What came of the small picture that was tried of an original. Another loss in the trial is to be added before. */
  endTrial(fingerprint: string, outcome: TrialOutcome): void;
  /** Runs what looks at an original's bytes and at nothing else: its refusal holds for whatever is asked of them. */
  judge<T>(fingerprint: string, look: () => Promise<T>): Promise<T>;
}

export interface CountedLoss {
  readonly failure: Failure;
  readonly consequence: Consequence;
}

/**
 * What a loss leads to: nothing (the machine's fault), one picture refused, a trial of the original now, or the end of it
 * as poison.
 */
export type Consequence = 'none' | 'marked' | 'trial' | 'poison';

/** Open: nothing was learnt, and the next loss leads to another trial. */
export type TrialOutcome = 'passed' | 'poison' | 'open';

interface Verdict extends Pick<Failure, 'kind' | 'message'> {
  /** By the clock; undefined where nobody is told: other bytes are another original. */
  readonly endsAt: number | undefined;
}

/** What is known of an original. */
interface Conduct {
  readonly losses: number;
  readonly crashes: number;
  readonly hasPassedTrial: boolean;
  readonly verdict?: Verdict;
}

const clean: Conduct = { losses: 0, crashes: 0, hasPassedTrial: false };

interface State extends TableTime {
  readonly originals: LRUCache<string, Conduct>;
  readonly pictures: LRUCache<string, Verdict>;
}

/** Keeps them in this process, bounded: an original after its last loss or refusal, a picture of it after its own. */
export function createVerdicts(time: TableTime): Verdicts {
  const state: State = {
    ...time,
    originals: createTable(time, mostBytes, ({ verdict }) => entryBytes + bytesOf(verdict?.message ?? '')),
    pictures: createTable(time, mostBytes, ({ message }) => entryBytes + bytesOf(message)),
  };
  return {
    check: (attempt) => check(state, attempt),
    addLoss: (attempt, loss) => addLoss(state, attempt, loss),
    endTrial: (fingerprint, outcome) => endTrial(state, fingerprint, outcome),
    judge: (fingerprint, look) => judge(state, fingerprint, look),
  };
}

function check(state: State, { fingerprint, original = fingerprint, picture }: Attempt): void {
  const { originals, pictures } = state;
  const known = originals.get(fingerprint)?.verdict ?? originals.get(original)?.verdict;
  const verdict = known ?? pictures.get(nameOf({ fingerprint, picture }));
  if (verdict !== undefined) throw told(verdict, state.clock());
}

function told({ kind, message, endsAt }: Verdict, now: number): Failure {
  if (endsAt === undefined) return new Failure(kind, message);
  const retryAfterSeconds = Math.max(1, Math.ceil((endsAt - now) / 1000));
  return new Failure(kind, `${message} It is not tried again for ${inWords(retryAfterSeconds)}.`, {
    retryAfterSeconds,
  });
}

function inWords(seconds: number): string {
  return seconds <= 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`;
}

function addLoss(state: State, attempt: Attempt, loss: Loss): CountedLoss {
  const failure = failureOf(loss);
  if (isMachinesFault(loss)) return { failure, consequence: 'none' };
  if (isPicturesFault(loss)) state.pictures.set(nameOf(attempt), corruptUntil(state, markOf(loss)));
  const before = state.originals.get(attempt.fingerprint) ?? clean;
  const conduct = {
    ...before,
    losses: before.losses + 1,
    crashes: before.crashes + (loss.how === 'crash' ? 1 : 0),
  };
  if (conduct.crashes >= crashesUntilPoison) {
    const verdict = corruptUntil(state, `Of this original ${conduct.crashes} renders have crashed.`);
    state.originals.set(attempt.fingerprint, { ...conduct, verdict });
    return { failure, consequence: before.verdict === undefined ? 'poison' : 'marked' };
  }
  state.originals.set(attempt.fingerprint, conduct);
  const isDue = conduct.losses >= lossesUntilTrial && !conduct.hasPassedTrial && conduct.verdict === undefined;
  return { failure, consequence: isDue ? 'trial' : 'marked' };
}

const poisonText =
  'Renders of this original were not finished in time, and then not even one of 16 pixels was: it takes too long to decode.';

/** An original that is known already as something else stays so. */
function endTrial(state: State, fingerprint: string, outcome: TrialOutcome): void {
  const conduct = state.originals.get(fingerprint) ?? clean;
  if (conduct.verdict !== undefined) return;
  if (outcome === 'passed') state.originals.set(fingerprint, { ...conduct, hasPassedTrial: true });
  if (outcome === 'poison') {
    state.originals.set(fingerprint, { ...conduct, verdict: corruptUntil(state, poisonText) });
  }
}

function corruptUntil({ clock, ttlMs }: TableTime, message: string): Verdict {
  return { kind: 'corrupt', message, endsAt: clock() + ttlMs };
}

async function judge<T>({ originals }: State, fingerprint: string, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (isFailure(error, 'too_large', 'unsupported', 'corrupt')) {
      const { kind, message } = error;
      originals.set(fingerprint, { ...clean, verdict: { kind, message, endsAt: undefined } });
    }
    throw error;
  }
}

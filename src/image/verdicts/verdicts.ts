import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { Failure, isFailure } from '../../failure.ts';
import type { Facts } from '../formats/facts.ts';
import { interrupted, type Loss } from '../processes/loss.ts';

/** Bytes of memory that what is remembered of originals may take, and of single pictures of them as much again. */
const mostBytes = 8 * 1024 * 1024;
/** What an entry takes beside its texts. */
const entryBytes = 300;

/** One loss may be the picture's fault or the transform's, two are looked into. */
const lossesUntilTrial = 2;
/** One crash may be the machine's fault (memory ran out), two are the original's. */
const crashesUntilPoison = 2;

/**
 * A render that did not get four fifths of a core until its deadline was ended by the machine's load. All of one is more
 * than any process gets beside a server that does a little work.
 */
const ownCpuShare = 0.8;

/** One render, as far as it can be held against anything: the original's version, and what is made of it. */
export interface Attempt {
  readonly fingerprint: string;
  /** The original's own version, where its layers have a part in the fingerprint. */
  readonly original?: string;
  /** In the canonical form, or another name that no transform has. */
  readonly picture: string;
  /** Names what is decoded of an original that is known as a whole; throws what can be refused by that alone. */
  readonly foresee?: (whole: Facts) => string;
}

/** What is known against originals and against single pictures of them. */
export interface Verdicts {
  /** Throws what is known against an original, or against one picture of it: what, and for how long still. */
  check(attempt: Attempt): void;
  /** Counts a lost render, and says with what it fails. */
  addLoss(attempt: Attempt, loss: Loss): { readonly failure: Failure; readonly consequence: Consequence };
  /** What came of the small picture that was tried of an original. Another loss in the trial is to be added before. */
  endTrial(fingerprint: string, outcome: TrialOutcome): void;
  /** Runs what looks at an original's bytes and at nothing else: its refusal holds for whatever is asked of them. */
  judge<T>(fingerprint: string, look: () => Promise<T>): Promise<T>;
}

/**
 * What a loss leads to: nothing (the machine's fault), one picture refused, a trial of the original now, or the end of it
 * as poison.
 */
export type Consequence = 'none' | 'marked' | 'trial' | 'poison';

/** Open: nothing was learnt, and the next loss leads to another trial. */
export type TrialOutcome = 'passed' | 'poison' | 'open';

export interface VerdictsOptions {
  /** Milliseconds an original is remembered after its last loss or refusal, and a picture of it after its own. */
  readonly ttlMs: number;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
}

interface Refusal extends Pick<Failure, 'kind' | 'message'> {
  /** By the clock; undefined where nobody is told: other bytes are another original. */
  readonly endsAt: number | undefined;
}

interface Known {
  readonly losses: number;
  readonly crashes: number;
  readonly hasPassedTrial: boolean;
  readonly refusal?: Refusal;
}

const clean: Known = { losses: 0, crashes: 0, hasPassedTrial: false };

/** Keeps them in this process, bounded. */
export function createVerdicts({ ttlMs, clock }: VerdictsOptions): Verdicts {
  const remembering = {
    maxSize: mostBytes,
    ttl: ttlMs,
    ttlResolution: 0,
    // The cache takes a time of 0 for none.
    perf: { now: () => clock() + 1 },
  };
  const sizeOf = (refusal: Refusal | undefined, name: string) =>
    entryBytes + 2 * (name.length + (refusal?.message.length ?? 0));
  const originals = new LRUCache<string, Known>({
    ...remembering,
    sizeCalculation: ({ refusal }, name) => sizeOf(refusal, name),
  });
  const pictures = new LRUCache<string, Refusal>({ ...remembering, sizeCalculation: sizeOf });

  function refused(kind: Refusal['kind'], message: string): Refusal {
    return { kind, message, endsAt: clock() + ttlMs };
  }

  function throwKnown({ kind, message, endsAt }: Refusal): never {
    if (endsAt === undefined) throw new Failure(kind, message);
    const retryAfterSeconds = Math.max(1, Math.ceil((endsAt - clock()) / 1000));
    throw new Failure(kind, `${message} It is not tried again for ${written(retryAfterSeconds)}.`, {
      retryAfterSeconds,
    });
  }

  /** An original that is known already as something else stays so. */
  function condemn(fingerprint: string, record: Known, message: string): void {
    originals.set(fingerprint, { ...record, refusal: refused('corrupt', message) });
  }

  return {
    check({ fingerprint, original = fingerprint, picture }) {
      const known = originals.get(fingerprint)?.refusal ?? originals.get(original)?.refusal;
      const refusal = known ?? pictures.get(nameOf({ fingerprint, picture }));
      if (refusal !== undefined) throwKnown(refusal);
    },
    addLoss(attempt, loss) {
      if (isMachinesFault(loss)) return { failure: failureOf(loss), consequence: 'none' };
      const before = originals.get(attempt.fingerprint) ?? clean;
      const record = {
        ...before,
        losses: before.losses + 1,
        crashes: before.crashes + (loss.how === 'crash' ? 1 : 0),
      };
      originals.set(attempt.fingerprint, record);
      const isMarked = isPicturesFault(loss);
      if (isMarked) pictures.set(nameOf(attempt), refused('corrupt', markOf(loss)));
      const failure = failureOf(loss);
      if (record.crashes >= crashesUntilPoison) {
        condemn(attempt.fingerprint, record, `Of this original ${record.crashes} renders have crashed.`);
        return { failure, consequence: before.refusal === undefined ? 'poison' : 'marked' };
      }
      const isDue = record.losses >= lossesUntilTrial && !record.hasPassedTrial && record.refusal === undefined;
      return { failure, consequence: isDue ? 'trial' : 'marked' };
    },
    endTrial(fingerprint, outcome) {
      const record = originals.get(fingerprint) ?? clean;
      if (record.refusal !== undefined) return;
      if (outcome === 'passed') originals.set(fingerprint, { ...record, hasPassedTrial: true });
      if (outcome === 'poison') condemn(fingerprint, record, poisonText);
    },
    async judge(fingerprint, look) {
      try {
        return await look();
      } catch (error) {
        if (isFailure(error, 'too_large', 'unsupported', 'corrupt')) {
          const { kind, message } = error;
          originals.set(fingerprint, { ...clean, refusal: { kind, message, endsAt: undefined } });
        }
        throw error;
      }
    },
  };
}

const poisonText =
  'Renders of this original were not finished in time, and then not even one of 16 pixels was: it takes too long to decode.';

/** Of a fixed length, however long the two are. */
export function nameOf({ fingerprint, picture }: Pick<Attempt, 'fingerprint' | 'picture'>): string {
  return createHash('sha256').update(fingerprint).update('\0').update(picture).digest('base64url');
}

function isMachinesFault(loss: Loss): boolean {
  return loss.how === 'deadline' && loss.cpuShare !== undefined && !(loss.cpuShare >= ownCpuShare);
}

/** No decoder sends itself SIGKILL: the system does, when memory runs out, and the same picture may do well a moment later. */
function isPicturesFault(loss: Loss): boolean {
  return loss.how === 'deadline' || loss.signal !== 'SIGKILL';
}

function markOf(loss: Loss): string {
  return loss.how === 'deadline'
    ? `This picture was not finished within ${loss.timeoutMs} ms; others of its original may be.`
    : 'The process that made this picture crashed.';
}

/** For whoever waited for the render that was lost. */
function failureOf(loss: Loss): Failure {
  if (loss.how === 'crash') return isPicturesFault(loss) ? new Failure('corrupt', markOf(loss)) : interrupted();
  const { timeoutMs } = loss;
  return isMachinesFault(loss)
    ? new Failure(
        'timeout',
        `The picture was not finished within ${timeoutMs} ms, in which the machine had other work.`,
        {
          retryAfterSeconds: 2,
        },
      )
    : new Failure('timeout', `The picture was not finished within ${timeoutMs} ms.`);
}

function written(seconds: number): string {
  if (seconds <= 90) return `${seconds} s`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

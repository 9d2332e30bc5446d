import { unlessAborted } from '../../deadline.ts';
import { canonical } from '../../grammar/index.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { Loss } from '../processes/loss.ts';
import type { Pool } from '../processes/pool.ts';
import type { PoolRequest, PoolResult } from '../processes/pool-request.ts';
import type { Attempt } from './attempt.ts';
import { checkKnown, type Remembered } from './remembered.ts';
import { createTrials, type Trials } from './trials.ts';
import type { CountedLoss, TrialOutcome } from './verdicts.ts';

/** What a process needs in order to draw something. */
export type Work = Pick<PoolRequest, 'job' | 'payloads' | 'memoryBytes' | 'work'>;

/** Who waits for it. */
export type AttemptOptions = Pick<PoolRequest, 'claim' | 'signal' | 'abandoned' | 'onBegun'>;

export interface AttemptsParts extends Remembered {
  readonly pool: Pool;
  readonly telemetry: Telemetry;
  /** What it takes to make the smallest picture that still has the whole original decoded. Failures as of a render. */
  readonly planTrial: (original: Uint8Array) => Promise<Work>;
}

/**
 * The one way to a process for whatever is drawn of an original: what ends processes is known afterwards, and nothing else
 * of an original is begun while it is on trial.
 */
export interface Attempts extends Pick<Trials, 'ended' | 'isOnTrial'> {
  run(work: Work, attempt: Attempt, options: AttemptOptions): Promise<PoolResult>;
}

interface AttemptsState extends AttemptsParts {
  readonly trials: Trials;
}

export function createAttempts(parts: AttemptsParts): Attempts {
  const state: AttemptsState = { ...parts, trials: createTrials() };
  return {
    ended: state.trials.ended,
    isOnTrial: state.trials.isOnTrial,
    // A loss is counted even when nobody waits any more.
    run: (work, attempt, options) => unlessAborted(makeAttempt(state, { work, attempt, options }), options.signal),
  };
}

interface AttemptRequest {
  readonly work: Work;
  readonly attempt: Attempt;
  readonly options: AttemptOptions;
}

async function makeAttempt(state: AttemptsState, { work, attempt, options }: AttemptRequest): Promise<PoolResult> {
  const { pool, trials } = state;
  const { claim, signal, abandoned, onBegun } = options;
  const outcome = await pool.run({
    ...work,
    claim,
    signal,
    abandoned,
    onBegun,
    mayBegin() {
      checkKnown(state, attempt);
      return !trials.isOnTrial(attempt.fingerprint);
    },
  });
  if (outcome.how === 'answered') return outcome;
  const { failure, consequence } = addLoss(state, attempt, outcome);
  const [original] = work.payloads;
  if (consequence === 'trial' && original !== undefined) void tryOriginal(state, attempt.fingerprint, original);
  throw failure;
}

function addLoss({ verdicts, telemetry }: AttemptsState, attempt: Attempt, loss: Loss): CountedLoss {
  const counted = verdicts.addLoss(attempt, loss);
  if (counted.consequence === 'poison') telemetry.report({ type: 'poison', fingerprint: attempt.fingerprint });
  return counted;
}

/** Puts an original on trial, unless it is already or too many are. */
async function tryOriginal(state: AttemptsState, fingerprint: string, original: Uint8Array): Promise<void> {
  const { pool, verdicts, telemetry, trials } = state;
  if (!trials.begin(fingerprint)) return;
  const outcome = await tryOut(state, fingerprint, original);
  trials.end(fingerprint);
  verdicts.endTrial(fingerprint, outcome);
  if (outcome === 'poison') telemetry.report({ type: 'poison', fingerprint });
  // Other pictures of it have waited in the line.
  pool.wake();
}

/** Makes the small picture of an original. */
async function tryOut(state: AttemptsState, fingerprint: string, original: Uint8Array): Promise<TrialOutcome> {
  try {
    const work = await state.planTrial(original);
    // It goes on when nobody waits for it: what it tells is for whoever comes.
    const outcome = await state.pool.run({ ...work, rank: 'last', signal: new AbortController().signal });
    if (outcome.how === 'answered') return 'passed';
    const { consequence } = addLoss(state, { fingerprint, picture: canonical(work.job.transform) }, outcome);
    return outcome.how === 'deadline' && consequence !== 'none' ? 'poison' : 'open';
  } catch {
    // Never begun, or ended with the processes: nothing was learnt.
    return 'open';
  }
}

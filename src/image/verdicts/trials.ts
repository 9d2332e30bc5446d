import { unlessAborted } from '../../deadline.ts';
import { Failure } from '../../failure.ts';
import { createDeferred, type Deferred } from '../processes/deferred.ts';

/** Each holds its original, which may be a large one. Who is lost beyond them is tried at its next loss. */
const mostTrials = 4;

/** Requests that may wait for the end of a trial. */
const mostWaiting = 200;

/** Which originals are being tried, and who waits for that. */
export interface Trials {
  /** False when it is on trial already, or when there are too many trials. */
  begin(fingerprint: string): boolean;
  end(fingerprint: string): void;
  isOnTrial(fingerprint: string): boolean;
  /** Resolves when the original is not on trial. Failures: `overloaded` when too many wait; what the signal stands for. */
  ended(fingerprint: string, signal: AbortSignal): Promise<void>;
}

interface TrialsState {
  readonly underWay: Map<string, Deferred<void>>;
  /** Who waits for the end of one. */
  waiting: number;
}

export function createTrials(): Trials {
  const state: TrialsState = { underWay: new Map(), waiting: 0 };
  return {
    begin: (fingerprint) => begin(state, fingerprint),
    end(fingerprint) {
      state.underWay.get(fingerprint)?.resolve();
      state.underWay.delete(fingerprint);
    },
    isOnTrial: (fingerprint) => state.underWay.has(fingerprint),
    ended: (fingerprint, signal) => ended(state, fingerprint, signal),
  };
}

function begin({ underWay }: TrialsState, fingerprint: string): boolean {
  if (underWay.has(fingerprint) || underWay.size >= mostTrials) return false;
  underWay.set(fingerprint, createDeferred());
  return true;
}

async function ended(state: TrialsState, fingerprint: string, signal: AbortSignal): Promise<void> {
  const trial = state.underWay.get(fingerprint);
  if (trial === undefined) return;
  if (state.waiting >= mostWaiting) throw tooManyWaiting();
  state.waiting += 1;
  try {
    await unlessAborted(trial.promise, signal);
  } finally {
    state.waiting -= 1;
  }
}

function tooManyWaiting(): Failure {
  return new Failure('overloaded', 'It is being found out whether this original can be drawn; try again in a moment.', {
    retryAfterSeconds: 2,
  });
}

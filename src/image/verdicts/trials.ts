import { unlessAborted } from '../../deadline.ts';
import { Failure } from '../../failure.ts';
import type { TrialOutcome } from './verdicts.ts';

/** Each holds its original, which may be a large one. Who is lost beyond them is tried at its next loss. */
const mostTrials = 4;

/** Requests that may wait for the end of a trial. */
const mostWaiting = 200;

export interface TrialsParts {
  /** Makes the small picture of an original. Never rejects. */
  readonly attempt: (fingerprint: string, original: Uint8Array) => Promise<TrialOutcome>;
  readonly onEnded: (fingerprint: string, outcome: TrialOutcome) => void;
}

/** Which originals are being tried, and who waits for that. */
export interface Trials {
  begin(fingerprint: string, original: Uint8Array): void;
  isOn(fingerprint: string): boolean;
  /** Resolves when the original is not on trial. Failures: `overloaded` when too many wait; what the signal stands for. */
  ended(fingerprint: string, signal: AbortSignal): Promise<void>;
}

export function createTrials({ attempt, onEnded }: TrialsParts): Trials {
  const trials = new Map<string, Promise<void>>();
  let waiting = 0;

  async function run(fingerprint: string, original: Uint8Array): Promise<void> {
    const outcome = await attempt(fingerprint, original);
    trials.delete(fingerprint);
    onEnded(fingerprint, outcome);
  }

  return {
    begin(fingerprint, original) {
      if (trials.has(fingerprint) || trials.size >= mostTrials) return;
      trials.set(fingerprint, run(fingerprint, original));
    },
    isOn: (fingerprint) => trials.has(fingerprint),
    async ended(fingerprint, signal) {
      const trial = trials.get(fingerprint);
      if (trial === undefined) return;
      if (waiting >= mostWaiting) {
        throw new Failure(
          'overloaded',
          'It is being found out whether this original can be drawn; try again in a moment.',
          {
            retryAfterSeconds: 2,
          },
        );
      }
      waiting += 1;
      try {
        await unlessAborted(trial, signal);
      } finally {
        waiting -= 1;
      }
    },
  };
}

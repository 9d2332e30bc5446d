import { canonical, type ResolvedTransform } from '../../grammar/index.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { Pool, PoolRequest, PoolResult } from '../processes/pool.ts';
import { createTrials, type Trials } from './trials.ts';
import type { Attempt, TrialOutcome, Verdicts } from './verdicts.ts';

/** What a process needs in order to draw something. */
export type Work = Pick<PoolRequest, 'job' | 'payloads' | 'memoryBytes'>;

/** Who waits for it. */
export type Wanted = Pick<PoolRequest, 'claim' | 'signal' | 'abandoned' | 'onBegun'>;

export interface AttemptsParts {
  readonly pool: Pool;
  readonly verdicts: Verdicts;
  readonly telemetry: Telemetry;
  /** What it takes to make the smallest picture that still has the whole original decoded. Failures as of a render. */
  readonly planTrial: (original: Uint8Array) => Promise<Work>;
}

/**
 * The one way to a process for whatever is drawn of an original: what ends processes is known afterwards, and nothing else
 * of an original is begun while it is on trial.
 */
export interface Attempts extends Pick<Trials, 'ended' | 'isOn'> {
  run(work: Work, attempt: Attempt, wanted: Wanted): Promise<PoolResult>;
}

const side = { unit: 'pixels', value: 16 } as const;

/** What an original is tried with: whoever cannot be made into this can be made into nothing. */
export const trialTransform: ResolvedTransform = {
  steps: [{ crop: 'limit', width: side, height: side }],
  format: 'jpeg',
  quality: undefined,
  flags: [],
  page: undefined,
  density: undefined,
  colourSpace: undefined,
};

export function createAttempts({ pool, verdicts, telemetry, planTrial }: AttemptsParts): Attempts {
  const trials = createTrials({
    attempt: tryOut,
    onEnded(fingerprint, outcome) {
      verdicts.endTrial(fingerprint, outcome);
      if (outcome === 'poison') telemetry.report({ type: 'poison', fingerprint });
      // Other pictures of it have waited in the line.
      pool.wake();
    },
  });

  function addLoss(attempt: Attempt, loss: Parameters<PoolRequest['onLost']>[0]) {
    const counted = verdicts.addLoss(attempt, loss);
    if (counted.consequence === 'poison') telemetry.report({ type: 'poison', fingerprint: attempt.fingerprint });
    return counted;
  }

  async function tryOut(fingerprint: string, original: Uint8Array): Promise<TrialOutcome> {
    let outcome: TrialOutcome = 'open';
    try {
      await pool.run({
        ...(await planTrial(original)),
        rank: 'last',
        // It goes on when nobody waits for it: what it tells is for whoever comes.
        signal: new AbortController().signal,
        onLost(loss) {
          const { failure, consequence } = addLoss({ fingerprint, picture: canonical(trialTransform) }, loss);
          if (loss.how === 'deadline' && consequence !== 'none') outcome = 'poison';
          return failure;
        },
      });
      outcome = 'passed';
    } catch {
      // Lost, or never begun: what that means has been noted.
    }
    return outcome;
  }

  return {
    ended: trials.ended,
    isOn: trials.isOn,
    run: (work, attempt, { claim, signal, abandoned, onBegun }) =>
      pool.run({
        ...work,
        claim,
        signal,
        abandoned,
        onBegun,
        mayBegin() {
          verdicts.check(attempt);
          return !trials.isOn(attempt.fingerprint);
        },
        onLost(loss) {
          const { failure, consequence } = addLoss(attempt, loss);
          const [original] = work.payloads;
          if (consequence === 'trial' && original !== undefined) trials.begin(attempt.fingerprint, original);
          return failure;
        },
      }),
  };
}

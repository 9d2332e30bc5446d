import PQueue from 'p-queue';
import { cancelled, Failure } from '../failure.ts';
import type { Telemetry } from '../telemetry.ts';

export interface AdmissionOptions {
  /** Pieces of work under way at once. */
  readonly slots: number;
  /** Pieces of work that may wait; past it they are refused at once. */
  readonly queueMax: number;
  readonly telemetry: Telemetry;
}

export interface AdmissionRequest {
  readonly signal: AbortSignal;
  /** Visitors go before warming. */
  readonly priority: 'visitor' | 'warming';
}

/** A slot, a place in the queue, or a refusal now. */
export interface Admission {
  /** Failures: `overloaded` at once when the queue is full; `cancelled` when the signal aborts in the queue. */
  run<T>(work: () => Promise<T>, request: AdmissionRequest): Promise<T>;
  /** Throws what `run` would refuse with now: for a caller that has to do something else first. */
  refuseWhenFull(): void;
  queued(): number;
}

export function createAdmission({ slots, queueMax, telemetry }: AdmissionOptions): Admission {
  const queue = new PQueue({ concurrency: slots });

  function refuseWhenFull(): void {
    if (queue.pending < slots || queue.size < queueMax) return;
    telemetry.report({ type: 'refused', reason: 'queue-full' });
    throw new Failure('overloaded', 'Too many pictures are being made right now; try again in a moment.', {
      retryAfterSeconds: 1,
    });
  }

  return {
    refuseWhenFull,
    async run(work, { signal, priority }) {
      refuseWhenFull();
      try {
        return await queue.add(work, { signal, priority: priority === 'visitor' ? 1 : 0 });
      } catch (error) {
        if (signal.aborted) throw cancelled(error);
        throw error;
      }
    },
    queued: () => queue.size,
  };
}

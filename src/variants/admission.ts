import PQueue from 'p-queue';
import { cancelled, Failure } from '../failure.ts';
import type { Telemetry } from '../telemetry.ts';
import { createReturnTimes } from './return-times.ts';

export interface AdmissionOptions {
  /** Pieces of work under way at once. */
  readonly slots: number;
  /** Pieces of work that may wait; past it they are refused at once. */
  readonly queueMax: number;
  readonly telemetry: Telemetry;
  /** Monotonic milliseconds. */
  readonly clock: { now(): number };
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

export function createAdmission({ slots, queueMax, telemetry, clock }: AdmissionOptions): Admission {
  const queue = new PQueue({ concurrency: slots });
  const returnTimes = createReturnTimes({ slots, clock, random: Math.random });

  function refuseWhenFull(): void {
    if (queue.pending < slots || queue.size < queueMax) return;
    telemetry.report({ type: 'refused', reason: 'queue-full' });
    throw new Failure('overloaded', 'Too many pictures are being made right now; try again in a moment.', {
      retryAfterSeconds: returnTimes.next(queue.size),
    });
  }

  async function timed<T>(work: () => Promise<T>): Promise<T> {
    const began = clock.now();
    try {
      return await work();
    } finally {
      returnTimes.finished(clock.now() - began);
    }
  }

  return {
    refuseWhenFull,
    async run(work, { signal, priority }) {
      refuseWhenFull();
      try {
        return await queue.add(() => timed(work), { signal, priority: priority === 'visitor' ? 1 : 0 });
      } catch (error) {
        if (signal.aborted) throw cancelled(error);
        throw error;
      }
    },
    queued: () => queue.size,
  };
}

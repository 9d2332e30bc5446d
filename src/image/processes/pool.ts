import { cancelled } from '../../failure.ts';
import { createDeferred } from './deferred.ts';
import { createLine } from './line.ts';
import type { MemoryBudget } from './memory-fit.ts';
import type { PoolOutcome, PoolRequest } from './pool-request.ts';
import { createSlot, type Slot, type SlotOptions, type SlotParts } from './slot.ts';
import { keepSlot } from './slot-loop.ts';
import { createStarts } from './starts.ts';

export interface PoolOptions extends SlotOptions, MemoryBudget {
  /** Requests that may wait. The caller's own admission is meant to be tighter: this only keeps it from being unbounded. */
  readonly maxWaiting: number;
  /** Milliseconds that others wait for a process that loads its libraries; 5 s by default. */
  readonly startPatienceMs?: number;
}

const defaultStartPatienceMs = 5_000;
/** A render that is at its time limit has ended by then. */
const endGraceMs = 1_000;

/**
 * Runs renders in child processes, each one at a time. Clients take turns, and so do originals; half of the processes are
 * the most that one of them has while others wait.
 */
export interface Pool {
  /**
   * Resolves with what became of the render, however long that takes: whoever waits no longer than its signal sees to that
   * itself. Failures: `overloaded`; `cancelled`; and what `mayBegin` throws.
   */
  run(request: PoolRequest): Promise<PoolOutcome>;
  /** True while processes are busy and get on: something is drawn, and renders begin or end as their time limit has it. */
  isBusy(): boolean;
  /** To be called when one that might not begin may do so now. */
  wake(): void;
  /** What the processes encode with, once the first has started; rejects when none can be started. */
  build(): Promise<string>;
  close(): Promise<void>;
}

/** Starts the processes at once, so that the first request does not pay for it. */
export function createPool(options: PoolOptions): Pool {
  const { processes, startPatienceMs = defaultStartPatienceMs } = options;
  const slots = Array.from({ length: processes }, createSlot);
  const line = createLine({ ...options, seats: slots });
  // Hits are to have the other cores while processes load their libraries.
  const starts = createStarts({ most: Math.ceil(processes / 2), patienceMs: startPatienceMs });
  const [build, closing] = [createDeferred<string>(), new AbortController()];
  const parts: SlotParts = { options, slots, line, starts, build, closing: closing.signal };
  const kept = slots.map((slot) => keepSlot(slot, parts));
  return {
    run: line.join,
    isBusy: () => line.isAdvancing(options.timeoutMs + endGraceMs),
    wake: line.wake,
    build: () => build.promise,
    async close() {
      closing.abort();
      build.reject(cancelled());
      line.close();
      slots.forEach(endProcess);
      await Promise.all(kept);
    },
  };
}

/** An idle process does not keep ours alive; its end is awaited all the same. */
function endProcess({ child }: Slot): void {
  child?.holdOpen(true);
  child?.kill();
}

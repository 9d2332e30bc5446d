import { unlessAborted } from '../../aborting.ts';
import { Failure, isFailure } from '../../failure.ts';

/** A time limit, beside what its caller wishes. */
export interface Deadline {
  /** Aborts with the reason when the time is up, or as the caller's own does. */
  readonly signal: AbortSignal;
  /** True once the time is up. */
  isOver(): boolean;
  /** Adds milliseconds, once. */
  extend(ms: number): void;
  /** To be called when what it is for has ended. */
  stop(): void;
}

/** `ms` milliseconds from now; `caller` undefined: nobody who may leave. */
export function startDeadline(ms: number, caller: AbortSignal | undefined, reason: () => Failure): Deadline {
  const controller = new AbortController();
  const began = performance.now();
  const leave = () => controller.abort(caller?.reason);
  let isOver = false;
  let isExtended = false;
  const expire = () => {
    isOver = true;
    controller.abort(reason());
  };
  let timer = setTimeout(expire, ms);
  if (caller?.aborted) leave();
  else caller?.addEventListener('abort', leave, { once: true });
  return {
    signal: controller.signal,
    isOver: () => isOver,
    extend(more) {
      if (isExtended) return;
      isExtended = true;
      clearTimeout(timer);
      timer = setTimeout(expire, Math.max(0, ms + more - (performance.now() - began)));
    },
    stop() {
      clearTimeout(timer);
      caller?.removeEventListener('abort', leave);
    },
  };
}

/**
 * Waits for a task no longer than that, whether it listens to its signal or not. Failures: `timeout`; what the
 * caller's signal stands for when it fires, which is `cancelled` unless it says otherwise; the task's own.
 */
export async function within<T>(
  ms: number,
  caller: AbortSignal | undefined,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = startDeadline(ms, caller, () => new Failure('timeout', `Not done after ${ms} ms.`));
  try {
    return await unlessAborted(task(deadline.signal), deadline.signal);
  } finally {
    deadline.stop();
  }
}

/**
 * Runs what a visitor waits for until the time is up, and then asks to come again: what was made meanwhile is kept for
 * then, and what nobody had begun is dropped. Undefined: there is all the time.
 */
export async function withPatience<T>(
  ms: number | undefined,
  leaving: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (ms === undefined) return task(leaving);
  const deadline = startDeadline(
    ms,
    leaving,
    () =>
      new Failure('overloaded', 'The picture was not ready in time; ask again in a moment.', { retryAfterSeconds: 2 }),
  );
  try {
    return await task(deadline.signal);
  } catch (error) {
    throw deadline.isOver() && isFailure(error, 'cancelled') ? deadline.signal.reason : error;
  } finally {
    deadline.stop();
  }
}

import type { Failure } from '../failure.ts';
import { abortFailure, unlessAborted } from '../storage/index.ts';

/** A time limit, beside what its caller wishes. */
export interface Limit {
  readonly ms: number;
  /** Undefined: there is nobody who may leave. */
  readonly caller: AbortSignal | undefined;
  /** What it is aborted with when the time is up. */
  readonly reason: () => Failure;
}

export interface Deadline {
  /** Aborts with the limit's reason when the time is up, or as the caller's own does. */
  readonly signal: AbortSignal;
  /** Adds milliseconds, once. */
  extend(ms: number): void;
  /** To be called when what it is for has ended. */
  stop(): void;
}

export function startDeadline({ ms, caller, reason }: Limit): Deadline {
  const controller = new AbortController();
  const began = performance.now();
  const leave = () => controller.abort(caller?.reason);
  const expire = () => controller.abort(reason());
  let isExtended = false;
  let timer = setTimeout(expire, ms);
  if (caller?.aborted) leave();
  else caller?.addEventListener('abort', leave, { once: true });
  return {
    signal: controller.signal,
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
 * Waits for a task no longer than the limit says, whether it listens to its signal or not. Failures: the limit's reason;
 * `cancelled` when the caller leaves; the task's own.
 */
export async function within<T>(limit: Limit, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, stop } = startDeadline(limit);
  try {
    return await unlessAborted(task(signal), signal);
  } catch (error) {
    // A task that listens ends in the same moment, and knows less.
    throw signal.aborted ? abortFailure(signal) : error;
  } finally {
    stop();
  }
}

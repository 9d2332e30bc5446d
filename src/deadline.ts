import { setMaxListeners } from 'node:events';
import { cancelled, Failure, isFailure } from './failure.ts';

/** What a fired signal stands for: the Failure it was aborted with, `timeout` for AbortSignal.timeout, else `cancelled`. */
export function abortFailure(signal: AbortSignal): Failure {
  const reason: unknown = signal.reason;
  if (isFailure(reason)) return reason;
  if (reason instanceof Error && reason.name === 'TimeoutError') {
    return new Failure('timeout', 'The answer took too long.', { cause: reason });
  }
  return cancelled(reason);
}

/** Throws when the signal has already fired. */
export function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortFailure(signal);
}

/** What the work comes to, unless the signal fires before: for work that might not look at the signal. */
export async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (!signal) return work;
  let leave = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    leave = () => reject(abortFailure(signal));
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

export interface DeadlineOptions {
  /** Milliseconds from now. */
  readonly ms: number;
  /** The caller's own: whoever may leave before. */
  readonly signal?: AbortSignal | undefined;
  /** What it comes to when the time is up; a `timeout` that tells the milliseconds by default. */
  readonly reason?: () => Failure;
}

/** A time limit on a piece of work, beside what its caller wishes. */
export interface Deadline {
  /** Fires with the reason when the time is up, or with what the caller's own signal stands for when that fires. */
  readonly signal: AbortSignal;
  /** Adds milliseconds, once. */
  extend(ms: number): void;
  /** Starts the time anew: something moved. */
  restart(): void;
  /** Fires the signal now, with this failure. */
  end(failure: Failure): void;
  /** To be called when what it is for has ended. */
  stop(): void;
}

/**
 * Starts a time limit. Not AbortSignal.any and AbortSignal.timeout: on Node 20 each of their signals leaves a hundred
 * bytes with a caller's signal that lives long, and neither can be given more time.
 */
export function startDeadline({ ms, signal: caller, reason = () => notDone(ms) }: DeadlineOptions): Deadline {
  const controller = new AbortController();
  // However many wait for it: Node takes more than ten for a leak, and says so on standard error.
  setMaxListeners(0, controller.signal);
  const began = performance.now();
  const leave = () => controller.abort(caller && abortFailure(caller));
  let isExtended = false;
  const expire = () => controller.abort(reason());
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
    restart: () => void timer.refresh(),
    end: (failure) => controller.abort(failure),
    stop() {
      clearTimeout(timer);
      caller?.removeEventListener('abort', leave);
    },
  };
}

/**
 * Runs a task until its time is up or its caller leaves, whether it listens to the deadline's signal or not; it is not
 * begun for a caller who has left. Failures: the deadline's reason; what the caller's signal stands for; the task's own.
 */
export async function withDeadline<Result>(
  options: DeadlineOptions,
  task: (deadline: Deadline) => Promise<Result>,
): Promise<Result> {
  stopIfAborted(options.signal);
  const deadline = startDeadline(options);
  try {
    return await unlessAborted(task(deadline), deadline.signal);
  } catch (error) {
    throw deadline.signal.aborted ? abortFailure(deadline.signal) : error;
  } finally {
    deadline.stop();
  }
}

function notDone(ms: number): Failure {
  return new Failure('timeout', `Not done after ${ms} ms.`);
}

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

import type { Readable } from 'node:stream';
import { cancelled, Failure, isFailure } from '../failure.ts';

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

/** Destroys the body with the signal's failure when it fires before the body is closed. */
export function destroyOnAbort(body: Readable, signal: AbortSignal | undefined): void {
  if (!signal) return;
  const leave = () => body.destroy(abortFailure(signal));
  if (signal.aborted) return void leave();
  signal.addEventListener('abort', leave, { once: true });
  body.once('close', () => signal.removeEventListener('abort', leave));
}

/** A body that nobody reads yet may fail without ending the process: its reader learns of it by reading. */
export function quiet(body: Readable): Readable {
  return body.on('error', () => undefined);
}

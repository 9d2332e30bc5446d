import type { Readable } from 'node:stream';
import { cancelled } from '../failure.ts';

/** Throws `cancelled` when the signal has already fired. */
export function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled(signal.reason);
}

/** Destroys the body with `cancelled` when the signal fires before the body is closed. */
export function destroyOnAbort(body: Readable, signal: AbortSignal | undefined): void {
  if (!signal) return;
  const leave = () => body.destroy(cancelled(signal.reason));
  if (signal.aborted) return void leave();
  signal.addEventListener('abort', leave, { once: true });
  body.once('close', () => signal.removeEventListener('abort', leave));
}

/** A body that nobody reads yet may fail without ending the process: its reader learns of it by reading. */
export function quiet(body: Readable): Readable {
  return body.on('error', () => undefined);
}

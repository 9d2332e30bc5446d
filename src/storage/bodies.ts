import type { Readable } from 'node:stream';
import { abortFailure } from '../deadline.ts';

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

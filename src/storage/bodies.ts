import { Readable } from 'node:stream';
import { type ByteRange, lengthOfRange } from '../byte-range.ts';
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

/** A part of a body, for a source that hands out no parts: what lies before it is read and dropped. */
export function partOfBody(body: Readable, part: ByteRange): Readable {
  const chunks = chunksOfPart(body, part);
  // Not Readable.from: to be destroyed, that would wait for the chunk that it has asked for.
  const wanted = new Readable({
    read() {
      chunks.next().then(
        ({ value }) => wanted.push(value ?? null),
        (error: Error) => wanted.destroy(error),
      );
    },
    destroy(error, done) {
      body.destroy();
      done(error);
    },
  });
  return quiet(wanted);
}

async function* chunksOfPart(body: Readable, part: ByteRange): AsyncGenerator<Uint8Array, void, undefined> {
  let [before, left] = [part.start, lengthOfRange(part)];
  for await (const chunk of body) {
    const bytes: Uint8Array = chunk;
    const wanted = bytes.subarray(before, before + left);
    before = Math.max(0, before - bytes.byteLength);
    left -= wanted.byteLength;
    if (wanted.byteLength > 0) yield wanted;
    if (left === 0) return;
  }
}

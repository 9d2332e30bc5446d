import type { Readable } from 'node:stream';
import { unlessAborted } from '../aborting.ts';
import { Failure, isFailure } from '../failure.ts';
import type { StoredObject } from './store.ts';

export interface ReadBodyOptions {
  /** A body past it is refused as `too_large`, before a byte is read when its announced size says so. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

/** Reads a whole body into memory; whatever happens, the body is left destroyed. */
export async function readBody(object: StoredObject, options: ReadBodyOptions): Promise<Buffer> {
  const { info, body } = object;
  const { maxBytes, signal } = options;
  try {
    if (info.size > maxBytes) throw tooLarge(info.size, maxBytes);
    const bytes = Buffer.allocUnsafeSlow(info.size);
    const seen = await unlessAborted(collect(body, bytes, maxBytes), signal);
    if (seen === info.size) return bytes;
    throw incomplete(`expected ${info.size} bytes, got ${seen}`);
  } catch (error) {
    if (isFailure(error)) throw error;
    throw incomplete('the connection broke', error);
  } finally {
    body.destroy();
  }
}

/**
 * Answers how many bytes came. They go where they belong as they come: to join them at the end would hold the thread for
 * tens of milliseconds, in which the memory is first touched, and take it twice.
 */
async function collect(body: Readable, into: Buffer, maxBytes: number): Promise<number> {
  let seen = 0;
  for await (const chunk of body) {
    const bytes: Uint8Array = chunk;
    if (seen + bytes.byteLength > maxBytes) throw tooLarge(seen + bytes.byteLength, maxBytes);
    if (seen + bytes.byteLength <= into.byteLength) into.set(bytes, seen);
    seen += bytes.byteLength;
  }
  return seen;
}

function tooLarge(bytes: number, maxBytes: number): Failure {
  return new Failure('too_large', `The file is too large: expected at most ${maxBytes} bytes, got ${bytes}.`);
}

function incomplete(how: string, cause?: unknown): Failure {
  return new Failure('upstream', `The file could not be read whole: ${how}.`, { cause });
}

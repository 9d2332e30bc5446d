import { type BoundedRead, readAtMost } from '../bounded-read.ts';
import { lengthOfRange } from '../byte-range.ts';
import { unlessAborted } from '../deadline.ts';
import { Failure, isFailure } from '../failure.ts';
import type { StoredObject } from './store.ts';

export interface ReadBodyOptions {
  /** A body past it is refused as `too_large`, before a byte is read when its announced size says so. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

/** Reads a body, or the part that was asked for, into memory; whatever happens, the body is left destroyed. */
export async function readBody(object: StoredObject, options: ReadBodyOptions): Promise<Buffer> {
  const { info, part, body } = object;
  const { maxBytes, signal } = options;
  const size = part === undefined ? info.size : lengthOfRange(part);
  try {
    if (size > maxBytes) throw tooLarge(size, maxBytes);
    const { bytes, seen } = await unlessAborted(readWhole(object, maxBytes, size), signal);
    if (seen > maxBytes) throw tooLarge(seen, maxBytes);
    if (seen === size) return bytes;
    throw incomplete(`expected ${size} bytes, got ${seen}`);
  } catch (error) {
    if (isFailure(error)) throw error;
    throw incomplete('the connection broke', error);
  } finally {
    body.destroy();
  }
}

async function readWhole({ body }: StoredObject, maxBytes: number, size: number): Promise<BoundedRead> {
  if (body.readAtOnce === undefined) return readAtMost(body, maxBytes, size);
  const bytes = await body.readAtOnce();
  return { bytes, seen: bytes.length };
}

function tooLarge(bytes: number, maxBytes: number): Failure {
  return new Failure('too_large', `The file is too large: expected at most ${maxBytes} bytes, got ${bytes}.`);
}

function incomplete(how: string, cause?: unknown): Failure {
  return new Failure('upstream', `The file could not be read whole: ${how}.`, { cause });
}

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
    const bytes = await unlessAborted(collect(body, maxBytes), signal);
    if (bytes.byteLength === info.size) return bytes;
    throw incomplete(`expected ${info.size} bytes, got ${bytes.byteLength}`);
  } catch (error) {
    if (isFailure(error)) throw error;
    throw incomplete('the connection broke', error);
  } finally {
    body.destroy();
  }
}

async function collect(body: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let seen = 0;
  for await (const chunk of body) {
    const bytes: Uint8Array = chunk;
    seen += bytes.byteLength;
    if (seen > maxBytes) throw tooLarge(seen, maxBytes);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, seen);
}

function tooLarge(bytes: number, maxBytes: number): Failure {
  return new Failure('too_large', `The file is too large: expected at most ${maxBytes} bytes, got ${bytes}.`);
}

function incomplete(how: string, cause?: unknown): Failure {
  return new Failure('upstream', `The file could not be read whole: ${how}.`, { cause });
}

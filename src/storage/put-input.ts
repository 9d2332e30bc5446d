import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { abortFailure, stopIfAborted } from '../deadline.ts';
import { Failure, isFailure } from '../failure.ts';
import { checkKey } from './keys.ts';
import type { PutOptions } from './store.ts';

/** S3's limit on user metadata: names and values together. */
const maxMetadataBytes = 2048;
// Some S3-compatible servers turn `_` into `-` and drop names with a dot.
const metadataName = /^[a-z0-9][a-z0-9-]*$/;
// Outer spaces would be trimmed in an HTTP header, so a store could not give the value back as it was.
const headerValue = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** A put that no store has to refuse for what it says. */
export interface CheckedPut {
  readonly key: string;
  readonly body: Uint8Array | Readable;
  /** Bytes that the body has, or has announced. */
  readonly size: number;
  readonly options: PutOptions;
}

/** Checks what every store must refuse alike. */
export function checkedPut(key: string, body: Uint8Array | Readable, options: PutOptions = {}): CheckedPut {
  checkKey(key);
  checkHeaderValue('content type', options.contentType);
  checkHeaderValue('cache control', options.cacheControl);
  checkMetadata(options.metadata ?? {});
  const size = bodySize(body, options.size);
  stopIfAborted(options.signal);
  return { key, body, size, options };
}

/** The body's chunks, provided that they come to exactly `size` bytes; throws `invalid` when they do not. */
export async function* exactly(body: Readable, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  let seen = 0;
  try {
    for await (const chunk of body) {
      const bytes: Uint8Array = chunk;
      seen += bytes.byteLength;
      if (seen > size) throw new Failure('invalid', `The body is longer than announced: expected ${size} bytes.`);
      yield bytes;
    }
  } catch (error) {
    if (isFailure(error)) throw error;
    throw new Failure('upstream', 'The body broke off while it was being stored.', { cause: error });
  }
  if (seen < size) throw new Failure('invalid', `The body ended early: expected ${size} bytes, got ${seen}.`);
}

export interface PourOptions {
  /** Bytes that the body must come to. */
  readonly size: number;
  readonly signal: AbortSignal | undefined;
}

/** Writes a streamed body of exactly `size` bytes chunk by chunk, and leaves it destroyed. */
export async function pour(
  body: Readable,
  { size, signal }: PourOptions,
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  const sink = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      write(chunk).then(() => done(), done);
    },
  });
  try {
    // Not a loop over the body: a source that hangs would hang its destruction too, and with it the abort.
    await pipeline(exactly(body, size), sink, signal ? { signal } : {});
  } catch (error) {
    throw signal?.aborted ? abortFailure(signal) : error;
  } finally {
    body.destroy();
  }
}

function bodySize(body: Uint8Array | Readable, announced: number | undefined): number {
  const size = body instanceof Readable ? announced : body.byteLength;
  if (size === undefined || !Number.isSafeInteger(size) || size < 0) {
    throw new Failure('invalid', 'A streamed body needs its size in bytes.');
  }
  if (announced !== undefined && announced !== size) {
    throw new Failure('invalid', `The body has another size than announced: expected ${announced} bytes, got ${size}.`);
  }
  return size;
}

function checkHeaderValue(what: string, value: string | undefined): void {
  if (value !== undefined && !headerValue.test(value)) {
    throw new Failure('invalid', `The ${what} is not valid: expected printable ASCII without outer spaces.`);
  }
}

function checkMetadata(metadata: Readonly<Record<string, string>>): void {
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    if (!metadataName.test(name)) {
      throw new Failure('invalid', 'A metadata name is not valid: expected lower-case letters, digits and "-".');
    }
    checkHeaderValue(`metadata value of "${name}"`, value);
    bytes += name.length + value.length;
  }
  if (bytes > maxMetadataBytes) {
    throw new Failure('invalid', `Too much metadata: expected at most ${maxMetadataBytes} bytes, got ${bytes}.`);
  }
}

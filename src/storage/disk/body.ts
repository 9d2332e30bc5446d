import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ByteRange } from '../../byte-range.ts';
import { Failure } from '../../failure.ts';
import { destroyOnAbort, quiet } from '../bodies.ts';
import { diskFailure } from './failures.ts';
import { etagOf } from './info.ts';

const chunkBytes = 256 * 1024;

/** A file that was opened, as it was then. */
export interface OpenedFile {
  readonly handle: FileHandle;
  readonly stats: BigIntStats;
}

export interface DiskBodyOptions {
  /** Only these bytes; they are there. */
  readonly part: ByteRange | undefined;
  readonly signal: AbortSignal | undefined;
}

/** How far an opened file has been read. */
interface FileReading extends OpenedFile {
  readonly end: number;
  position: number;
}

/**
 * The bytes of an opened file, or a part of them; it closes the file. Errors when the file turns out shorter, or was written to meanwhile:
 * files put into the folder by hand are not replaced by a rename.
 */
export function createDiskBody({ handle, stats }: OpenedFile, { part, signal }: DiskBodyOptions): Readable {
  const { start, end } = part ?? { start: 0, end: Number(stats.size) };
  const reading: FileReading = { handle, stats, position: start, end };
  const body = new Readable({
    highWaterMark: chunkBytes,
    read() {
      nextChunk(reading).then(
        (chunk) => body.push(chunk ?? null),
        (error: unknown) => body.destroy(asError(diskFailure(error))),
      );
    },
    destroy(error, done) {
      handle.close().then(
        () => done(error),
        (closing: unknown) => done(error ?? asError(diskFailure(closing))),
      );
    },
  });
  destroyOnAbort(body, signal);
  return quiet(body);
}

/** Undefined at the end. */
async function nextChunk(reading: FileReading): Promise<Uint8Array | undefined> {
  const { handle, stats, position, end } = reading;
  const wanted = Math.min(chunkBytes, end - position);
  if (wanted === 0) {
    if (etagOf(await handle.stat({ bigint: true })) !== etagOf(stats)) throw changed();
    return undefined;
  }
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, position);
  if (bytesRead === 0) throw changed();
  reading.position += bytesRead;
  return buffer.subarray(0, bytesRead);
}

function changed(): Failure {
  return new Failure('upstream', 'The file changed while it was being read.');
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('not an error', { cause: error });
}

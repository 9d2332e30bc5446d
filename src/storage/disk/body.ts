import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ByteRange } from '../../byte-range.ts';
import { Failure } from '../../failure.ts';
import { destroyOnAbort, quiet } from '../bodies.ts';
import type { StoredBody } from '../store.ts';
import { diskFailure, withDiskFailures } from './failures.ts';
import { etagOf } from './info.ts';

const chunkBytes = 256 * 1024;

/** Whoever wants all of it has it in so few calls; one that reads more would keep a thread from others for long. */
const bytesAtOnce = 4 * 1024 * 1024;

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
export function createDiskBody({ handle, stats }: OpenedFile, { part, signal }: DiskBodyOptions): StoredBody {
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
  return Object.assign(quiet(body), { readAtOnce: () => unlessDestroyed(body, () => readAtOnce(reading)) });
}

/** What a destroyed body failed with counts more than what the file says once it is closed. */
async function unlessDestroyed(body: Readable, read: () => Promise<Buffer>): Promise<Buffer> {
  try {
    const whole = await withDiskFailures(read);
    if (body.errored === null) return whole;
  } catch (error) {
    throw body.errored ?? error;
  }
  throw body.errored;
}

/** Straight to where it stays: pieces on the way would be written twice, the first time to memory that nobody has touched. */
async function readAtOnce(reading: FileReading): Promise<Buffer> {
  const { handle, position: start, end } = reading;
  const whole = Buffer.allocUnsafeSlow(end - start);
  while (reading.position < end) {
    const { position } = reading;
    const wanted = Math.min(bytesAtOnce, end - position);
    const { bytesRead } = await handle.read(whole, position - start, wanted, position);
    if (bytesRead === 0) throw changed();
    reading.position += bytesRead;
  }
  await checkUnchanged(reading);
  return whole;
}

/** Undefined at the end. */
async function nextChunk(reading: FileReading): Promise<Uint8Array | undefined> {
  const { handle, position, end } = reading;
  const wanted = Math.min(chunkBytes, end - position);
  if (wanted === 0) {
    await checkUnchanged(reading);
    return undefined;
  }
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, position);
  if (bytesRead === 0) throw changed();
  reading.position += bytesRead;
  return buffer.subarray(0, bytesRead);
}

async function checkUnchanged({ handle, stats }: FileReading): Promise<void> {
  if (etagOf(await handle.stat({ bigint: true })) !== etagOf(stats)) throw changed();
}

function changed(): Failure {
  return new Failure('upstream', 'The file changed while it was being read.');
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('not an error', { cause: error });
}

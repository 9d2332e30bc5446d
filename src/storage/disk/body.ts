import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { Failure } from '../../failure.ts';
import { destroyOnAbort, quiet } from '../bodies.ts';
import { diskFailure } from './failures.ts';

const chunkBytes = 256 * 1024;

/** Names one body: a rename brings another inode, a write in place another time. */
export function etagOf(stats: BigIntStats): string {
  return [stats.ino, stats.size, stats.mtimeNs].map((number) => number.toString(36)).join('-');
}

/**
 * The bytes of an opened file, which it closes. Errors when the file turns out shorter, or was written to meanwhile:
 * files put into the folder by hand are not replaced by a rename.
 */
export function createDiskBody(handle: FileHandle, stats: BigIntStats, signal: AbortSignal | undefined): Readable {
  const size = Number(stats.size);
  let position = 0;

  async function nextChunk(): Promise<Uint8Array | undefined> {
    const wanted = Math.min(chunkBytes, size - position);
    if (wanted === 0) {
      if (etagOf(await handle.stat({ bigint: true })) !== etagOf(stats)) throw changed();
      return undefined;
    }
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, position);
    if (bytesRead === 0) throw changed();
    position += bytesRead;
    return buffer.subarray(0, bytesRead);
  }

  const body = new Readable({
    highWaterMark: chunkBytes,
    read() {
      nextChunk().then(
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

function changed(): Failure {
  return new Failure('upstream', 'The file changed while it was being read.');
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('not an error', { cause: error });
}

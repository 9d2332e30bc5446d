import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import { Failure } from '../../failure.ts';

/** The largest colour profiles have some 4 MB; what is over this together is there to cost time and memory. */
const mostUnpackedBytes = 5 * 1024 * 1024;

/** zlib's own 16 kB would go to a thread and back a thousand times for a bomb. */
const chunkSize = 512 * 1024;

const unpack = promisify<Uint8Array, { readonly maxOutputLength: number; readonly chunkSize: number }, Buffer>(inflate);

/**
 * Refuses metadata that grows out of proportion when it is unpacked (`too_large`). What cannot be unpacked is left to
 * the decoder, which passes over it.
 */
export async function checkUnpacked(streams: readonly Uint8Array[]): Promise<void> {
  let left = mostUnpackedBytes;
  for (const stream of streams) {
    left -= await unpackedBytes(stream, left);
    if (left > 0) continue;
    throw new Failure('too_large', `The metadata of the picture unpack to more than ${mostUnpackedBytes} bytes.`);
  }
}

/** At most `most`, whatever is inside. */
async function unpackedBytes(stream: Uint8Array, most: number): Promise<number> {
  try {
    return (await unpack(stream, { maxOutputLength: most, chunkSize })).length;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE' ? most : 0;
  }
}

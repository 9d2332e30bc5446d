import { createInflate } from 'node:zlib';
import { Failure } from '../../failure.ts';

/** The largest colour profiles have some 4 MB; what is over this together is there to cost time and memory. */
const mostUnpackedBytes = 5 * 1024 * 1024;

/** A picture has one; each goes to a thread and back. */
const mostStreams = 10;

/** zlib's own 16 kB would go to a thread and back a thousand times for a bomb. */
const chunkSize = 512 * 1024;

/** Deflate's longest match is 258 bytes for 2 bits (RFC 1951): nothing grows more. */
export const mostDeflateRatio = 1032;

/**
 * Refuses metadata that grows out of proportion when it is unpacked (`too_large`), and very many of them. What cannot be
 * unpacked is left to the decoder, which passes over it, and counts with what it came to until then.
 */
export async function checkUnpacked(streams: readonly Uint8Array[]): Promise<void> {
  if (streams.length > mostStreams) {
    throw new Failure('too_large', `The picture has too many packed profiles: at most ${mostStreams} are read.`);
  }
  let left = mostUnpackedBytes;
  for (const stream of streams) {
    left -= await unpackedBytes(stream, left);
    if (left > 0) continue;
    throw new Failure('too_large', `The metadata of the picture unpack to more than ${mostUnpackedBytes} bytes.`);
  }
}

/** What comes out of a stream, damaged or not; `most` ends it. */
function unpackedBytes(stream: Uint8Array, most: number): Promise<number> {
  return new Promise((resolve) => {
    let bytes = 0;
    const inflate = createInflate({ chunkSize });
    inflate.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes < most) return;
      inflate.destroy();
      resolve(bytes);
    });
    inflate.on('end', () => resolve(bytes));
    // What was unpacked last is lost with the error: of a long stream a whole chunk, at the most.
    inflate.on('error', () => resolve(bytes + Math.min(chunkSize, stream.length * mostDeflateRatio)));
    inflate.end(stream);
  });
}

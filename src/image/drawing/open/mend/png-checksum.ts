import { inflateRawSync } from 'node:zlib';
import { pngChunk, signatureBytes } from '../../../containers/png-chunk.ts';

/** Of zlib's stream (RFC 1950): what it begins with, and the checksum of what it unpacks to. */
const [headBytes, checksumBytes] = [2, 4];

/** They are unpacked for their checksum, and lie in memory twice meanwhile. */
const mostUnpackedBytes = 32 * 1024 * 1024;
const chunkSize = 1024 * 1024;

/**
 * A PNG whose pixels are all there, and whose stream lacks its checksum or a part of it, with one. Undefined for any other:
 * a checksum that is wrong says that pixels are.
 */
export function withPixelChecksum(bytes: Buffer): Buffer | undefined {
  const { front, stream } = parts(bytes);
  const unpacked = unpack(stream.subarray(headBytes));
  if (unpacked === undefined) return undefined;
  const used = headBytes + unpacked.used;
  if (stream.length - used >= checksumBytes) return undefined;
  const checksum = Buffer.alloc(checksumBytes);
  checksum.writeUInt32BE(adler32(unpacked.pixels));
  return Buffer.concat([
    ...front,
    pngChunk('IDAT', Buffer.concat([stream.subarray(0, used), checksum])),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** What comes before the pixels, and those as far as the file goes. */
function parts(bytes: Buffer) {
  const front = [bytes.subarray(0, signatureBytes)];
  const pixels: Buffer[] = [];
  for (let at = signatureBytes; at + 8 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const end = at + 8 + bytes.readUInt32BE(at);
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT') pixels.push(bytes.subarray(at + 8, end));
    else if (pixels.length > 0) break;
    else front.push(bytes.subarray(at, end + 4));
  }
  return { front, stream: Buffer.concat(pixels) };
}

/** Pixels, and how much of the stream they took; undefined where it has no end, or unpacks to more than it may. */
function unpack(stream: Buffer): { readonly pixels: Uint8Array; readonly used: number } | undefined {
  try {
    // With `info` there is more than the type says.
    const found: object = inflateRawSync(stream, { info: true, maxOutputLength: mostUnpackedBytes, chunkSize });
    const engine: unknown = 'engine' in found ? found.engine : undefined;
    const pixels: unknown = 'buffer' in found ? found.buffer : undefined;
    const used: unknown = typeof engine === 'object' ? Reflect.get(engine ?? {}, 'bytesWritten') : undefined;
    return pixels instanceof Uint8Array && typeof used === 'number' ? { pixels, used } : undefined;
  } catch {
    return undefined;
  }
}

/** Sums that are taken modulo this (RFC 1950, 9), and for how many bytes they stay below 2³² without it. */
const [modulus, mostUnreduced] = [65_521, 5_552];

function adler32(bytes: Uint8Array): number {
  let [low, high] = [1, 0];
  for (let at = 0; at < bytes.length; at += mostUnreduced) {
    for (const byte of bytes.subarray(at, at + mostUnreduced)) {
      low += byte;
      high += low;
    }
    low %= modulus;
    high %= modulus;
  }
  return high * 65_536 + low;
}

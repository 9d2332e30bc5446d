import { crc32 } from 'node:zlib';

/** What every PNG begins with. */
export const pngSignature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
export const signatureBytes = pngSignature.length;

/** A chunk of that type, with its length and its checksum. */
export function pngChunk(type: string, body: Buffer): Buffer {
  const chunk = Buffer.alloc(body.length + 12);
  chunk.writeUInt32BE(body.length, 0);
  chunk.write(type, 4, 'latin1');
  body.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
  return chunk;
}

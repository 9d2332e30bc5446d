import { crc32 } from 'node:zlib';

/** Length, type and checksum: what a chunk has beside its data. */
const headBytes = 8;
const checksumBytes = 4;

/** An empty chunk of type IEND. */
const end = Buffer.from([0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]);

/**
 * A PNG that was cut off behind its last byte of pixels, before or inside that chunk's checksum, with an end. Undefined
 * for any other: libpng itself passes over what is wrong in chunks without pixels.
 */
export function mendPng(bytes: Buffer): Buffer | undefined {
  let at = 8;
  while (at + headBytes <= bytes.length) {
    const checksum = at + headBytes + bytes.readUInt32BE(at);
    const next = checksum + checksumBytes;
    if (next > bytes.length) {
      const isCutInChecksum = checksum <= bytes.length && bytes.toString('latin1', at + 4, at + 8) === 'IDAT';
      return isCutInChecksum ? withEnd(bytes, at, checksum) : undefined;
    }
    at = next;
  }
  return undefined;
}

function withEnd(bytes: Buffer, chunk: number, checksum: number): Buffer {
  const sum = Buffer.alloc(checksumBytes);
  sum.writeUInt32BE(crc32(bytes.subarray(chunk + 4, checksum)));
  return Buffer.concat([bytes.subarray(0, checksum), sum, end]);
}

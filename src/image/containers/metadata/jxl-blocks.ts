import { brotliDecompressSync } from 'node:zlib';
import { children, createBoxCount, wholeFile } from '../iso-boxes.ts';
import { type Block, exifBehindSignature, mostPacketBytes } from './block.ts';

/** In boxes of the container, plain or packed (ISO/IEC 18181-2, 9); a bare codestream has no words. */
export function* jxlBlocks(file: Buffer): Generator<Block> {
  if (file[0] === 0xff) return;
  for (const { type, from, to } of children(file, wholeFile(file), createBoxCount('jxl'))) {
    if (type === 'brob') {
      const bytes = unpacked(file.subarray(from + 4, to));
      if (bytes !== undefined) yield* blockOf(file.toString('latin1', from, from + 4), bytes);
    } else yield* blockOf(type, file.subarray(from, to));
  }
}

function* blockOf(type: string, bytes: Buffer): Generator<Block> {
  if (type === 'xml ') yield { kind: 'xmp', bytes };
  // Where the block begins is said before it.
  if (type === 'Exif') yield { kind: 'exif', bytes: exifBehindSignature(bytes.subarray(4 + bytes.readUInt32BE(0))) };
}

/** Undefined for what is no such stream, or comes to more than is read. */
function unpacked(packed: Buffer): Buffer | undefined {
  try {
    return brotliDecompressSync(packed, { maxOutputLength: mostPacketBytes });
  } catch {
    return undefined;
  }
}

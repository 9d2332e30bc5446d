import { type Block, exifBehindSignature } from './block.ts';

/** In chunks of their own, which only the extended form has. */
export function* webpBlocks(file: Buffer): Generator<Block> {
  if (file.toString('latin1', 12, 16) !== 'VP8X') return;
  let at = 12;
  while (at + 8 <= file.length) {
    const type = file.toString('latin1', at, at + 4);
    const length = file.readUInt32LE(at + 4);
    const body = file.subarray(at + 8, at + 8 + length);
    if (type === 'EXIF') yield { kind: 'exif', bytes: exifBehindSignature(body) };
    if (type === 'XMP ') yield { kind: 'xmp', bytes: body };
    at += 8 + length + (length % 2);
  }
}

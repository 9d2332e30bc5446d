import type { Facts } from './facts.ts';

const flagsAt = 20;
const alphaFlag = 0x10;

/**
 * The same WebP, whose header says that it has alpha. libvips goes by the header alone, while Chromium, libwebp's tools and
 * ImageMagick draw the alpha that a lossless picture has, whatever the header says.
 */
export function sayingItsAlpha(original: Buffer, { format, hasAlpha }: Facts): Buffer {
  const isConcealed =
    format === 'webp' &&
    hasAlpha &&
    original.toString('latin1', 12, 16) === 'VP8X' &&
    (original.readUInt8(flagsAt) & alphaFlag) === 0;
  if (!isConcealed) return original;
  const file = Buffer.from(original);
  file.writeUInt8(file.readUInt8(flagsAt) | alphaFlag, flagsAt);
  return file;
}

const flagsAt = 20;
const alphaFlag = 0x10;

/**
 * The same WebP, whose header says that it has alpha. libvips goes by the header alone, while Chromium, libwebp's tools and
 * ImageMagick draw the alpha that a lossless picture has, whatever the header says. Undefined where it says so already.
 */
export function withAlphaSaid(bytes: Buffer): Buffer | undefined {
  const isSaid = bytes.toString('latin1', 12, 16) !== 'VP8X' || (bytes.readUInt8(flagsAt) & alphaFlag) !== 0;
  if (isSaid) return undefined;
  const file = Buffer.from(bytes);
  file.writeUInt8(file.readUInt8(flagsAt) | alphaFlag, flagsAt);
  return file;
}

const flagsAt = 20;
const [alphaFlag, exifFlag] = [0x10, 0x08];

/**
 * The same WebP, whose header says that it has alpha where it has, and never that it has EXIF. libvips goes by the header
 * alone, while Chromium, libwebp's tools and ImageMagick draw the alpha that a lossless picture has, whatever the header
 * says; and what no header speaks of it does not read. Undefined where both are so already.
 */
export function plainWebp(bytes: Buffer, hasAlpha: boolean): Buffer | undefined {
  if (bytes.toString('latin1', 12, 16) !== 'VP8X') return undefined;
  const said = bytes.readUInt8(flagsAt);
  const meant = (said & ~exifFlag) | (hasAlpha ? alphaFlag : 0);
  if (said === meant) return undefined;
  const file = Buffer.from(bytes);
  file.writeUInt8(meant, flagsAt);
  return file;
}

import type { Facts } from '../containers/facts.ts';

/** Its code, tables and stacks, and what a heap that grows by steps has too much of. */
const fixedBytes = 32 * 1024 * 1024;
/** Measured: 7 for 8 bits with colour at a quarter, its planes and the RGB made of them; rounded up for steps of a fifth. */
const bytesPerPixel = 10;
const deepBytesPerPixel = 22;
/** With colour in full, or with alpha. */
const bytesPerSample = 3;

/**
 * Bytes of its own memory that the decoder of a HEIC gets: as many as a picture of that kind takes, so that a stream that is
 * larger than its file's header says ends there.
 */
export function mostHeicBytes({ stored, bitDepth, samplesPerPixel, bytes }: Facts): number {
  const deep = bitDepth > 8;
  const more = Math.max(0, samplesPerPixel - 1.5) * bytesPerSample * (deep ? 2 : 1);
  return fixedBytes + 2 * bytes + stored.width * stored.height * ((deep ? deepBytesPerPixel : bytesPerPixel) + more);
}

/** Of the pixels that it writes. */
export function tiffBytes({ stored, bitDepth, hasAlpha }: Facts): number {
  return stored.width * stored.height * (hasAlpha ? 4 : 3) * (bitDepth > 8 ? 2 : 1);
}

import type { Facts } from '../containers/facts.ts';

/** Its code, tables and stacks. */
const fixedBytes = 16 * 1024 * 1024;
/** Measured: 29 for a photograph of 8 bits and the PNG made of it, 59 for one of 16; more where frames are kept to be laid over. */
const [bytesPerPixel, deepBytesPerPixel] = [40, 72];
/** A channel beside the colours, as it is decoded and written. */
const bytesPerSample = 8;

/** Pictures are decoded in a memory of so many bytes at most, in steps, so that few are compiled anew for another bound. */
const step = 16 * 1024 * 1024;

/** Bytes of its own memory that the decoder of a JPEG XL gets: what a picture of that kind takes. */
export function mostJxlBytes({ stored, bitDepth, samplesPerPixel, bytes }: Facts): number {
  const rate = (bitDepth > 8 ? deepBytesPerPixel : bytesPerPixel) + bytesPerSample * (samplesPerPixel - 3);
  return step * Math.ceil((fixedBytes + 3 * bytes + rate * stored.width * stored.height) / step);
}

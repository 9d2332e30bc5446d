import { crc32 } from 'node:zlib';

/** What decides how long a tRNS is (PNG 3, 11.3.1.1). */
export interface TransparencyOwner {
  readonly colourType: number;
  /** Colours of the palette before it; 0 where there is none. */
  readonly colours: number;
}

/** Gray and colours name one of their own that is clear, in 16 bits a channel. */
const ownLengths: Readonly<Record<number, number>> = { 0: 2, 2: 6 };
const paletteType = 3;
const longest = 256;

/**
 * What counts of a tRNS, given from its type to the end of its checksum, as browsers take it: as much as it is long for,
 * where its checksum is right and its palette comes before it. Undefined where nothing does.
 */
export function heededTransparency(chunk: Buffer, { colourType, colours }: TransparencyOwner): Buffer | undefined {
  const body = chunk.subarray(4, -4);
  if (chunk.length < 8 || !hasRightChecksum(chunk)) return undefined;
  if (colourType === paletteType) {
    const isHeeded = body.length > 0 && body.length <= longest && colours > 0;
    return isHeeded ? body.subarray(0, colours) : undefined;
  }
  const length = ownLengths[colourType];
  return length === undefined || body.length < length ? undefined : body.subarray(0, length);
}

/** Whether a chunk, given from its type to the end of its checksum, is as it was written. */
export function hasRightChecksum(chunk: Buffer): boolean {
  return chunk.length >= 8 && crc32(chunk.subarray(0, -4)) === chunk.readUInt32BE(chunk.length - 4);
}

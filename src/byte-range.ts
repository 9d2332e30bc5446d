/** Bytes of a body: from `start` up to, and without, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What of a range there is in a body of so many bytes; an empty one at its end for a range that begins past it. */
export function clippedRange({ start, end }: ByteRange, bytes: number): ByteRange {
  return { start: Math.min(start, bytes), end: Math.min(end, bytes) };
}

/** How many bytes a range has. */
export function lengthOfRange({ start, end }: ByteRange): number {
  return end - start;
}

import type { Box, Size } from './facts.ts';

/**
 * What the payload of a `clap` leaves of an item of that size (ISO/IEC 14496-12, 12.1.4), in whole pixels as the decoder
 * rounds them; undefined where that is nothing, or lies outside. Throws a RangeError where it ends too early.
 */
export function cutOf(clap: Buffer, stored: Size): Box | undefined {
  const [width, height] = [share(clap, 0), share(clap, 8)];
  const left = Math.floor((stored.width - width) / 2 + share(clap, 16));
  const top = Math.floor((stored.height - height) / 2 + share(clap, 24));
  const cut = { left, top, width: Math.round(width), height: Math.round(height) };
  const isThere = cut.width >= 1 && cut.height >= 1 && left >= 0 && top >= 0;
  return isThere && left + cut.width <= stored.width && top + cut.height <= stored.height ? cut : undefined;
}

/** A numerator, which may be less than nothing, and a denominator. */
function share(clap: Buffer, at: number): number {
  return clap.readInt32BE(at) / clap.readUInt32BE(at + 4);
}

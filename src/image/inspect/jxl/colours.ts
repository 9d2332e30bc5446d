import type { Encoding } from '../../containers/encoding.ts';
import { meaningInPng } from '../cicp.ts';
import type { Bits } from './bits.ts';

/** Numbers of the standard's lists (ISO/IEC 18181-1, D.4) that are told apart here. */
const [gray, xyb] = [1, 2];
const [d65, customWhite, dciWhite] = [1, 2, 11];
const [srgb, customPrimaries, bt2100, p3] = [1, 2, 9, 11];

const coordinates = [
  [19, 0],
  [19, 524_288],
  [20, 1_048_576],
  [21, 2_097_152],
] as const;

/** What its numbers mean where it names that; undefined where a profile says it, which the decoder writes. */
export function readColours(bits: Bits, hasExtras: boolean): Encoding | 'srgb' | undefined {
  const codes = bits.flag() ? { primaries: 1, transfer: 13 } : readCodes(bits);
  const peak = hasExtras ? readPeak(bits) : usualPeak;
  return codes && meaningInPng(codes, peak);
}

/** As code points of ITU-T H.273. */
function readCodes(bits: Bits) {
  if (bits.flag()) return undefined;
  const space = bits.named();
  const white = space === xyb ? d65 : bits.named();
  if (white === customWhite) readPoint(bits);
  const primaries = space === xyb || space === gray ? srgb : bits.named();
  if (primaries === customPrimaries) for (let point = 0; point < 3; point += 1) readPoint(bits);
  if (space === xyb) return undefined;
  // An exponent, for which a profile is written.
  if (bits.flag()) {
    bits.read(24);
    bits.named();
    return undefined;
  }
  const transfer = bits.named();
  bits.named();
  const named = primariesCode(white, primaries);
  return named === undefined ? undefined : { primaries: named, transfer };
}

function primariesCode(white: number, primaries: number): number | undefined {
  if (white === dciWhite) return primaries === p3 ? 11 : undefined;
  if (white !== d65) return undefined;
  return { [srgb]: 1, [bt2100]: 9, [p3]: 12 }[primaries];
}

function readPoint(bits: Bits): void {
  for (let axis = 0; axis < 2; axis += 1) bits.ranged(coordinates);
}

/** Of the screen that it is meant for, in cd/m², as is usual. */
const usualPeak = 255;

/** ToneMapping (E.2): a number of 16 bits first. */
function readPeak(bits: Bits): number {
  if (bits.flag()) return usualPeak;
  const number = bits.read(16);
  const [fraction, exponent] = [number & 1023, (number >> 10) & 31];
  const peak = exponent === 0 ? (fraction / 1024) * 2 ** -14 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return peak > 0 && Number.isFinite(peak) ? peak : usualPeak;
}

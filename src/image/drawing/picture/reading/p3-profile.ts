import { p3Primaries } from '../../../containers/encoding.ts';
import { encodedReading } from './encoded.ts';
import { lightOf } from './light.ts';
import { curveOf, findTag } from './profile-curve.ts';
import type { Reading } from './reading.ts';

/** Display P3's colours in X, Y and Z as profiles write them: seen in the light of paper (D50). */
export const p3Colours = {
  rXYZ: [0.51512, 0.2412, -0.00105],
  gXYZ: [0.29198, 0.69225, 0.04189],
  bXYZ: [0.1571, 0.06657, 0.78407],
} as const;
const curves = ['rTRC', 'gTRC', 'bTRC'] as const;

/** How far a number may be off: they are rounded in several ways, and a curve may be a table. */
const [near, nearLight] = [0.003, 0.004];

/** Those of cameras and screens have some 500 bytes; a longer one would cost more than its colours are worth. */
const mostBytes = 4_096;

/** Whether a profile is one of Display P3, by its own numbers (ICC.1:2022, 9.2): many call themselves something else. */
export function isDisplayP3(profile: Buffer | undefined): boolean {
  if (profile === undefined || profile.length > mostBytes || profile.toString('latin1', 16, 20) !== 'RGB ')
    return false;
  try {
    // Tables for the same colours would count more than these.
    if (['A2B0', 'A2B1', 'B2A0', 'D2B0'].some((name) => findTag(profile, name) !== undefined)) return false;
    const hasColours = Object.entries(p3Colours).every(([name, xyz]) => isColour(findTag(profile, name), xyz));
    return hasColours && curves.every((name) => isCurveOfSrgb(findTag(profile, name)));
  } catch (error) {
    // It points outside of itself.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Numbers of which a curve is asked what they are. */
const samples = Array.from({ length: 17 }, (_, step) => step / 16);

function isColour(tag: Buffer | undefined, xyz: readonly number[]): boolean {
  return (
    tag !== undefined && xyz.every((value, axis) => Math.abs(tag.readInt32BE(8 + 4 * axis) / 65_536 - value) <= near)
  );
}

function isCurveOfSrgb(tag: Buffer | undefined): boolean {
  const curve = tag && curveOf(tag);
  return curve !== undefined && samples.every((at) => Math.abs(curve(at) - lightOf(at, { kind: 'srgb' })) <= nearLight);
}

/** Reads Display P3 of 8 bits as sRGB: what lies outside of that becomes its nearest number in each channel. */
export function p3Reading(): Reading {
  return encodedReading({ primaries: p3Primaries, transfer: { kind: 'srgb' } }, 'uchar');
}

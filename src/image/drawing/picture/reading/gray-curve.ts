import { type Curve, curveOf, findTag } from './profile-curve.ts';

/**
 * The curve of a gray profile (ICC.1:2010, 8.3.4, 10.5 and 10.15): what its numbers are of the light of white. Undefined
 * for a profile that says it by a table, or that is none.
 */
export function grayCurve(profile: Buffer): Curve | undefined {
  try {
    if (profile.toString('latin1', 16, 20) !== 'GRAY' || findTag(profile, 'A2B0') !== undefined) return undefined;
    const tag = findTag(profile, 'kTRC');
    const curve = tag && curveOf(tag);
    // Or of its lightness, where colours are told as L*a*b*.
    if (profile.toString('latin1', 20, 24) !== 'Lab ') return curve;
    return curve && ((number) => lightOfLightness(100 * curve(number)));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** CIE 1976. */
function lightOfLightness(lightness: number): number {
  return lightness > 8 ? ((lightness + 16) / 116) ** 3 : lightness / (24_389 / 27);
}

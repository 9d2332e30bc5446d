import type { Transfer } from '../../../containers/encoding.ts';

/** cd/m² of a white sheet in pictures of high dynamic range (BT.2408), which is 1 in the light of all others. */
export const whiteNits = 203;

/** The light that a number of 0 to 1 stands for, of each channel by itself; 1 is white. */
export function lightOf(value: number, transfer: Transfer): number {
  switch (transfer.kind) {
    case 'srgb':
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    case 'power':
      return transfer.scale * value ** transfer.exponent;
    case 'smpte240':
      return value < 4 * 0.0228 ? value / 4 : ((value + 0.1115) / 1.1115) ** (1 / 0.45);
    case 'pq':
      return pqNits(value) / whiteNits;
    case 'hlg':
      // Of the scene: what a screen makes of it depends on all three channels.
      return hlgScene(value);
  }
}

/** SMPTE ST 2084. */
function pqNits(value: number): number {
  const [m1, m2] = [2610 / 16384, (2523 / 4096) * 128];
  const [c1, c2, c3] = [3424 / 4096, (2413 / 4096) * 32, (2392 / 4096) * 32];
  const root = value ** (1 / m2);
  return 10_000 * (Math.max(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1);
}

/** ARIB STD-B67. */
function hlgScene(value: number): number {
  const a = 0.17883277;
  const b = 1 - 4 * a;
  const c = 0.5 - a * Math.log(4 * a);
  return value <= 0.5 ? value ** 2 / 3 : (Math.exp((value - c) / a) + b) / 12;
}

/** The number of 0 to 1 that sRGB has for a light. */
function srgbOf(light: number): number {
  return light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;
}

/** Steps of light fine enough for the darkest of 256 numbers, which are 20 steps wide. */
const lightSteps = 65_535;

/** The 8 bits that sRGB has for each step of light. */
export function srgbTable(): Uint8ClampedArray {
  return Uint8ClampedArray.from({ length: lightSteps + 1 }, (_, step) => 255 * srgbOf(step / lightSteps));
}

/** Where a light stands in that table; less than none and more than white are at its ends. */
export function stepOf(light: number): number {
  return light <= 0 ? 0 : light >= 1 ? lightSteps : Math.round(light * lightSteps);
}

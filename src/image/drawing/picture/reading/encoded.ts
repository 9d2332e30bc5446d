import { areNearSrgb, type Encoding, srgbPrimaries, widePrimaries } from '../../../containers/encoding.ts';
import { lightOf, srgbTable, stepOf } from './light.ts';
import { luminanceOf, type Matrix, matrixBetween } from './primaries.ts';
import type { Reading, Samples } from './reading.ts';
import { sceneToScreen, toneMap } from './tone-map.ts';

/** Reads numbers by what the file says of its primaries and its curve. */
export function encodedReading(encoding: Encoding, depth: Reading['depth']): Reading {
  return { depth, canScaleFirst: true, toPixels: readerOf(encoding, depth === 'uchar' ? 255 : 65_535) };
}

/** The highest number is 255 or 65,535. */
function readerOf(encoding: Encoding, highest: number): Reading['toPixels'] {
  const { transfer, primaries } = encoding;
  const lights = Float64Array.from({ length: highest + 1 }, (_, value) => lightOf(value / highest, transfer));
  const isBright = transfer.kind === 'pq' || transfer.kind === 'hlg';
  if (areNearSrgb(primaries, 0) && !isBright) return oneByOne(lights, highest);
  const matrix = matrixBetween(primaries, srgbPrimaries);
  return mixing(lights, matrix, { highest, gain: isBright ? gainOf(encoding, transfer.peak) : undefined });
}

/** Where only the curve is another, each channel is looked up by itself. */
function oneByOne(lights: Float64Array, highest: number): Reading['toPixels'] {
  const numbers = srgbTable();
  const table = Uint8Array.from(lights, (light) => numbers[stepOf(light)] ?? 0);
  return (samples, channels) => {
    const pixels = Buffer.allocUnsafe(samples.length);
    for (let at = 0; at < samples.length; at += 1) pixels[at] = table[samples[at] ?? 0] ?? 0;
    if (channels === 4) copyAlpha(samples, pixels, highest);
    return pixels;
  };
}

interface Mixing {
  readonly highest: number;
  /** What all three lights of a pixel are multiplied by first. */
  readonly gain: ((red: number, green: number, blue: number) => number) | undefined;
}

function mixing(
  lights: Float64Array,
  [toRed, toGreen, toBlue]: Matrix,
  { highest, gain }: Mixing,
): Reading['toPixels'] {
  const numbers = srgbTable();
  return (samples, channels) => {
    const pixels = Buffer.allocUnsafe(samples.length);
    for (let at = 0; at < samples.length; at += channels) {
      const red = lights[samples[at] ?? 0] ?? 0;
      const green = lights[samples[at + 1] ?? 0] ?? 0;
      const blue = lights[samples[at + 2] ?? 0] ?? 0;
      const factor = gain === undefined ? 1 : gain(red, green, blue);
      pixels[at] = numbers[stepOf(factor * (toRed[0] * red + toRed[1] * green + toRed[2] * blue))] ?? 0;
      pixels[at + 1] = numbers[stepOf(factor * (toGreen[0] * red + toGreen[1] * green + toGreen[2] * blue))] ?? 0;
      pixels[at + 2] = numbers[stepOf(factor * (toBlue[0] * red + toBlue[1] * green + toBlue[2] * blue))] ?? 0;
    }
    if (channels === 4) copyAlpha(samples, pixels, highest);
    return pixels;
  };
}

/** What is strong is told among the primaries of BT.2020, whatever those of the picture are. */
function gainOf({ primaries, transfer }: Encoding, peak: number): NonNullable<Mixing['gain']> {
  const map = toneMap(peak);
  const [wideRed, wideGreen, wideBlue] = matrixBetween(primaries, widePrimaries);
  const strongest = (red: number, green: number, blue: number) =>
    Math.max(
      wideRed[0] * red + wideRed[1] * green + wideRed[2] * blue,
      wideGreen[0] * red + wideGreen[1] * green + wideGreen[2] * blue,
      wideBlue[0] * red + wideBlue[1] * green + wideBlue[2] * blue,
    );
  if (transfer.kind === 'pq') return (red, green, blue) => map(strongest(red, green, blue));
  const [r, g, b] = luminanceOf(primaries);
  return (red, green, blue) => {
    const screen = sceneToScreen(r * red + g * green + b * blue);
    return screen * map(screen * strongest(red, green, blue));
  };
}

function copyAlpha(samples: Samples, pixels: Buffer, highest: number): void {
  for (let at = 3; at < samples.length; at += 4) pixels[at] = Math.round(((samples[at] ?? 0) / highest) * 255);
}

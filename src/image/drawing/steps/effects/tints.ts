import type { Effect } from '../../../../grammar/index.ts';
import { rasterOf } from '../../picture/picture.ts';
import { coloured, type Raster, withAlpha } from '../../picture/raster.ts';
import { encoded, linear } from './light.ts';
import { channelsOf, luma, mapColours, recolouredBy } from './pixels.ts';
import type { DrawEffect } from './tones.ts';

type Stops = NonNullable<Effect['stops']>;

/**
 * Draws the picture in shades, mixed in by per cent: from the first colour where it is dark over the others to the last where it is light. One
 * colour, red if none is named, lies between black and white.
 */
export const tint: DrawEffect = async (picture, amount, { colour = 'ff0000', stops = [{ colour, at: 50 }], mode }) => {
  const raster = coloured(await rasterOf(picture));
  const shades = shadesOf(stops.length > 1 ? stops : between(stops));
  const lights = mode === 'equalize' ? equalized(raster) : undefined;
  const share = amount / 100;
  return recolouredBy(raster, (pixels, at) => {
    const light = Math.round(luma(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0));
    const shade = 3 * (lights?.[light] ?? light);
    for (let channel = 0; channel < 3; channel += 1) {
      pixels[at + channel] = (pixels[at + channel] ?? 0) * (1 - share) + (shades[shade + channel] ?? 0) * share;
    }
  });
};

function between(stops: Stops): Stops {
  return [{ colour: '000000', at: 0 }, ...stops, { colour: 'ffffff', at: 100 }];
}

/** Red, green and blue for each of 256 lights; before the first place and behind the last its own colour. */
function shadesOf(stops: Stops): Float32Array {
  const sorted = stops.toSorted((one, other) => one.at - other.at);
  const shades = new Float32Array(256 * 3);
  for (let light = 0; light < 256; light += 1) {
    const at = light / 2.55;
    const after = sorted.findIndex((stop) => stop.at >= at);
    const upper = after < 0 ? sorted.at(-1) : sorted[after];
    const lower = after > 0 ? sorted[after - 1] : upper;
    shades.set(mixedAt(at, lower, upper), light * 3);
  }
  return shades;
}

function mixedAt(at: number, lower: Stops[number] | undefined, upper: Stops[number] | undefined): readonly number[] {
  if (lower === undefined || upper === undefined) return [0, 0, 0];
  const way = upper.at === lower.at ? 1 : Math.min(1, Math.max(0, (at - lower.at) / (upper.at - lower.at)));
  const from = channelsOf(lower.colour);
  return channelsOf(upper.colour).map((to, channel) => (from[channel] ?? 0) * (1 - way) + to * way);
}

/** What each light becomes, so that all are about as frequent. */
function equalized({ data, channels }: Raster): Uint8Array {
  const counts = new Float64Array(256);
  for (let at = 0; at < data.length; at += channels) {
    const light = Math.round(luma(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0));
    counts[light] = (counts[light] ?? 0) + 1;
  }
  const total = (data.length / channels) * 2;
  let below = 0;
  return Uint8Array.from(counts, (count) => {
    const middle = (2 * below + count) / total;
    below += count;
    return Math.round(middle * 255);
  });
}

/** What rows of shares make of each colour: three of three, or four of four with alpha. */
export const recolor: DrawEffect = async (picture, _amount, { matrix = [] }) => {
  const of = matrix.length === 16 ? 4 : 3;
  const came = await rasterOf(picture);
  const raster = of === 4 ? withAlpha(came) : coloured(came);
  return recolouredBy(raster, (pixels, at) => {
    const own = Array.from(pixels.subarray(at, at + of));
    for (let row = 0; row < of; row += 1) {
      pixels[at + row] = own.reduce((sum, value, column) => sum + value * (matrix[row * of + column] ?? 0), 0);
    }
  });
};

/** −99 leaves a hundredth of the brightness that the strongest channel has, 100 doubles it; where it ends at white, hues stay. */
export const brightnessHsb: DrawEffect = (picture, amount) =>
  mapColours(picture, (pixels, at) => {
    const strongest = Math.max(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0);
    const factor = Math.min(1 + amount / 100, 255 / Math.max(1, strongest));
    for (let channel = at; channel < at + 3; channel += 1) pixels[channel] = (pixels[channel] ?? 0) * factor;
  });

type Rows = readonly (readonly [number, number, number])[];
const grey = (red: number, green: number, blue: number): Rows => Array.from({ length: 3 }, () => [red, green, blue]);

/** In linear light: Machado, Oliveira and Fernandes (2009), of all strength and of half. One kind of cones sees light alone. */
const visions: Readonly<Record<string, Rows>> = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  protanomaly: [
    [0.458064, 0.679578, -0.137642],
    [0.092785, 0.846313, 0.060902],
    [-0.007494, -0.016807, 1.024301],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  deuteranomaly: [
    [0.547494, 0.607765, -0.155259],
    [0.181692, 0.781742, 0.036566],
    [-0.01041, 0.027275, 0.983136],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
  tritanomaly: [
    [1.017277, 0.027029, -0.044306],
    [-0.006113, 0.958479, 0.047634],
    [0.006379, 0.248708, 0.744913],
  ],
  rod_monochromacy: grey(0.2126, 0.7152, 0.0722),
  cone_monochromacy: grey(0.01775, 0.10945, 0.8728),
};

export const simulateColourBlindness: DrawEffect = (picture, _amount, { mode = 'deuteranopia' }) => {
  const rows = visions[mode] ?? [];
  return mapColours(picture, (pixels, at) => {
    const [red = 0, green = 0, blue = 0] = [0, 1, 2].map((channel) => linear[pixels[at + channel] ?? 0] ?? 0);
    rows.forEach(([ofRed, ofGreen, ofBlue], channel) => {
      pixels[at + channel] = encoded(Math.max(0, ofRed * red + ofGreen * green + ofBlue * blue));
    });
  });
};

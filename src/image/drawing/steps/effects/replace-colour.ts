import { type Picture, pictureOf, rasterOf } from '../../picture/picture.ts';
import { coloured, type Raster } from '../../picture/raster.ts';
import { encoded, linear } from './light.ts';
import { channelsOf } from './pixels.ts';
import type { DrawEffect } from './tones.ts';

/** Lightness and the two axes of colour of OKLab (Björn Ottosson, 2020), in which equal distances look about equal. */
type Lab = readonly [lightness: number, greenRed: number, blueYellow: number];

/** So far from the colour that is replaced a tolerance of 100 reaches, in the plane of colours; red and green are 0.5 apart. */
const farthest = 0.5;
/** The last part of it, where less and less is replaced: edges stay soft. */
const softShare = 0.3;

/**
 * 0–100: what is like one colour, by hue and strength, becomes as much like another; light and shade stay. Without a colour to replace it
 * is the one that the picture has most of, strong ones counting more.
 */
export const replaceColour: DrawEffect = async (picture, tolerance, { colour = '808080', replaced }) => {
  const raster = coloured(await rasterOf(picture));
  const from = replaced === undefined ? mostStriking(raster) : labOf(...channelsOf(replaced));
  if (from === undefined || tolerance === 0) return pictureOf(raster);
  return recoloured(raster, { from, to: labOf(...channelsOf(colour)), reach: (tolerance / 100) * farthest });
};

interface Replacing {
  readonly from: Lab;
  readonly to: Lab;
  readonly reach: number;
}

function recoloured(raster: Raster, replacing: Replacing): Picture {
  const { from, to } = replacing;
  const { channels } = raster;
  const pixels = new Uint8ClampedArray(raster.data.buffer, raster.data.byteOffset, raster.data.length);
  for (let at = 0; at < pixels.length; at += channels) {
    const own = labOf(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0);
    const share = likeness(own, replacing);
    if (share === 0) continue;
    const [red, green, blue] = channelsFrom([
      own[0] + (to[0] - from[0]) * share,
      own[1] + (to[1] - from[1]) * share,
      own[2] + (to[2] - from[2]) * share,
    ]);
    pixels[at] = red;
    pixels[at + 1] = green;
    pixels[at + 2] = blue;
  }
  return pictureOf(raster);
}

/** A colour weaker than this is a grey, which its lightness tells from others. */
const weakest = 0.1;

/** How much of a colour is the one that is replaced: of a strong one no grey, and of a grey no grey of another lightness. */
function likeness(own: Lab, { from, reach }: Replacing): number {
  const strength = Math.hypot(from[1], from[2]);
  const byLightness = Math.max(0, 1 - strength / weakest) * (own[0] - from[0]);
  const distance = Math.hypot(own[1] - from[1], own[2] - from[2], byLightness);
  if (distance >= reach) return 0;
  const soft = Math.min(1, (1 - distance / reach) / softShare);
  return strength < weakest ? soft : soft * Math.min(1, (4 * Math.hypot(own[1], own[2])) / strength);
}

/** Hues are counted in so many parts of the wheel. */
const hues = 36;

function mostStriking({ data, channels, size }: Raster): Lab | undefined {
  const weights = new Float64Array(hues);
  const sums = new Float64Array(hues * 3);
  // A thousandth of a large picture says as much of it as all of it.
  const stride = channels * Math.max(1, Math.floor((size.width * size.height) / 100_000));
  for (let at = 0; at < data.length; at += stride) {
    const lab = labOf(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0);
    const strength = Math.hypot(lab[1], lab[2]);
    const hue = Math.floor(((Math.atan2(lab[2], lab[1]) / Math.PI + 1) / 2) * hues) % hues;
    weights[hue] = (weights[hue] ?? 0) + strength;
    for (let axis = 0; axis < 3; axis += 1) {
      sums[hue * 3 + axis] = (sums[hue * 3 + axis] ?? 0) + strength * (lab[axis] ?? 0);
    }
  }
  const most = weights.indexOf(Math.max(...weights));
  const weight = weights[most] ?? 0;
  if (weight === 0) return undefined;
  return [(sums[most * 3] ?? 0) / weight, (sums[most * 3 + 1] ?? 0) / weight, (sums[most * 3 + 2] ?? 0) / weight];
}

function labOf(red: number, green: number, blue: number): Lab {
  const [r, g, b] = [linear[red] ?? 0, linear[green] ?? 0, linear[blue] ?? 0];
  const long = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const middle = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const short = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short,
  ];
}

function channelsFrom([lightness, greenRed, blueYellow]: Lab): readonly [number, number, number] {
  const long = (lightness + 0.3963377774 * greenRed + 0.2158037573 * blueYellow) ** 3;
  const middle = (lightness - 0.1055613458 * greenRed - 0.0638541728 * blueYellow) ** 3;
  const short = (lightness - 0.0894841775 * greenRed - 1.291485548 * blueYellow) ** 3;
  return [
    encoded(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
    encoded(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
    encoded(-0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short),
  ];
}

import { blurred, blurredProduct, type Plane } from './blur.ts';
import { type Area, type Channels, cut, halved, linearOf, type Pixels, xybOf } from './colours.ts';
import { weights } from './weights.ts';

/** Scales, each half the size of the one before. */
const scales = 6;

/** A picture whose sides are shorter is not halved any more. */
const leastSide = 8;

/** The constant of SSIM that keeps the contrast of flat places from dividing by nothing. */
const stabilise = 0.0009;

/** For each channel and scale: three kinds of difference, each as a mean and as a fourth norm. */
const sumsOfChannel = 6;

/** What is known of one channel of the original at one place before anything is compared with it. */
interface Known {
  readonly plane: Plane;
  readonly mean: Plane;
  readonly square: Plane;
}

/** A part of the original at one scale. */
interface Place {
  readonly area: Area;
  readonly channels: readonly [Known, Known, Known];
}

/** An original, ready to be compared: the places that it is compared at, by scale. */
export type Reference = readonly (readonly Place[])[];

/** Which parts of a scale are compared: linear light in, areas of at least 16 pixels a side out, or all of it. */
export type Looking = (channels: Channels) => readonly Area[] | 'all';

/** Pixels at the edge of a part, whose blur would need what lies outside. */
const margin = 4;

function* pyramid(pixels: Pixels): Generator<Channels> {
  let channels = linearOf(pixels);
  for (let scale = 0; scale < scales; scale += 1) {
    if (scale > 0) {
      if (Math.min(channels[0].width, channels[0].height) < leastSide) return;
      channels = halved(channels);
    }
    yield channels;
  }
}

export function referenceOf(pixels: Pixels, looking: Looking = () => 'all'): Reference {
  return [...pyramid(pixels)].map((channels) => placesOf(channels, looking(channels)));
}

function placesOf(channels: Channels, areas: readonly Area[] | 'all'): readonly Place[] {
  const { width, height } = channels[0];
  const within = areas === 'all' ? [{ left: 0, top: 0, width, height }] : areas;
  return within.map((area) => {
    const [x, y, b] = xybOf(cut(channels, area));
    return { area, channels: [known(x), known(y), known(b)] };
  });
}

function known(plane: Plane): Known {
  return { plane, mean: blurred(plane), square: blurredProduct(plane, plane) };
}

/** What differs at one scale: sums over pixels for each channel, and how many those are. */
interface Differences {
  readonly sums: Float64Array;
  pixels: number;
}

/**
 * SSIMULACRA 2 (Sneyers 2022, version 2.1) of a picture of the original's size: 100 is the same, 90 cannot be told apart at a
 * normal distance, 70 is high quality, 50 medium; below 0 for what has little left of it.
 */
export function scoreAgainst(reference: Reference, pixels: Pixels): number {
  const all: Differences[] = [];
  for (const channels of pyramid(pixels)) {
    const places = reference[all.length];
    if (places === undefined) break;
    all.push(differencesAt(places, channels));
  }
  return scoreOf(all);
}

function differencesAt(places: readonly Place[], channels: Channels): Differences {
  const differences = { sums: new Float64Array(3 * sumsOfChannel), pixels: 0 };
  for (const { area, channels: originals } of places) {
    const others = xybOf(cut(channels, area));
    const inset = area.width === channels[0].width && area.height === channels[0].height ? 0 : margin;
    for (const [channel, original] of originals.entries()) {
      const sums = differences.sums.subarray(channel * sumsOfChannel, (channel + 1) * sumsOfChannel);
      addChannel(sums, { original, plane: others[channel as 0 | 1 | 2], inset });
    }
    differences.pixels += (area.width - 2 * inset) * (area.height - 2 * inset);
  }
  return differences;
}

interface Compared {
  readonly original: Known;
  readonly plane: Plane;
  readonly inset: number;
}

/**
 * Adds one channel: SSIM's error, edges that were not there and detail that is gone, each of the values and of their fourth
 * powers.
 */
function addChannel(sums: Float64Array, { original, plane, inset }: Compared): void {
  const mean = blurred(plane).values;
  const square = blurredProduct(plane, plane).values;
  const shared = blurredProduct(original.plane, plane).values;
  const [before, after] = [original.plane.values, plane.values];
  const [meanBefore, squareBefore] = [original.mean.values, original.square.values];
  let [error, error4, added, added4, lost, lost4] = [0, 0, 0, 0, 0, 0];
  for (let y = inset; y < plane.height - inset; y += 1) {
    const end = (y + 1) * plane.width - inset;
    for (let at = y * plane.width + inset; at < end; at += 1) {
      const [m, n] = [meanBefore[at] ?? 0, mean[at] ?? 0];
      const alike = 1 - (m - n) * (m - n);
      const both = 2 * ((shared[at] ?? 0) - m * n) + stabilise;
      const each = (squareBefore[at] ?? 0) - m * m + ((square[at] ?? 0) - n * n) + stabilise;
      const wrong = Math.max(0, 1 - (alike * both) / each);
      error += wrong;
      error4 += fourth(wrong);
      const edge = (1 + Math.abs((after[at] ?? 0) - n)) / (1 + Math.abs((before[at] ?? 0) - m)) - 1;
      if (edge > 0) {
        added += edge;
        added4 += fourth(edge);
      } else {
        lost -= edge;
        lost4 += fourth(edge);
      }
    }
  }
  for (const [at, sum] of [error, added, lost, error4, added4, lost4].entries()) sums[at] = (sums[at] ?? 0) + sum;
}

/** `**` takes five times as long as all the rest. */
function fourth(value: number): number {
  const square = value * value;
  return square * square;
}

function scoreOf(all: readonly Differences[]): number {
  let whole = 0;
  for (const [scale, { sums, pixels }] of all.entries()) {
    for (const [at, sum] of sums.entries()) {
      const [channel, part] = [Math.floor(at / sumsOfChannel), at % sumsOfChannel];
      const mean = sum / pixels;
      const weight = weights[(channel * scales + scale) * sumsOfChannel + part] ?? 0;
      whole += weight * (part < 3 ? mean : mean ** 0.25);
    }
  }
  const bent = whole * 0.9562382616834844;
  const loss = 2.326765642916932 * bent - 0.020884521182843837 * bent ** 2 + 6.248496625763138e-5 * bent ** 3;
  return loss > 0 ? 100 - 10 * loss ** 0.6276336467831387 : 100;
}

/** The score of one picture against another of the same size. */
export function scoreBetween(original: Pixels, other: Pixels): number {
  return scoreAgainst(referenceOf(original), other);
}

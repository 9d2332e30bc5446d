import { type Picture, pictureOf, rasterOf } from '../../picture/picture.ts';
import type { Raster } from '../../picture/raster.ts';
import { luma, mapChannels, type Table, tableOf } from './pixels.ts';

/** How often each value occurs. */
type Histogram = Float64Array;

/** Of brightness and of each channel; of all frames together, so that an animation does not flicker. */
interface Histograms {
  readonly luma: Histogram;
  readonly channels: readonly [Histogram, Histogram, Histogram];
}

/** More pixels than these say nothing new about a picture's levels. */
const mostSamples = 500_000;

/** Share of pixels at either end that may be cut off: a single white dot must not hold back the rest. */
const outliers = 0.005;

/** A range narrower than this is a flat picture: stretching it would show nothing but noise. */
const narrowestRange = 8;

/** 0–100: how far the mean brightness moves to the middle, by a gamma curve, which keeps black and white. */
export async function autoBrightness(picture: Picture, amount: number): Promise<Picture> {
  const { levels, ready } = await measured(picture);
  const table = mixedIn(evening(levels.luma), amount);
  return mapChannels(ready, [table, table, table]);
}

/** 0–100: how far brightness is stretched to the whole range; colours keep their balance. */
export async function autoContrast(picture: Picture, amount: number): Promise<Picture> {
  const { levels, ready } = await measured(picture);
  const table = mixedIn(stretching(levels.luma), amount);
  return mapChannels(ready, [table, table, table]);
}

/** 0–100: how far each channel is stretched to the whole range, which takes out a cast. */
export async function autoColour(picture: Picture, amount: number): Promise<Picture> {
  const { levels, ready } = await measured(picture);
  const [red, green, blue] = levels.channels;
  return mapChannels(ready, [
    mixedIn(stretching(red), amount),
    mixedIn(stretching(green), amount),
    mixedIn(stretching(blue), amount),
  ]);
}

/** 0–100: contrast and colours together, each half. */
export async function improve(picture: Picture, amount: number): Promise<Picture> {
  const { levels, ready } = await measured(picture);
  const whole = stretching(levels.luma);
  const halfway = (channel: Histogram): Table => {
    const own = stretching(channel);
    return mixedIn(
      tableOf((value) => ((whole[value] ?? value) + (own[value] ?? value)) / 2),
      amount,
    );
  };
  const [red, green, blue] = levels.channels;
  return mapChannels(ready, [halfway(red), halfway(green), halfway(blue)]);
}

async function measured(picture: Picture): Promise<{ readonly levels: Histograms; readonly ready: Picture }> {
  const raster = await rasterOf(picture);
  return { levels: histogramsOf(raster), ready: pictureOf(raster) };
}

function histogramsOf({ data, channels }: Raster): Histograms {
  const [red, green, blue, light] = [0, 1, 2, 3].map(() => new Float64Array(256)) as [
    Histogram,
    Histogram,
    Histogram,
    Histogram,
  ];
  const step = Math.max(1, Math.floor(data.length / channels / mostSamples)) * channels;
  const alphaAt = channels % 2 === 0 ? channels - 1 : undefined;
  const isGrey = channels < 3;
  for (let at = 0; at < data.length; at += step) {
    if (alphaAt !== undefined && (data[at + alphaAt] ?? 0) < 128) continue;
    const r = data[at] ?? 0;
    const g = isGrey ? r : (data[at + 1] ?? 0);
    const b = isGrey ? r : (data[at + 2] ?? 0);
    count(red, r);
    count(green, g);
    count(blue, b);
    count(light, Math.round(luma(r, g, b)));
  }
  return { luma: light, channels: [red, green, blue] };
}

function count(histogram: Histogram, value: number): void {
  histogram[value] = (histogram[value] ?? 0) + 1;
}

/** Stretches what lies between the outliers to 0–255. */
function stretching(histogram: Histogram): Table {
  const total = histogram.reduce((sum, pixels) => sum + pixels, 0);
  const low = valueBelow(histogram, total * outliers);
  const high = valueBelow(histogram, total * (1 - outliers));
  if (high - low < narrowestRange) return tableOf((value) => value);
  return tableOf((value) => ((value - low) * 255) / (high - low));
}

/** The first value with more than so many pixels at or below it. */
function valueBelow(histogram: Histogram, pixels: number): number {
  let seen = 0;
  const found = histogram.findIndex((own) => {
    seen += own;
    return seen > pixels;
  });
  return found < 0 ? 255 : found;
}

/** The gamma curve that brings the mean to the middle, within bounds: night must not become day. */
function evening(histogram: Histogram): Table {
  const total = histogram.reduce((sum, pixels) => sum + pixels, 0);
  const sum = histogram.reduce((weighted, pixels, value) => weighted + pixels * value, 0);
  const mean = total === 0 ? 0.5 : sum / total / 255;
  if (mean <= 0 || mean >= 1) return tableOf((value) => value);
  const exponent = Math.min(2.5, Math.max(0.4, Math.log(0.5) / Math.log(mean)));
  return tableOf((value) => 255 * (value / 255) ** exponent);
}

/** So many per cent of a change. */
function mixedIn(table: Table, amount: number): Table {
  return tableOf((value) => value + ((table[value] ?? value) - value) * (amount / 100));
}

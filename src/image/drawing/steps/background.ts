import type { Background } from '../../../grammar/index.ts';
import { flatten, type Picture, rasterOf, readyForColour, settled } from '../picture/picture.ts';
import type { Raster } from '../picture/raster.ts';

/** 16 steps a channel: colours that look alike count as one. */
const binBits = 4;

/** Looking at a pixel in so many is enough to find the commonest colour of a large picture. */
const mostSamples = 100_000;

/** A picture that has been run, and the colour that fits behind it. */
export interface Matched {
  readonly picture: Picture;
  /** `rrggbb`, or `rrggbbaa` where it was written so. */
  readonly colour: string;
}

/** The colour a background comes to for this picture. */
export async function resolveBackground(
  picture: Picture,
  background: Exclude<Background, { kind: 'blurred' }>,
): Promise<Matched> {
  switch (background.kind) {
    case 'colour':
      return { picture, colour: background.colour };
    case 'auto':
      return matchBackground(picture, background.from);
  }
}

/** Lays the picture on that colour. */
export async function fillBehind(picture: Picture, colour: string): Promise<Picture> {
  if (!picture.hasAlpha) return picture;
  if (colour.length === 6) return flatten(picture, colour);
  const ready = await readyForColour(picture, 'composited', colour);
  const behind = { width: 1, height: 1, channels: 4, background: `#${colour}` } as const;
  return {
    ...ready,
    pipeline: ready.pipeline.composite([{ input: { create: behind }, tile: true, blend: 'dest-over' }]),
    stage: 'composited',
  };
}

/** Finds the commonest colour of the border, or of the whole picture, of the first frame. */
async function matchBackground(picture: Picture, from: 'border' | 'predominant'): Promise<Matched> {
  const ready = await settled(picture);
  const raster = await rasterOf(ready);
  const places = from === 'border' ? borderPlaces(raster) : allPlaces(raster);
  return { picture: ready, colour: commonest(raster, places) };
}

function* borderPlaces({ size: { width, height } }: Raster): Generator<number> {
  for (let x = 0; x < width; x += 1) {
    yield x;
    yield (height - 1) * width + x;
  }
  for (let y = 1; y < height - 1; y += 1) {
    yield y * width;
    yield y * width + width - 1;
  }
}

function* allPlaces({ size: { width, height } }: Raster): Generator<number> {
  const pixels = width * height;
  const step = Math.max(1, Math.floor(pixels / mostSamples));
  for (let place = 0; place < pixels; place += step) yield place;
}

interface Bin {
  count: number;
  red: number;
  green: number;
  blue: number;
}

/** The mean of the fullest bin; transparent pixels have no say. White when there is nothing else. */
function commonest({ data, channels }: Raster, places: Iterable<number>): string {
  const bins = new Map<number, Bin>();
  const isGray = channels < 3;
  for (const place of places) {
    const at = place * channels;
    const alpha = channels === 2 ? data[at + 1] : channels === 4 ? data[at + 3] : 255;
    if (alpha === undefined || alpha < 128) continue;
    const red = data[at] ?? 0;
    const green = isGray ? red : (data[at + 1] ?? 0);
    const blue = isGray ? red : (data[at + 2] ?? 0);
    count(bins, red, green, blue);
  }
  let fullest: Bin = { count: 1, red: 255, green: 255, blue: 255 };
  let most = 0;
  for (const bin of bins.values()) {
    if (bin.count > most) fullest = bin;
    most = Math.max(most, bin.count);
  }
  return [fullest.red, fullest.green, fullest.blue].map((sum) => hex(sum / fullest.count)).join('');
}

function count(bins: Map<number, Bin>, red: number, green: number, blue: number): void {
  const shift = 8 - binBits;
  const key = ((red >> shift) << (2 * binBits)) | ((green >> shift) << binBits) | (blue >> shift);
  const bin = bins.get(key);
  if (bin === undefined) {
    bins.set(key, { count: 1, red, green, blue });
  } else {
    bin.count += 1;
    bin.red += red;
    bin.green += green;
    bin.blue += blue;
  }
}

function hex(value: number): string {
  return Math.round(value).toString(16).padStart(2, '0');
}

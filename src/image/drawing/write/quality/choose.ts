import sharp from 'sharp';
import type { QualityLevel } from '../../../../grammar/index.ts';
import type { Raster } from '../../picture/raster.ts';
import { likeness, lumaOf, type Plane } from './likeness.ts';
import { type Sample, sampleOf } from './sample.ts';

/** Formats whose quality is measured; the others lose nothing, or only by a palette. */
export const measuredFormats = ['jpeg', 'webp', 'avif'] as const;
export type MeasuredFormat = (typeof measuredFormats)[number];

/** Where the search begins and what it must reach. */
interface Goal {
  /** The quality that reaches the target with most photographs: the first probe. */
  readonly usual: number;
  /** Likeness that is enough. */
  readonly target: number;
}

/**
 * By format, since a measure of structure does not do justice to each alike (AVIF is tuned to another). Targets are
 * what the usual quality reached in the median of the photographs (`npm run bench:quality`).
 */
export const goals: Readonly<Record<MeasuredFormat, Readonly<Record<QualityLevel, Goal>>>> = {
  jpeg: {
    best: { usual: 90, target: 0.9988 },
    good: { usual: 80, target: 0.997 },
    eco: { usual: 70, target: 0.9952 },
    low: { usual: 50, target: 0.9914 },
  },
  webp: {
    best: { usual: 90, target: 0.9984 },
    good: { usual: 80, target: 0.996 },
    eco: { usual: 68, target: 0.9933 },
    low: { usual: 45, target: 0.9893 },
  },
  avif: {
    best: { usual: 65, target: 0.9954 },
    good: { usual: 50, target: 0.988 },
    eco: { usual: 42, target: 0.9774 },
    low: { usual: 32, target: 0.9585 },
  },
};

/** How far from the usual quality a picture may lead: what the measure cannot see must not lead further. */
const [mostBelow, mostAbove] = [22, 12];

/** Nearer to the target than this share of what is missing to 1, the first probe was right. */
const nearEnough = 0.06;

/** How fast the loss falls with quality (its logarithm for each step), until two probes tell. */
const usualSlope: Readonly<Record<MeasuredFormat, number>> = { jpeg: -0.032, webp: -0.032, avif: -0.045 };

/** A sample smaller than this cannot be compared at three scales. */
const leastSide = 32;

/** The quality at which a picture loses as much as the level allows, by at most two probes of a sample. */
export async function chooseQuality(raster: Raster, format: MeasuredFormat, level: QualityLevel): Promise<number> {
  const { usual, target } = goals[format][level];
  const sample = sampleOf(raster);
  if (Math.min(sample.size.width, sample.size.height) < leastSide) return usual;
  const original = lumaOf(sample.data, sample.size, 3);
  const wanted = Math.log(1 - target);
  const within = (quality: number) =>
    Math.round(Math.min(usual + mostAbove, 98, Math.max(usual - mostBelow, 10, quality)));

  const first = await lossAt(usual, { sample, original, format });
  if (Math.abs(first - wanted) < nearEnough) return usual;
  const guess = within(usual + (wanted - first) / usualSlope[format]);
  if (Math.abs(guess - usual) < 3) return guess;
  const second = await lossAt(guess, { sample, original, format });
  const slope = (second - first) / (guess - usual);
  // Noise can make two near probes say that quality does not help.
  if (slope > usualSlope[format] / 4) return guess;
  return within(guess + (wanted - second) / slope);
}

export interface Probe {
  readonly sample: Sample;
  readonly original: Plane;
  readonly format: MeasuredFormat;
}

/** Logarithm of what is missing to equality. */
async function lossAt(quality: number, { sample, original, format }: Probe): Promise<number> {
  return Math.log(Math.max(1e-6, 1 - (await likenessAt(quality, { sample, original, format }))));
}

/** Encodes the sample with the least effort, which is a fifth of the time of ours and hardly worse, and compares. */
async function likenessAt(quality: number, { sample, original, format }: Probe): Promise<number> {
  const pipeline = sharp(sample.data, { raw: { ...sample.size, channels: 3 }, limitInputPixels: false });
  const encoded = await {
    jpeg: () => pipeline.jpeg({ quality }),
    webp: () => pipeline.webp({ quality, effort: 0 }),
    avif: () => pipeline.avif({ quality, effort: 0, chromaSubsampling: '4:2:0' }),
  }
    [format]()
    .toBuffer();
  const { data, info } = await sharp(encoded).raw().toBuffer({ resolveWithObject: true });
  return likeness(original, lumaOf(data, sample.size, info.channels));
}

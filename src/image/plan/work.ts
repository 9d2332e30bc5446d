import type { Component, EffectName, ImageFormat, ResolvedTransform } from '../../grammar/index.ts';
import type { Facts, Size } from '../containers/facts.ts';
import { avifEffort } from '../protocol/avif-effort.ts';
import { isMeasured, mostTries } from '../protocol/measured-formats.ts';
import { drawingMs } from '../protocol/vector-cost.ts';
import { type PaletteQuestion, paletteUse } from './palette-use.ts';
import type { Task, Workload } from './workload.ts';

/** What decides how long a render takes. */
export interface WorkCost {
  readonly facts: Facts;
  readonly transform: ResolvedTransform;
  readonly format: ImageFormat;
  /** Frames that are drawn. */
  readonly frames: number;
  readonly workload: Workload;
}

/**
 * Milliseconds of one core for each megapixel, rather too many than too few: measured on a server's core of 2024 with a
 * drawing and with noise, and rounded up. `test/fire/estimate.test.ts` holds them to what renders take.
 */
const effectRates: Readonly<Partial<Record<EffectName, number>>> = {
  blur: 80,
  sharpen: 110,
  blur_faces: 160,
  pixelate_faces: 150,
  blur_region: 160,
  pixelate_region: 150,
  replace_color: 260,
  outline: 320,
  make_transparent: 160,
  oil_paint: 700,
  cartoonify: 600,
  recolor: 200,
  shear: 190,
  simulate_colorblind: 260,
  gradient_fade: 60,
  tint: 70,
  unsharp_mask: 80,
  trim: 200,
  shadow: 140,
  vibrance: 60,
  saturation: 60,
  improve: 60,
  negate: 10,
  pixelate: 10,
  grayscale: 15,
};
const otherEffectRate = 45;
const skewRate = 190;
const shapeRate = 140;
const blurredBehindRate = 220;
const compositeRate = 40;
/** For each megapixel of what comes out of it. */
const resizeRate = 90;
/** Canvases, borders, colours behind, and a component that does nothing much. */
const passRate = 15;

const encodeRates: Readonly<Record<Exclude<ImageFormat, 'avif'>, number>> = { jpeg: 30, png: 120, webp: 320, gif: 480 };
/** By effort. A photograph takes more of it than noise does. */
const avifRates = { 2: 1200, 3: 2200 };
/** Copying pixels out and counting their colours. */
const countRate = 60;
/** Choosing a palette: for each megapixel, until the table of colours is full; and from then on. */
const [choiceRate, fullTableMs, fullTableRate] = [1350, 1700, 450];
/** A search for a quality encodes all of a picture up to so many megapixels three times over, or parts that are as large. */
const [searchRounds, mostSearched] = [3, 1.5];
/** Holding each against the original: what is looked at closely, up to so many megapixels, and what is looked at in small. */
const [closeRate, mostClose, smallRate] = [1200, 0.25, 150];
/** A JPEG's best coefficients and scans are looked for beside. */
const searchedJpegRate = 200;
const decodeRates: Readonly<Record<Exclude<Facts['format'], 'svg+xml'>, number>> = {
  jpeg: 25,
  png: 40,
  webp: 40,
  gif: 30,
  avif: 200,
  heic: 200,
  jxl: 500,
  tiff: 20,
  bmp: 60,
  'vnd.microsoft.icon': 60,
};

/**
 * How much more may be reckoned than a render has: the figures are those of noise, and a photograph takes a third or half.
 */
export const workAllowance = 2;

/** Milliseconds of CPU that a render takes, of all frames. */
export function estimateWorkMs({ facts, transform, format, frames, workload }: WorkCost): number {
  const drawn = sum(workload.tasks, taskMs);
  const layers = sum(
    workload.layers,
    (layer) => (layer.facts === undefined ? 0 : decodingMs(layer.facts)) + sum(layer.tasks, taskMs),
  );
  const each = decodingMs(facts) + drawn + megapixels(workload.output) * encodeRate({ format, transform, workload });
  const palette = paletteMs({ facts, transform, format, output: workload.output });
  return Math.ceil(each * frames + layers + searchMs({ format, transform, frames, workload }) + palette);
}

/** Of one frame. */
export function decodingMs(facts: Facts): number {
  const { format, stored, vector } = facts;
  if (vector !== undefined) return drawingMs({ ...facts, vector });
  return format === 'svg+xml' ? 0 : megapixels(stored) * decodeRates[format];
}

type Written = Pick<WorkCost, 'format' | 'transform' | 'frames' | 'workload'>;

function encodeRate({ format, transform, workload }: Omit<Written, 'frames'>): number {
  if (format === 'avif') return avifRates[avifEffort(workload.output)];
  return format === 'jpeg' && isSearched(transform) ? searchedJpegRate : encodeRates[format];
}

function isSearched({ quality }: ResolvedTransform): boolean {
  return quality?.kind === 'auto';
}

/** A quality is searched for in the first frame, and a file of few bytes is written with all of them. */
function searchMs(written: Written): number {
  const { format, transform, frames, workload } = written;
  if (!isMeasured(format)) return 0;
  const all = megapixels(workload.output);
  const forBytes = transform.maxBytes === undefined ? 0 : mostTries * all * frames * encodeRate(written);
  if (!isSearched(transform)) return forBytes;
  const size = Math.min(mostSearched, all);
  return (
    forBytes + searchRounds * size * encodeRate(written) + Math.min(mostClose, size) * closeRate + size * smallRate
  );
}

/** Few colours are put into a palette as fast as many are written without one. */
function paletteMs(question: PaletteQuestion): number {
  const size = megapixels(question.output);
  const use = paletteUse(question);
  if (use === 'none' || use === 'plain') return 0;
  if (use === 'fitting') return countRate * size;
  return countRate * size + Math.min(choiceRate * size, fullTableMs + fullTableRate * size);
}

function taskMs({ step, before, after }: Task): number {
  const resized = step.width !== undefined || step.height !== undefined || step.aspectRatio !== undefined;
  return (
    megapixels(before) * (isSkewed(step) ? skewRate : 0) +
    // What a component does beside its turn it does to what is left after cut and resize.
    megapixels(after) * ((resized ? resizeRate : 0) + passRate + effectRate(step) + shapeRates(step))
  );
}

function isSkewed({ angle }: Component): boolean {
  return angle !== undefined && angle.degrees % 90 !== 0;
}

function effectRate({ effect }: Component): number {
  return effect === undefined ? 0 : (effectRates[effect.name] ?? otherEffectRate);
}

function shapeRates({ radius, mask, opacity, background, layer }: Component): number {
  return (
    (radius === undefined ? 0 : shapeRate) +
    (mask === undefined ? 0 : shapeRate) +
    (opacity === undefined ? 0 : shapeRate) +
    (background?.kind === 'blurred' ? blurredBehindRate : 0) +
    (layer === undefined ? 0 : compositeRate)
  );
}

function megapixels({ width, height }: Size): number {
  return (width * height) / 1e6;
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

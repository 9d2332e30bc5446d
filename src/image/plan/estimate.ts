import { type Component, type ImageFormat, layout, type ResolvedTransform } from '../../grammar/index.ts';
import { canScaleAsStored, type Facts, hasOtherSamples, isStoredUsually, type Size } from '../containers/facts.ts';
import { mostHeicBytes, tiffBytes } from '../protocol/heic-memory.ts';
import { mostJxlBytes } from '../protocol/jxl-memory.ts';
import { isMeasured } from '../protocol/measured-formats.ts';
import { mostVectorBytes } from '../protocol/vector-cost.ts';
import { startingSize } from './limits.ts';
import { mostAutoAvifPixels } from './output-format.ts';
import { type PaletteQuestion, paletteUse } from './palette-use.ts';
import { type LayerWork, sizeKeys, type Task, type Workload, workloadOf } from './workload.ts';

/** What decides how much memory a render takes. */
export interface RenderCost {
  readonly facts: Facts;
  readonly transform: ResolvedTransform;
  readonly format: ImageFormat;
  /** Frames that are drawn. */
  readonly frames: number;
  /** Bytes of the original and of the layers. */
  readonly inputBytes: number;
  /** Everything that is drawn; without it, of the chain alone. */
  readonly workload?: Workload;
}

/** Code, caches of lines and tiles, and what the allocator keeps besides. */
const fixedBytes = 24 * 1024 * 1024;

/** Bytes for each pixel of a chain, by how many of its components need all pixels: input, output and work of the widest. */
const chainBytesPerPixel = [0, 13, 18] as const;
/** Where a canvas or a quarter turn lies between two streaming components. */
const joinBytesPerPixel = 4;

/**
 * Bytes for each output pixel that encoders hold: the pixels for an encoder that takes them whole, its own buffers, and
 * the file. Taken with 24 megapixels of noise, the worst there is, as the figures for decoding are with pictures of
 * 24 and 48; `test/fire/estimate.test.ts` holds both to what really happens.
 */
const encodeBytesPerPixel: Readonly<Record<ImageFormat, number>> = {
  jpeg: 6.5,
  png: 7,
  webp: 7,
  gif: 13.5,
  avif: 21.5,
};
/** A search for a quality: the pixels in linear light at two scales, what was encoded and its pixels, up to so many pixels. */
const [searchBytesPerPixel, mostSearchedPixels] = [62, 1_500_000];
/** Files that are written one after the other, in search of one that is small enough. */
const triedBytesPerPixel = 20;
/** With colour in full (4:4:4). */
const fullColourBytesPerPixel = { jpeg: 13, avif: 34 } as const;
/** With alpha, which is coded by itself, without loss. */
const webpBytesPerPixelWithAlpha = 13.5;

/** Bytes of memory that a render takes beside what its process takes idle, rather too many than too few. */
export function estimateBytes(cost: RenderCost): number {
  const { facts, transform, frames, inputBytes } = cost;
  const workload = cost.workload ?? workloadOf(transform, startingSize(facts, transform));
  const { start, tasks, layers, output } = workload;
  const sizes = sizesOf(tasks);
  return Math.ceil(
    fixedBytes +
      2 * inputBytes +
      decodeBytes(facts, frames) +
      readingBytes(facts, transform.steps, [start, ...sizes]) +
      chainBytes(workload, frames) +
      (frames > 1 ? framesBytes(tasks) * frames : 0) +
      paletteBytes({ facts, transform, format: cost.format, output }) +
      searchBytes(cost, output) +
      triedBytes(cost, output) +
      layers.reduce((sum, layer) => sum + layerBytes(layer, largest([start, ...sizes])), 0) +
      // An animation is encoded frame by frame, and only the file grows.
      pixels(output) * encodingRate(cost) * (frames > 1 ? 1 + frames / 8 : 1),
  );
}

/** What there is for reading an original. */
export interface ReadingBudget {
  /** Frames that are drawn. */
  readonly frames: number;
  readonly inputBytes: number;
  readonly memoryBytes: number;
}

/**
 * Pixels that an original of this kind may have so that it is decoded within that memory, beside a variant as large as
 * the largest AVIF that `auto` writes. Of an animation, the pixels of one frame, which are decoded one after the other.
 */
export function readablePixels(facts: Facts, { frames, inputBytes, memoryBytes }: ReadingBudget): number {
  const variant = { width: mostAutoAvifPixels, height: 1 };
  const reading = readingBytes(facts, [{}], [facts.stored, facts.stored, variant]);
  const left = memoryBytes - fixedBytes - 2 * inputBytes - encodeBytesPerPixel.avif * pixels(variant);
  // What is read by us is as large as the variant, or else as the original.
  const [once, whole] = canScaleAsStored(facts) ? [reading, 0] : [0, reading];
  const rate = (decodeBytes(facts, frames) + whole) / pixels(facts.stored);
  return Math.max(0, Math.floor((left - once) / rate));
}

function encodingRate({ facts, format, transform: { quality } }: RenderCost): number {
  if (format === 'webp' && facts.hasAlpha) return webpBytesPerPixelWithAlpha;
  const isFull = quality?.kind !== 'by-format' && quality?.chroma === '444';
  return isFull && (format === 'jpeg' || format === 'avif')
    ? fullColourBytesPerPixel[format]
    : encodeBytesPerPixel[format];
}

/** All of the picture as pixels, and what is searched on. */
function searchBytes({ format, transform: { quality }, frames }: RenderCost, output: Size): number {
  if (quality?.kind !== 'auto' || !isMeasured(format)) return 0;
  return 4 * frames * pixels(output) + searchBytesPerPixel * Math.min(mostSearchedPixels, pixels(output));
}

/** All of the picture as pixels, and what earlier tries leave behind. */
function triedBytes({ format, transform: { maxBytes }, frames }: RenderCost, output: Size): number {
  if (maxBytes === undefined || !isMeasured(format)) return 0;
  return (4 * frames + triedBytesPerPixel) * pixels(output);
}

/** Pixels that are counted, and again as the palette's own; then the table of colours that one is chosen from. */
const countedBytesPerPixel = 12;
const [choiceBytesPerPixel, mostChoiceBytes] = [80, 100 * 1024 * 1024];

function paletteBytes(question: PaletteQuestion): number {
  const size = pixels(question.output);
  const use = paletteUse(question);
  if (use === 'none' || use === 'plain') return 0;
  if (use === 'fitting') return countedBytesPerPixel * size;
  return countedBytesPerPixel * size + Math.min(choiceBytesPerPixel * size, mostChoiceBytes);
}

function pixels({ width, height }: Size): number {
  return width * height;
}

function sizesOf(tasks: readonly Task[]): readonly Size[] {
  return tasks.flatMap(({ turned, after }) => [turned, after]);
}

/** Letters are drawn on a surface, copied as pixels, and coloured. */
const textBytesPerPixel = 12;

/** What a layer is made of, the largest that its own components make of it, and itself on the base. */
function layerBytes({ facts, opened, tasks }: LayerWork, basePixels: number): number {
  const source = facts === undefined ? textBytesPerPixel * pixels(opened) : decodeBytes(facts, 1);
  return source + chainBytesPerPixel[2] * Math.max(largest([opened, ...sizesOf(tasks)]), basePixels);
}

/** What a decoder holds at once, and what is laid of its frames: all that are drawn, the canvas twice, and one more twice. */
function decodeBytes(facts: Facts, frames: number): number {
  if (!facts.isLaidHere) return decoderBytes(facts, frames);
  return decoderBytes(facts, 1) + pixels(facts.stored) * 4 * (frames + 4);
}

/** As it is compiled, which a process keeps. */
const jxlProgramBytes = 24 * 1024 * 1024;

function decoderBytes(facts: Facts, frames: number): number {
  const { format, coding, samplesPerPixel, bitDepth, hasAlpha } = facts;
  const all = pixels(facts.stored);
  const sampleBytes = Math.ceil(bitDepth / 8);
  switch (format) {
    case 'jpeg':
      // Coefficients of 16 bits for the whole picture, or a few lines of it.
      return all * (coding === 'progressive' ? 2.1 * samplesPerPixel : 0.5);
    case 'png':
      return all * (coding === 'interlaced' ? 1.1 * samplesPerPixel * sampleBytes : 0.5);
    case 'webp':
      return all * ((hasAlpha ? 8 : coding === 'lossless' ? 4.5 : 0.5) + (frames > 1 ? 8 : 0));
    case 'gif':
      return all * (frames > 1 ? 9 : 5.5);
    case 'avif':
      // dav1d's planes, libheif's copy of them, and its RGB; all of it doubles above 8 bits.
      return all * (bitDepth > 8 ? 19 : 12.6) + all * 2.1 * samplesPerPixel;
    case 'heic':
      // What the decoder may take at most, and the file that it is written into; that file's own decoding.
      return mostHeicBytes(facts) + 2.1 * tiffBytes(facts);
    case 'jxl':
      // Its program, what that may take at most, and the PNG that it writes.
      return jxlProgramBytes + mostJxlBytes(facts) + 1.1 * tiffBytes(facts);
    case 'bmp':
    case 'vnd.microsoft.icon':
      // Unpacked runs, the file that they are written into, and that file's own decoding.
      return all + 2.1 * tiffBytes(facts);
    case 'svg+xml':
      // What it may take at most, and its pixels beside that, twice while they are copied out.
      return facts.vector === undefined ? 0 : mostVectorBytes({ ...facts, vector: facts.vector }, 0) + 8 * all;
    case 'tiff':
      // A strip or a row of tiles may be the whole picture.
      return all * (1.1 * samplesPerPixel * sampleBytes + (hasOtherSamples(facts) ? 2 * samplesPerPixel + 4 : 0));
  }
}

/** What numbers take that are read here, not by the decoder: the samples of a whole picture, and its pixels. */
function readingBytes(facts: Facts, [first]: readonly Component[], [start, turned, size]: readonly Size[]): number {
  const { format, encoding, hasAlpha, bitDepth, colour } = facts;
  const mayHaveGrayProfile = colour === 'gray' && (bitDepth > 8 || format === 'avif');
  const mayBeWide = colour === 'rgb' && bitDepth > 8;
  const isRead = typeof encoding === 'object' || !isStoredUsually(facts) || mayHaveGrayProfile || mayBeWide;
  if (start === undefined || !isRead) return 0;
  const samples = hasAlpha ? 4 : 3;
  // They are scaled first where that may be, and nothing else is done to them.
  const isScaledFirst = canScaleAsStored(facts) && first !== undefined && first.angle === undefined;
  const read = isScaledFirst ? largest([size ?? start]) : largest([start, turned ?? start]);
  return read * samples * (bitDepth > 8 ? 3 : 2);
}

function chainBytes({ start, tasks }: Workload, frames: number): number {
  const working = tasks.map((task) => workingSizes(task, start)).filter((sizes) => sizes.length > 0);
  const rate = chainBytesPerPixel[Math.min(working.length, 2)] ?? 0;
  if (rate > 0) return rate * largest(working.flat()) * frames;
  const isJoined = tasks.length > 1 || tasks.some(({ step }) => step.angle !== undefined);
  return isJoined ? joinBytesPerPixel * largest(sizesOf(tasks)) * frames : 0;
}

/** The sizes at which a component needs all pixels; none where the picture streams through it. */
function workingSizes(task: Task, start: Size): readonly Size[] {
  const { step, before, turned, after } = task;
  const looked = lookedAt(task, start);
  if (!needsAllPixels(step)) return looked;
  // A turn comes before the resize of its own component, everything else after it.
  return step.angle === undefined ? [after, ...looked] : [before, turned, after, ...looked];
}

/** The size that a cut is chosen in by what the picture shows: once it is made smaller, but before it is made larger. */
function lookedAt({ step, turned }: Task, start: Size): readonly Size[] {
  const { scaled, cut } = layout(step, turned, { original: start });
  if (cut?.auto !== true) return [];
  return [scaled.width > turned.width || scaled.height > turned.height ? turned : scaled];
}

function needsAllPixels(step: Component): boolean {
  if (step.angle !== undefined && step.angle.degrees % 90 !== 0) return true;
  // With sizes alone it is done while the picture streams through; any other key needs all pixels at once.
  return Object.keys(step).some((key) => key !== 'angle' && !sizeKeys.has(key));
}

/** Frames that are laid side by side to be made smaller, and below each other again; each way the pixels are there twice. */
const besideBytesPerPixel = 8;

/** What scaling takes of memory for each frame of an animation: of the largest task, since one comes after the other. */
function framesBytes(tasks: readonly Task[]): number {
  return tasks.reduce((most, { step, turned, after }) => {
    if (!resizes(step)) return most;
    // Widths come first. A zoom, or a face that a thumb comes near to, makes the picture larger than what is left of it.
    const comesNear = step.zoom !== undefined || step.gravity?.kind === 'face';
    const share = !comesNear ? Math.max(after.width / turned.width, after.height / turned.height) : 1;
    const narrowed = Math.min(1, share) * pixels(turned);
    return Math.max(most, besideBytesPerPixel * (narrowed + pixels(after)));
  }, 0);
}

function resizes({ width, height, aspectRatio, zoom, effect }: Component): boolean {
  return [width, height, aspectRatio, zoom].some((value) => value !== undefined) || effect?.name === 'pixelate';
}

function largest(sizes: readonly Size[]): number {
  return sizes.reduce((most, size) => Math.max(most, pixels(size)), 0);
}

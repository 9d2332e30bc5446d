import { Failure } from '../../failure.ts';
import { layoutSteps, type ResolvedTransform } from '../../grammar/index.ts';
import type { Facts, Size } from '../containers/facts.ts';
import { checkKind, formatNames } from '../containers/header.ts';
import { ignoresExif } from '../protocol/job.ts';
import { checkStep, checkWork, type OnTheWay, type OutputLimits, sizeInWords } from '../protocol/output-limits.ts';
import type { Workload } from './workload.ts';

/** Where a transform's sizes start from: the picture as people see it, or as it is stored when EXIF is to be ignored. */
export function startingSize(facts: Facts, transform: ResolvedTransform): Size {
  return ignoresExif(transform) && facts.orientation !== 1 ? facts.stored : facts.size;
}

/** Refuses an original of a kind that is not read, or that declares more pixels than are decoded, or than it can hold. */
export function checkInput(facts: Facts, frames: number, maxInputPixels: number): void {
  checkKind(facts);
  checkPixels(facts, frames, maxInputPixels);
  const { width, height } = facts.stored;
  if (!facts.holdsItsPixels) {
    throw new Failure(
      'corrupt',
      `The original is damaged: it does not hold the ${width} × ${height} pixels that its header says.`,
    );
  }
}

/** Refuses a format whose decoder is for who runs this to install, where that was not done. */
export function checkDecoder({ format }: Facts, { readsHeic = false }: { readonly readsHeic?: boolean }): void {
  if (format === 'heic' && !readsHeic) throw withoutHeicDecoder();
}

/** What is told of a HEIC where its decoder is not installed. */
export function withoutHeicDecoder(): Failure {
  return new Failure(
    'unsupported',
    'A HEIC picture is read only where its decoder is installed beside fovea: npm install --save-prod libheif-js@1.23.2.',
  );
}

/** Refuses one that declares more pixels than are decoded. */
export function checkPixels({ stored }: Facts, frames: number, maxInputPixels: number): void {
  if (stored.width * stored.height * frames <= maxInputPixels) return;
  throw new Failure(
    'too_large',
    `The original has ${sizeInWords(stored, frames)} pixels; at most ${maxInputPixels} are read.`,
  );
}

export interface MemoryQuestion {
  readonly neededBytes: number;
  /** What a render may take when nothing else runs. */
  readonly mostBytes: number;
  /** Pixels of one frame that an original of this kind may have. */
  readonly readablePixels: number;
}

/**
 * Refuses a render that would not fit into the memory there is, even alone, and tells what is allowed and by which
 * setting: an original of at most `readablePixels` can be made smaller, whatever else may be too much to ask of it.
 */
export function checkMemory(facts: Facts, { neededBytes, mostBytes, readablePixels }: MemoryQuestion): void {
  if (neededBytes <= mostBytes) return;
  const megabytes = Math.floor(mostBytes / 1024 ** 2);
  const { width, height } = facts.stored;
  const kind = `${formatNames[facts.format]} of ${facts.bitDepth} bits and ${facts.samplesPerPixel} samples a pixel`;
  const most = (Math.floor(readablePixels / 100_000) / 10).toFixed(1);
  const why =
    width * height > readablePixels
      ? `The original has ${width} × ${height} pixels; of its kind (${kind}) at most ${most} megapixels are read with ${megabytes} MB of memory for a render`
      : `Making this picture of this original would take some ${Math.ceil(neededBytes / 1024 ** 2)} MB of memory; a render has ${megabytes} MB, so a smaller one may fit`;
  throw new Failure('too_large', `${why}. FOVEA_RENDER_MEMORY_MB says how much there is.`);
}

/** Refuses what would take longer than a render may, before a process is taken for it. */
export function checkWorkTime(neededMs: number, mostMs: number): void {
  if (neededMs <= mostMs) return;
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  throw new Failure(
    'too_large',
    `Making this picture of this original would take some ${seconds(neededMs)} s of computing; at most ${seconds(mostMs)} are spent on one, twice FOVEA_RENDER_TIMEOUT_MS.`,
  );
}

/** Refuses layers that outgrow the limits anywhere on their way, or the canvas that they lead to. */
export function checkLayers({ start, tasks, layers }: Workload, frames: number, limits: OutputLimits): void {
  for (const { after } of tasks) checkWork(after, { start, frames }, limits);
  for (const { opened, tasks: own } of layers) {
    for (const { turned, after } of own)
      for (const size of [turned, after]) checkWork(size, { start: opened, frames: 1 }, limits);
  }
}

/** The size a transform leads to, in one frame; refuses a chain that outgrows the limits anywhere on its way. */
export function checkedOutputSize(transform: ResolvedTransform, way: OnTheWay, limits: OutputLimits): Size {
  let size = way.start;
  for (const step of layoutSteps(transform, way.start)) {
    checkStep(step, way, limits);
    size = step.size;
  }
  return size;
}

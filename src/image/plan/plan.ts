import { Failure } from '../../failure.ts';
import {
  countsFaces,
  type ImageFormat,
  layerIds,
  type ResolvedTransform,
  withConditionsDecided,
  withFocus,
} from '../../grammar/index.ts';
import { type Facts, isStoredUsually } from '../containers/facts.ts';
import { factsOfPage, inspect } from '../inspect/inspect.ts';
import { ignoresExif, type Keeping, type RenderJob, type VectorFonts } from '../protocol/job.ts';
import { checkFinished, type OutputLimits } from '../protocol/output-limits.ts';
import { asDrawn } from '../protocol/vector-size.ts';
import { sourcePixels, whileDecoded } from './by-pixels.ts';
import { estimateBytes, readablePixels } from './estimate.ts';
import type { Fonts } from './fonts.ts';
import { gainMapBytes, gainMapMs, keepsGainMap } from './gain-map.ts';
import {
  checkDecoder,
  checkedOutputSize,
  checkInput,
  checkLayers,
  checkMemory,
  checkPixels,
  checkWorkTime,
  startingSize,
} from './limits.ts';
import { decideFormat, drawnFrames } from './output-format.ts';
import { paletteUse } from './palette-use.ts';
import type { RenderInput } from './render-input.ts';
import { decodingMs, estimateWorkMs, workAllowance } from './work.ts';
import { workloadOf } from './workload.ts';

/** What it takes to draw a picture of an original. */
export interface Plan {
  /** Of the original, whatever page of it is drawn. */
  readonly whole: Facts;
  readonly job: RenderJob;
  readonly payloads: readonly Uint8Array[];
  readonly format: ImageFormat;
  readonly memoryBytes: number;
  /** Milliseconds of CPU that it may take, rather too many than too few. */
  readonly work: { readonly decodingMs: number; readonly restMs: number };
}

/** What bounds a plan. */
export interface PlanLimits extends OutputLimits {
  /** Milliseconds one render may take inside its process; past it the process is killed. */
  readonly timeoutMs: number;
  /** Pixels an original may declare, of all frames that are drawn. */
  readonly maxInputPixels: number;
  /** Frames an animation may have. */
  readonly maxInputFrames?: number;
  /** Resident bytes that a render may take, by estimate, when nothing else runs. */
  readonly maxRenderBytes: number;
  /** Bytes of originals, and of pixels of them, that a process keeps at most; 0 by default. */
  readonly maxKeptBytes?: number;
  /** False drops what pictures say about how they came about (IPTC's Digital Source Type: made by AI, for one). */
  readonly keepsAiMark?: boolean;
  /** Whether the decoder of HEIC is installed; false by default. */
  readonly readsHeic?: boolean;
  /** Finds what pictures of lines are written with; without it, they have no letters. */
  readonly vectorFonts?: Fonts['forVectors'];
}

/** Reads the header of a picture. */
export type Look = (picture: Uint8Array) => Promise<Facts>;

/** What is asked of an original, of which that is known as a whole. */
export interface AskedOfOriginal extends RenderInput {
  readonly whole: Facts;
  /** Names the original in its version: under this name processes keep it. By default they do not. */
  readonly name?: string;
  readonly transform: ResolvedTransform;
}

/**
 * Refuses, before anything is decoded, what would cost too much. `look` reads the headers of layers.
 */
export async function planRender(asked: AskedOfOriginal, limits: PlanLimits, look: Look): Promise<Plan> {
  const { original, whole } = asked;
  checkPages(whole, asked.transform, limits);
  const drawing = settle({ ...asked, facts: await factsOfPage(whole, original, asked.transform.page) }, limits);
  const { facts } = drawing;
  const layers = await inspectLayers(shownOf(asked, drawing), limits, look);
  const payloads = [original, ...layers.map((layer) => layer.bytes)];
  const { memoryBytes, workload, workMs } = weigh(drawing, layers, limits);
  const { output } = workload;
  const vectorFonts = await fontsFor([facts, ...layers.map((layer) => layer.facts)], limits);
  const fontsBytes = fontCopies * (vectorFonts?.bytes ?? 0);
  const keeps = keeping(asked, limits);
  const mostPixelBytes = Math.min(keeps?.mostBytes ?? 0, (limits.maxRenderBytes - memoryBytes) / whileDecoded);
  const pixels = sourcePixels({ ...drawing, workload, mostBytes: mostPixelBytes });
  const { transform, format, frames } = drawing;
  const { maxInputPixels, maxOutputSide, maxOutputPixels, keepsAiMark = true } = limits;
  return {
    whole,
    format,
    payloads,
    memoryBytes: memoryBytes + fontsBytes + whileDecoded * (pixels?.bytes ?? 0),
    work: { decodingMs: decodingMs(facts), restMs: workMs - decodingMs(facts) },
    job: {
      facts,
      transform,
      format,
      palette: paletteUse({ facts, transform, format, output }),
      frames,
      output: 'picture',
      secondLook: 'never',
      faces: asked.faces ?? [],
      keepsGainMap: keepsGainMap({ facts, transform, format }),
      maySendOwn: asked.isOpen === true,
      limits: { maxInputPixels, maxOutputSide, maxOutputPixels },
      keepsAttribution: transform.flags.includes('keep_attribution') || transform.flags.includes('keep_iptc'),
      keepsAiMark,
      vectorFonts,
      originalBytes: original.length,
      pixels,
      keeps,
      layers: layers.map((layer) => ({ ...layer, bytes: layer.bytes.length })),
    },
  };
}

/** Plans what is asked of an original that has no layers, and of which nothing is known. */
export async function planAlone(original: Uint8Array, transform: ResolvedTransform, limits: PlanLimits): Promise<Plan> {
  return planRender({ original, transform, whole: await inspect(original) }, limits, inspect);
}

/**
 * Names what is decoded of an original for a transform, and refuses what can be refused without its bytes, or those of
 * layers.
 */
export function foresee(whole: Facts, asked: ResolvedTransform, limits: PlanLimits): string {
  checkPages(whole, asked, limits);
  // Each page has a size of its own, and faces are not counted yet.
  if (whole.pages > 1 || countsFaces(asked.steps)) return decodedPartOf({ transform: asked, frames: 1 });
  const drawing = settle({ facts: whole, transform: asked }, limits);
  if (layerIds(asked).length === 0) weigh(drawing, [], limits);
  return decodedPartOf(drawing);
}

/** From which page or frame on an original is decoded, and how much of it. */
export function decodedPartOf({ transform, frames }: Pick<RenderJob, 'transform' | 'frames'>): string {
  return `${transform.page ?? 1}+${frames}`;
}

/** What is to be drawn, as it was asked. */
interface Unsettled extends Pick<RenderInput, 'focus' | 'faces'> {
  readonly facts: Facts;
  readonly transform: ResolvedTransform;
}

/** What is drawn of an original, as far as it can be said without its layers. */
type Drawing = Pick<RenderJob, 'facts' | 'transform' | 'format' | 'frames'>;

function settle({ facts: found, transform: written, focus, faces = [] }: Unsettled, limits: PlanLimits): Drawing {
  // What the original is refused with whatever is asked of it comes first.
  checkDecoder(found, limits);
  if (found.vector === undefined) checkPixels(found, 1, limits.maxInputPixels);
  const asked = withConditionsDecided(written, {
    size: startingSize(found, written),
    page: written.page ?? 1,
    pages: Math.max(found.frames, found.pages),
    faces: faces.length,
  });
  // A picture that is left as it is stored has its focal point somewhere else.
  const transform = ignoresExif(asked) ? asked : withFocus(asked, found.size, focus);
  const facts = asDrawn(found, transform);
  const { format, frames } = decideOutput(facts, transform, limits);
  checkInput(facts, frames, limits.maxInputPixels);
  return { facts, transform, format, frames };
}

/** Reckons what drawing it takes, and refuses what takes too much. */
function weigh({ facts, transform, format, frames }: Drawing, layers: readonly InspectedLayer[], limits: PlanLimits) {
  const inputBytes = layers.reduce((sum, { bytes }) => sum + bytes.length, facts.bytes);
  const factsById = new Map(layers.map((layer) => [layer.id, layer.facts]));
  const workload = workloadOf(transform, startingSize(facts, transform), factsById);
  checkLayers(workload, frames, limits);
  const cost = { facts, transform, format, frames, inputBytes, workload };
  const workMs = estimateWorkMs(cost) + gainMapMs(cost);
  checkWorkTime(workMs, workAllowance * limits.timeoutMs);
  const [memoryBytes, mostBytes] = [estimateBytes(cost) + gainMapBytes(cost), limits.maxRenderBytes];
  checkMemory(facts, {
    neededBytes: memoryBytes,
    mostBytes,
    readablePixels: readablePixels(facts, { frames, inputBytes, memoryBytes: mostBytes }),
  });
  return { memoryBytes, workload, workMs };
}

/** As they are read, and in the memory in which letters are drawn. */
const fontCopies = 2;

/** Undefined where none of them has letters. */
async function fontsFor(all: readonly Facts[], { vectorFonts }: PlanLimits): Promise<VectorFonts | undefined> {
  const families = all.flatMap(({ vector }) => (vector?.families === undefined ? [] : [vector.families]));
  return families.length === 0 ? undefined : await vectorFonts?.([...new Set(families.flat())]);
}

function keeping({ name }: AskedOfOriginal, { maxKeptBytes: mostBytes = 0 }: PlanLimits): Keeping | undefined {
  return name === undefined || mostBytes === 0 ? undefined : { name, mostBytes };
}

interface InspectedLayer {
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly facts: Facts;
}

/** Of the pictures that may be laid over it those that are. */
function shownOf({ layers }: RenderInput, { transform }: Drawing): ReadonlyMap<string, Uint8Array> {
  const ids = layers === undefined ? [] : layerIds(transform);
  return new Map([...(layers ?? [])].filter(([id]) => ids.includes(id)));
}

/** The pictures of layers are originals like any other: sniffed and measured before anything is decoded. */
async function inspectLayers(layers: ReadonlyMap<string, Uint8Array>, limits: PlanLimits, look: Look) {
  const inspected: InspectedLayer[] = [];
  for (const [id, bytes] of layers) {
    const facts = await look(bytes);
    checkDecoder(facts, limits);
    checkInput(facts, 1, limits.maxInputPixels);
    inspected.push({ id, bytes, facts });
  }
  return inspected;
}

function checkPages(facts: Facts, transform: ResolvedTransform, { maxInputFrames = 10_000 }: PlanLimits): void {
  if (facts.frames > maxInputFrames) {
    throw new Failure('too_large', `The original has ${facts.frames} frames; at most ${maxInputFrames} are read.`);
  }
  const pages = Math.max(facts.frames, facts.pages);
  if (transform.page === undefined || transform.page <= pages) return;
  throw new Failure('invalid', `Page ${transform.page} was asked for; the original has ${pages}.`);
}

/** The format and how many frames it gets: an animation is drawn whole only where its format can show it. */
function decideOutput(facts: Facts, transform: ResolvedTransform, limits: OutputLimits) {
  const start = startingSize(facts, transform);
  // The size decides the format and the format the frames; of one frame the size is the same.
  const output = checkedOutputSize(transform, { start, frames: 1 }, limits);
  const { format: target, steps, flags, page } = transform;
  const format = decideFormat({ target, facts, steps, flags, page, output });
  const frames = drawnFrames(format, facts, page);
  checkFlags(facts, transform, format);
  const size = checkedOutputSize(transform, { start, frames }, limits);
  checkFinished({ size, frames, format }, limits);
  return { format, frames };
}

/** Refuses what a flag or colour space asks of a format that has none of it. */
function checkFlags(facts: Facts, { flags, page, colourSpace }: ResolvedTransform, format: ImageFormat): void {
  if (flags.includes('apng')) {
    throw new Failure('invalid', 'fl_apng is not supported: animations are written as WebP or GIF.');
  }
  const isMoving = (facts.frames > 1 || facts.isSequence) && page === undefined;
  if (flags.includes('animated') && isMoving && drawnFrames(format, facts, page) === 1) {
    const why = facts.isSequence ? 'of an AVIF only the still picture is read' : `${format} is written as one picture`;
    throw new Failure('invalid', `fl_animated asks for an animation, and ${why}.`);
  }
  if (colourSpace === 'copy' && (typeof facts.encoding === 'object' || !isStoredUsually(facts))) {
    throw new Failure('invalid', 'cs_copy keeps a profile, and this original says without one what its numbers are.');
  }
  if (colourSpace === 'copy' && facts.format === 'png' && facts.isLaidHere) {
    throw new Failure(
      'invalid',
      'cs_copy is not supported for an animated PNG: its frames are laid over each other in sRGB.',
    );
  }
  if (colourSpace === 'copy' && facts.colour === 'cmyk' && format !== 'jpeg') {
    throw new Failure('invalid', `cs_copy keeps the four colours of this original, and ${format} has none: use f_jpg.`);
  }
}

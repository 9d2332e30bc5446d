import { type Component, layout, type ResolvedTransform } from '../../grammar/index.ts';
import { type Facts, hasOtherSamples, isStoredUsually, type Size } from '../containers/facts.ts';
import type { RenderJob, SourcePixels } from '../protocol/job.ts';
import type { Workload } from './workload.ts';

/** Below so many pixels decoding costs less than looking for them. */
const leastPixels = 250_000;

/** Decoded to the last pixel however small a picture is wanted. JPEG shrinks as it decodes, to other pixels. */
const wholeFormats: ReadonlySet<Facts['format']> = new Set(['png', 'avif', 'heic', 'jxl', 'tiff']);

/**
 * What a WebP's decoder shrinks to, of the original: it averages, so that the last halving and more is left to a kernel that
 * keeps what is sharp. Between these, pictures of many sizes share a decode.
 */
const shrinks = [4, 2] as const;
const leftToResize = 2;

/** How often they lie in memory: in the decoder's first. */
export const whileDecoded = 2;

/** What decides whether a picture is drawn from its original's pixels. */
export interface PixelsQuestion extends Pick<RenderJob, 'facts' | 'transform' | 'frames'> {
  readonly workload: Workload;
  /** Bytes that whole pixels may take. */
  readonly mostBytes: number;
}

/**
 * Which pixels of an original a picture is drawn from; undefined where it is drawn in one pipeline. Whole pixels are those that
 * the pipeline would have: so a picture has the same bytes whether they were at hand, were decoded for it, or never lay in memory
 * whole. Those of a WebP are others than a pipeline has, so nothing but the original and what is wanted of it may be asked.
 */
export function sourcePixels({ mostBytes, ...question }: PixelsQuestion): SourcePixels | undefined {
  const { facts, transform, frames, workload } = question;
  const { width, height } = facts.stored;
  if (width * height < leastPixels) return undefined;
  const isStill = frames === 1 && facts.frames === 1 && facts.pages === 1 && !facts.isSequence && !facts.isLaidHere;
  if (!isStill || !isUsual(facts) || asksForStored(transform)) return undefined;
  const samples = facts.hasAlpha ? 4 : 3;
  if (facts.format === 'webp') return shrunkPixels(facts.stored, samples, scaledBy(workload));
  const bytes = width * height * samples;
  return wholeFormats.has(facts.format) && bytes <= mostBytes && beginsSmaller(workload) ? { width, bytes } : undefined;
}

function shrunkPixels(stored: Size, samples: number, scaled: number): SourcePixels | undefined {
  const shrink = shrinks.find((one) => one * leftToResize <= scaled);
  if (shrink === undefined) return undefined;
  const width = Math.round(stored.width / shrink);
  // Its height is rounded by the decoder.
  return { width, bytes: width * (Math.ceil((stored.height * width) / stored.width) + 1) * samples };
}

/** How many times smaller the picture is made before anything else. */
function scaledBy({ start, tasks: [first] }: Workload): number {
  if (first === undefined || !scales(first.step)) return 1;
  const { scaled } = layout(first.step, first.before, { original: start });
  // One side was rounded to the shape of the other.
  return Math.min(first.before.width / (scaled.width - 0.5), first.before.height / (scaled.height - 0.5));
}

/** Whether the decoder's numbers are sRGB of 8 bits, and lie as they are seen. */
function isUsual(facts: Facts): boolean {
  const { bitDepth, colour, encoding, orientation } = facts;
  const isRead = typeof encoding !== 'object' && isStoredUsually(facts) && !hasOtherSamples(facts);
  return bitDepth <= 8 && colour === 'rgb' && orientation === 1 && isRead;
}

/** Whether anything of the file beside its pixels is to go through the pipeline. */
function asksForStored({ page, colourSpace, flags }: ResolvedTransform): boolean {
  return page !== undefined || colourSpace === 'copy' || flags.includes('force_icc');
}

/** Whether all of it is made smaller before anything else: a cut may spare most of the decoding. */
function beginsSmaller({ tasks: [first] }: Workload): boolean {
  if (first === undefined || !scales(first.step)) return false;
  const { before, after } = first;
  return (
    after.width <= before.width &&
    after.height <= before.height &&
    after.width * after.height * 2 <= before.width * before.height
  );
}

function scales({ crop, width, height, angle }: Component): boolean {
  return angle === undefined && crop !== undefined && crop !== 'crop' && (width ?? height) !== undefined;
}

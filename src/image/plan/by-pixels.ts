import type { Component, ResolvedTransform } from '../../grammar/index.ts';
import { type Facts, hasOtherSamples, isStoredUsually } from '../containers/facts.ts';
import type { RenderJob } from '../protocol/job.ts';
import type { Workload } from './workload.ts';

/** Below so many pixels decoding costs less than looking for them. */
const leastPixels = 250_000;

/** Decoded to the last pixel however small a picture is wanted. WebP and JPEG shrink as they decode, to other pixels. */
const wholeFormats: ReadonlySet<Facts['format']> = new Set(['png', 'avif', 'tiff']);

/** What decides whether a picture is drawn from its original's pixels. */
export interface PixelsQuestion extends Pick<RenderJob, 'facts' | 'transform' | 'frames'> {
  readonly workload: Workload;
  /** Bytes of pixels that a process keeps at most. */
  readonly mostBytes: number;
}

/**
 * Bytes of all pixels of an original, where its pictures are drawn from those; undefined where they are drawn in one
 * pipeline. Asked of nothing but the original and what is wanted of it, and the pixels are those that the pipeline would
 * have: so a picture has the same bytes whether they were at hand, were decoded for it, or never lay in memory whole.
 */
export function pixelBytes({ facts, transform, frames, workload, mostBytes }: PixelsQuestion): number | undefined {
  const pixels = facts.stored.width * facts.stored.height;
  const bytes = pixels * (facts.hasAlpha ? 4 : 3);
  if (pixels < leastPixels || bytes > mostBytes) return undefined;
  const isStill = frames === 1 && facts.frames === 1 && facts.pages === 1 && !facts.isSequence && !facts.isLaidHere;
  const isPlain = isStill && isUsual(facts) && !asksForStored(transform);
  return isPlain && beginsSmaller(workload) ? bytes : undefined;
}

/** Whether the decoder's numbers are sRGB of 8 bits, and lie as they are seen. */
function isUsual(facts: Facts): boolean {
  const { format, bitDepth, colour, encoding, orientation } = facts;
  const isRead = typeof encoding !== 'object' && isStoredUsually(facts) && !hasOtherSamples(facts);
  return wholeFormats.has(format) && bitDepth <= 8 && colour === 'rgb' && orientation === 1 && isRead;
}

/** Whether anything of the file beside its pixels is to go through the pipeline. */
function asksForStored({ page, colourSpace, flags }: ResolvedTransform): boolean {
  return page !== undefined || colourSpace !== undefined || flags.includes('force_icc');
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

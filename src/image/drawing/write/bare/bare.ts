import { isFailure } from '../../../../failure.ts';
import type { ImageFormat } from '../../../../grammar/index.ts';
import { readApng } from '../../../containers/apng.ts';
import { type Facts, isStoredUsually } from '../../../containers/facts.ts';
import { ignoresExif, type RenderJob } from '../../../protocol/job.ts';
import { bareAvif } from './avif.ts';
import { bareGif } from './gif.ts';
import { bareJpeg } from './jpeg.ts';
import { barePng } from './png.ts';
import { bareWebp } from './webp.ts';

type Strip = (bytes: Buffer, facts: Facts) => Buffer | undefined;

const strips: Readonly<Record<ImageFormat, Strip>> = {
  jpeg: bareJpeg,
  png: barePng,
  webp: bareWebp,
  gif: bareGif,
  avif: bareAvif,
};

/** Flags that leave the pixels and their coding alone. */
const harmlessFlags: ReadonlySet<string> = new Set([
  'animated',
  'any_format',
  'awebp',
  'force_strip',
  'getinfo',
  'keep_attribution',
  'keep_iptc',
  'preserve_transparency',
  'progressive:none',
  'strip_profile',
]);

/**
 * The original's own coding without a word beside its pixels, as it may be sent for a picture that nothing was done to:
 * in its own format, with all its frames, where its numbers are sRGB and no flag asks for another coding. Undefined where
 * that is not so, or where it cannot be told what lies in the file.
 */
export function bareOriginal({ facts, transform, format, frames }: RenderJob, original: Buffer): Buffer | undefined {
  const { flags, page, colourSpace } = transform;
  const isWhole = frames === facts.frames || isWholeApng(facts, original);
  if (facts.format !== format || page !== undefined || !isWhole || isShownOtherwise(facts)) return undefined;
  if (facts.orientation !== 1 && !ignoresExif(transform)) return undefined;
  if (colourSpace === 'copy' || !isSrgb(facts) || !flags.every((flag) => harmlessFlags.has(flag))) return undefined;
  try {
    return strips[format](original, facts);
  } catch (error) {
    // The file ends too early, or has more parts than are looked at.
    if (error instanceof RangeError || isFailure(error)) return undefined;
    throw error;
  }
}

/** As far as it can be told without a profile. */
function isSrgb(facts: Facts): boolean {
  return facts.colour !== 'cmyk' && typeof facts.encoding !== 'object' && isStoredUsually(facts);
}

/** A GIF that common decoders do not show as browsers do. */
function isShownOtherwise({ format, isLaidHere }: Facts): boolean {
  return format === 'gif' && isLaidHere;
}

/** A PNG that moves, which no encoder of ours can write. */
function isWholeApng({ format }: Facts, original: Buffer): boolean {
  return format === 'png' && readApng(original)?.isWhole === true;
}

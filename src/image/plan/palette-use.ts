import type { Component, ImageFormat, ResolvedTransform } from '../../grammar/index.ts';
import type { Facts, Size } from '../containers/facts.ts';
import type { PaletteUse } from '../protocol/job.ts';

/** What decides about a palette, known before anything is drawn. */
export interface PaletteQuestion {
  readonly facts: Facts;
  readonly transform: ResolvedTransform;
  readonly format: ImageFormat;
  /** Pixels of what comes out. */
  readonly output: Size;
}

/**
 * Output pixels above which a palette is chosen only where one was asked for, or where every colour fits: choosing takes
 * up to 3 s of a core for so many, and must not take a render to its deadline that nobody asked to choose.
 */
const mostChosenPixels = 4_000_000;

/** Decides it by the transform and the original's header alone. */
export function paletteUse({ facts, transform, format, output }: PaletteQuestion): PaletteUse {
  const { flags, quality, steps, colourSpace } = transform;
  if (format !== 'png' || colourSpace === 'copy') return 'none';
  if (flags.includes('png24') || flags.includes('png32')) return 'none';
  if (flags.includes('png8') && quality === undefined) return 'asked';
  const mayLose = flags.includes('lossy') || (flags.includes('any_format') && quality?.kind === 'auto');
  if (mayLose || flags.includes('png8')) return 'lossy';
  const isSmall = output.width * output.height <= mostChosenPixels;
  if (facts.hasPalette && isSmall && !steps.some(showsOthers)) return 'kept';
  const mayFit = facts.hasPalette || (isSmall && isPackedClosely(facts));
  return mayFit && !steps.some(isScaling) ? 'fitting' : 'plain';
}

/** Nothing was lost on the way, and few colours take less than a byte for each pixel, which no photograph does. */
function isPackedClosely({ format, coding, bytes, stored }: Facts): boolean {
  return (format === 'png' || coding === 'lossless') && bytes < stored.width * stored.height;
}

/** Whether a picture of other colours may come into it. */
function showsOthers({ layer, background }: Component): boolean {
  return layer?.source.kind === 'image' || background?.kind === 'blurred';
}

/** Mixes neighbours to colours that were not there; what else does so shows when the colours are counted. */
function isScaling({ crop, width, height, aspectRatio, zoom }: Component): boolean {
  const hasSize = width !== undefined || height !== undefined || aspectRatio !== undefined;
  return (hasSize && crop !== 'crop') || zoom !== undefined;
}

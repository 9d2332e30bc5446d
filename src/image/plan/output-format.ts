import { isImageFormat } from '../../formats.ts';
import {
  type Component,
  type ImageFormat,
  isPadding,
  type OutputFlag,
  type TargetFormat,
} from '../../grammar/index.ts';
import type { Facts, Size, SourceFormat } from '../containers/facts.ts';
import { mayHaveMap } from './gain-map.ts';

/**
 * Above this many output pixels `auto` writes WebP instead of AVIF: at our settings AVIF takes about 0.7 s of a core for
 * one megapixel and grows faster than the area, WebP a quarter of it.
 */
export const mostAutoAvifPixels = 2_000_000;

const animatedFormats: readonly ImageFormat[] = ['gif', 'webp'];

/** What the choice of a format looks at; nothing a client sends, so equal targets mean equal bytes. */
export interface FormatQuestion {
  readonly target: TargetFormat;
  readonly facts: Facts;
  readonly steps: readonly Component[];
  readonly flags: readonly OutputFlag[];
  readonly page: number | undefined;
  /** Pixels of one frame. */
  readonly output: Size;
}

/** The format that is written for a target. */
export function decideFormat(question: FormatQuestion): ImageFormat {
  const { target, facts, flags, output } = question;
  const isAnimated = facts.frames > 1 && question.page === undefined;
  if (isAuto(target) && flags.includes('hdr') && mayHaveMap(facts, question)) return 'jpeg';
  const isTransparent = facts.hasAlpha || question.steps.some(makesAlpha);
  switch (target) {
    case 'auto-avif':
      return isAnimated || output.width * output.height > mostAutoAvifPixels ? 'webp' : 'avif';
    case 'auto-webp':
      return 'webp';
    case 'auto-basic':
      return isAnimated ? 'gif' : isTransparent ? 'png' : 'jpeg';
    case 'source':
      return keptFormat(facts.format, isTransparent);
    case 'jpeg':
      return flags.includes('preserve_transparency') && isTransparent ? 'png' : 'jpeg';
    default:
      return target;
  }
}

function isAuto(target: TargetFormat): boolean {
  return target === 'auto-avif' || target === 'auto-webp' || target === 'auto-basic';
}

function keptFormat(format: SourceFormat, isTransparent: boolean): ImageFormat {
  if (isImageFormat(format)) return format;
  return isTransparent || format === 'vnd.microsoft.icon' ? 'png' : 'jpeg';
}

/** Frames that are drawn: all where the format can show them, else the first. */
export function drawnFrames(format: ImageFormat, facts: Facts, page: number | undefined): number {
  return animatedFormats.includes(format) && page === undefined ? facts.frames : 1;
}

/** True for a component that leaves transparent pixels in an opaque picture. */
function makesAlpha(component: Component): boolean {
  const { radius, mask, angle, opacity, background, border } = component;
  const isSeeThrough = [background?.kind === 'colour' ? background.colour : '', border?.colour ?? ''].some(
    (colour) => colour.length === 8,
  );
  const roundsCorners = radius !== undefined && (radius.kind === 'max' || radius.corners.some((corner) => corner > 0));
  const leavesCorners = angle !== undefined && angle.degrees % 90 !== 0;
  const isFaint = opacity !== undefined && opacity < 100;
  const { name = '', matrix = [] } = component.effect ?? {};
  const changesAlpha = ['shadow', 'gradient_fade', 'make_transparent', 'shear'].includes(name) || matrix.length === 16;
  // A colour behind everything fills what those would leave; beside a padding mode it fills only the canvas.
  const isFilled = background !== undefined && !isPadding(component.crop);
  return (
    isSeeThrough || (!isFilled && (roundsCorners || mask !== undefined || leavesCorners || isFaint || changesAlpha))
  );
}

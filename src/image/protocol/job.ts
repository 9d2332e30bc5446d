import type { ImageFormat, Region, ResolvedTransform } from '../../grammar/index.ts';
import type { Facts } from '../containers/facts.ts';
import type { SecondLook } from './faces.ts';
import type { OutputLimits } from './output-limits.ts';
import { mayBeWide, type WideQuestion } from './wide-colours.ts';

/**
 * What a PNG is to have of a palette, which takes a third of the bytes of full colour or less:
 *
 * - `none`: it is no PNG, or is to have the channels that it has.
 * - `plain`: it gets none, and one channel where it is grey.
 * - `lossy`: one is asked for, at a quality.
 * - `asked`: one is asked for, as good as can be.
 * - `kept`: the original has one, so the picture gets one too, of other colours where they do not fit any more.
 * - `fitting`: one is given where every colour fits, and none otherwise.
 */
export type PaletteUse = 'none' | 'plain' | 'lossy' | 'asked' | 'kept' | 'fitting';

/** What a process keeps of an original for the next pictures of it. */
export interface Keeping {
  /** Of the original in its version. */
  readonly name: string;
  /** Of all that it keeps, of this original and of others. */
  readonly mostBytes: number;
}

/** Originals whose pixels a process keeps, at most, however small they are: each answer names all of them. */
export const mostKept = 500;

/** Pixels of an original from which pictures of it are drawn. */
export interface SourcePixels {
  /** Of the original, or less where its decoder is to shrink it. */
  readonly width: number;
  /** That they take at most. */
  readonly bytes: number;
}

/** Fonts of this machine for what is written in a picture of lines. */
export interface VectorFonts {
  /** Those that it names, and one that stands for all others. */
  readonly files: readonly string[];
  /** Of all files. */
  readonly bytes: number;
  /** The family that stands for all others. */
  readonly family: string;
}

/** What a render process is asked. */
export interface RenderJob {
  readonly facts: Facts;
  readonly transform: ResolvedTransform;
  readonly format: ImageFormat;
  readonly palette: PaletteUse;
  /** Frames that are drawn: all of an animation, or one. */
  readonly frames: number;
  /** The finished picture, or only the ThumbHash of it, a description, or the faces in it (`Faces`). */
  readonly output: 'picture' | 'thumbhash' | 'description' | 'faces';
  /** Of looking for faces. */
  readonly secondLook: SecondLook;
  /** Faces of the original as people see it, that are known: it is cut, or they are hidden, by them. */
  readonly faces: readonly Region[];
  /** Whether it goes on with the original's gain map. */
  readonly keepsGainMap: boolean;
  /** Whether it may be the original's own coding, where nothing is done to it. */
  readonly maySendOwn: boolean;
  readonly limits: OutputLimits & { readonly maxInputPixels: number };
  /** Whether it is to say who made it and who has rights to it. */
  readonly keepsAttribution: boolean;
  /** Whether it goes on saying how it came about, where the original does: by AI, for one. */
  readonly keepsAiMark: boolean;
  /** Undefined where no picture of lines has letters in it. */
  readonly vectorFonts?: VectorFonts | undefined;
  readonly originalBytes: number;
  /** Undefined where it is drawn in one pipeline. */
  readonly pixels?: SourcePixels | undefined;
  /** Undefined where nothing of the original is kept. */
  readonly keeps?: Keeping | undefined;
  readonly layers: readonly { readonly id: string; readonly bytes: number; readonly facts: Facts }[];
}

/** A job on its way. The bytes follow it: the original, unless it is at hand, then the layers in their order. */
export interface SentJob extends RenderJob {
  /** The process keeps the file of the job before, which is the same. */
  readonly hasOriginal: boolean;
}

/** The name under which a process keeps the pixels that a job is drawn from; undefined where it keeps none. */
export function keptPixels(job: Partial<Pick<RenderJob, 'keeps' | 'pixels'>> & WideQuestion): string | undefined {
  const { keeps, pixels } = job;
  const isKept = keeps !== undefined && pixels !== undefined && pixels.bytes <= keeps.mostBytes;
  return isKept ? `${keeps.name} ${pixels.width}${mayBeWide(job) ? ' wide' : ''}` : undefined;
}

/** The name under which a process keeps a job's original, as it came, until another comes; undefined where it does not. */
export function keptFile(job: Pick<RenderJob, 'keeps' | 'pixels' | 'originalBytes'>): string | undefined {
  const { keeps, pixels, originalBytes } = job;
  const bytes = originalBytes + (pixels?.bytes ?? 0);
  return keeps !== undefined && bytes <= keeps.mostBytes ? keeps.name : undefined;
}

/** Whether a picture is drawn as it is stored, whatever EXIF says of its orientation. */
export function ignoresExif(transform: ResolvedTransform): boolean {
  return transform.steps.some((step) => step.angle?.ignoreExif === true);
}

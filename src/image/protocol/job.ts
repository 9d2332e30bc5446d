import type { ImageFormat, ResolvedTransform } from '../../grammar/index.ts';
import type { Facts } from '../containers/facts.ts';
import type { OutputLimits } from './output-limits.ts';

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

/** Under which name a process keeps all pixels of an original for the next pictures of it. */
export interface PixelsToKeep {
  /** Of the original in its version. */
  readonly name: string;
  readonly bytes: number;
  /** Of all originals that it keeps together. */
  readonly mostBytes: number;
}

/** What a render process is asked. The bytes follow it: the original first, then the layers in this order. */
export interface RenderJob {
  readonly facts: Facts;
  readonly transform: ResolvedTransform;
  readonly format: ImageFormat;
  readonly palette: PaletteUse;
  /** Frames that are drawn: all of an animation, or one. */
  readonly frames: number;
  /** The finished picture, or only the ThumbHash of it. */
  readonly output: 'picture' | 'thumbhash';
  /** Whether it may be the original's own coding, where nothing is done to it. */
  readonly maySendOwn: boolean;
  readonly limits: OutputLimits & { readonly maxInputPixels: number };
  /** Whether it is to say who made it and who has rights to it. */
  readonly keepsAttribution: boolean;
  /** Whether it goes on saying how it came about, where the original does: by AI, for one. */
  readonly keepsAiMark: boolean;
  readonly originalBytes: number;
  /** Where it is drawn from all pixels of the original; undefined where it is drawn in one pipeline. */
  readonly pixels?: PixelsToKeep | undefined;
  readonly layers: readonly { readonly id: string; readonly bytes: number; readonly facts: Facts }[];
}

/** Whether a picture is drawn as it is stored, whatever EXIF says of its orientation. */
export function ignoresExif(transform: ResolvedTransform): boolean {
  return transform.steps.some((step) => step.angle?.ignoreExif === true);
}

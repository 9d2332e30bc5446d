import { z } from 'zod';
import type { ImageFormat, ResolvedTransform } from '../../grammar/index.ts';
import type { Facts } from '../formats/facts.ts';
import type { PaletteUse } from './palette-use.ts';

/** Bounds of what a render may make; checked before it is sent and, where a step learns its size late, again inside. */
export interface OutputLimits {
  /** Pixels. */
  readonly maxOutputSide: number;
  /** Pixels of all frames together. */
  readonly maxOutputPixels: number;
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
  readonly layers: readonly { readonly id: string; readonly bytes: number; readonly facts: Facts }[];
}

const size = z.number().int().min(1);

/** What a render process answers. It handles hostile bytes, so its answer is checked like anybody's. */
export const renderAnswerSchema = z.discriminatedUnion('outcome', [
  /** `build`: names and versions of the libraries that encode. */
  z.object({ outcome: z.literal('ready'), build: z.string().max(2_000), rssBytes: z.number() }),
  z.object({ outcome: z.literal('drawn'), width: size, height: size, frames: size, rssBytes: z.number() }),
  z.object({
    outcome: z.literal('failed'),
    kind: z.enum(['too_large', 'unsupported', 'corrupt', 'invalid']),
    /** Whether it is the original that does not decode, as far as it is needed, whatever is drawn of it; or else this picture. */
    fault: z.enum(['original', 'picture']),
    message: z.string().max(500),
    rssBytes: z.number(),
  }),
  z.object({ outcome: z.literal('bug'), message: z.string().max(4_000), rssBytes: z.number() }),
]);

export type RenderAnswer = z.infer<typeof renderAnswerSchema>;

type WithoutRss<Answer> = Answer extends unknown ? Omit<Answer, 'rssBytes'> : never;

/** An answer before the process adds its memory. */
export type DrawOutcome = WithoutRss<RenderAnswer>;

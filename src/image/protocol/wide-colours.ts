import type {
  Background,
  Component,
  EffectName,
  ImageFormat,
  OutputFlag,
  ResolvedTransform,
} from '../../grammar/index.ts';

/** What decides whether colours outside of sRGB may stay. */
export interface WideQuestion {
  readonly transform: ResolvedTransform;
  readonly frames: number;
  /** Neither is known of a layer. */
  readonly format?: ImageFormat;
  readonly output?: string;
}

/** Formats whose readers go by a profile. A GIF has none. */
const profiledFormats: ReadonlySet<ImageFormat | undefined> = new Set(['jpeg', 'png', 'webp', 'avif']);

/** Effects that are the same in the numbers of either colour space. */
const blindEffects: ReadonlySet<EffectName> = new Set(['blur', 'sharpen', 'unsharp_mask']);

/** Flags that leave no profile in it. */
const bareFlags: ReadonlySet<OutputFlag> = new Set(['strip_profile', 'force_strip']);

/**
 * Whether a picture goes on as Display P3 where its original is: where `cs_` and flags leave it the choice, where it is one
 * still, and where nothing is put into it that is known in sRGB. Whatever else is drawn of it is sRGB from the start.
 */
export function mayBeWide({ transform, format, frames, output }: WideQuestion): boolean {
  const { colourSpace, flags, steps } = transform;
  const isAsked = output === 'picture' && colourSpace === undefined && !flags.some((flag) => bareFlags.has(flag));
  return isAsked && frames === 1 && profiledFormats.has(format) && steps.every(leavesColours);
}

function leavesColours({ effect, layer, border, background }: Component): boolean {
  if (layer !== undefined || (effect !== undefined && !blindEffects.has(effect.name))) return false;
  return (border === undefined || isGray(border.colour)) && (background === undefined || isGrayBehind(background));
}

function isGrayBehind(background: Background): boolean {
  return background.kind === 'colour' && isGray(background.colour);
}

/** The greys of Display P3 are those of sRGB: one white point, one curve. */
function isGray(colour: string): boolean {
  return colour.length === 6 && colour.slice(0, 2) === colour.slice(2, 4) && colour.slice(2, 4) === colour.slice(4);
}

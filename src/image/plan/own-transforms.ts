import type { CropMode, ResolvedTransform } from '../../grammar/index.ts';

/** A transform of ours, which no URL asked for. */
function square(side: number, crop: CropMode, format: ResolvedTransform['format']): ResolvedTransform {
  const length = { unit: 'pixels', value: side } as const;
  return {
    steps: [{ crop, width: length, height: length }],
    format,
    quality: undefined,
    flags: [],
    page: undefined,
    density: undefined,
    colourSpace: undefined,
  };
}

/** What an original is tried with: whoever cannot be made into this can be made into nothing. */
export const trialTransform = square(16, 'limit', 'jpeg');

/** What proves that rendering works. */
export const probeTransform = square(2, 'scale', 'jpeg');

/**
 * The small picture, one frame of it, that a ThumbHash describes; the library takes no larger side. PNG stands for "with
 * alpha": nothing is encoded.
 */
export const thumbHashTransform = square(100, 'limit', 'png');

/** The small picture by which one is described, at the end of whatever is done to it. */
export function described({ steps, page }: ResolvedTransform): ResolvedTransform {
  return { ...thumbHashTransform, steps: [...steps, ...thumbHashTransform.steps], page, flags: ['describe'] };
}

/**
 * The picture in which faces are looked for, and small ones in its parts, of which each is still as large as the network
 * looks at. Nothing is encoded.
 */
export function facesTransform(page: number | undefined): ResolvedTransform {
  return { ...square(512, 'limit', 'png'), page };
}

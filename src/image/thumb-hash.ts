import type { Sharp } from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';
import type { ResolvedTransform } from '../grammar/index.ts';

/** What a ThumbHash is made of; the library takes no larger side. */
const side = { unit: 'pixels', value: 100 } as const;

/** The small picture, one frame of it, that a ThumbHash describes. PNG stands for "with alpha": nothing is encoded. */
export const thumbHashTransform: ResolvedTransform = {
  steps: [{ crop: 'limit', width: side, height: side }],
  format: 'png',
  quality: undefined,
  flags: [],
  page: undefined,
  density: undefined,
  colourSpace: undefined,
};

/** The ThumbHash of a picture that `thumbHashTransform` led to. */
export async function thumbHashOf(pipeline: Sharp): Promise<Uint8Array> {
  const { data, info } = await pipeline
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return rgbaToThumbHash(info.width, info.height, data);
}

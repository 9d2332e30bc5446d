import type { Sharp } from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';

/** The ThumbHash of a picture that the server asked for. */
export async function thumbHashOf(pipeline: Sharp): Promise<Uint8Array> {
  const { data, info } = await pipeline
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return rgbaToThumbHash(info.width, info.height, data);
}

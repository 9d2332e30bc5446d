import sharp, { type SharpOptions } from 'sharp';
import type { Keeping } from '../../protocol/job.ts';
import { type Picture, pictureOf } from '../picture/picture.ts';
import type { Raster } from '../picture/raster.ts';
import type { KeptPixels } from './kept-pixels.ts';

/** An original whose pixels are kept for the next pictures of it. */
export interface WholeSource {
  readonly original: Buffer;
  readonly options: SharpOptions;
  readonly keeps: Keeping;
  readonly kept: KeptPixels;
}

/** The same picture, going on from the original's pixels: those that are at hand, or else all of them decoded now. */
export async function fromPixels(stored: Picture, source: WholeSource): Promise<Picture> {
  const { kept, keeps } = source;
  const raster = kept.find(keeps.name) ?? (await decodeWhole(stored, source));
  return raster === undefined ? stored : { ...stored, pipeline: pictureOf(raster).pipeline };
}

/** Undefined where the decoder stops: a pipeline may need less of the file, and says what is wrong with it. */
async function decodeWhole(stored: Picture, source: WholeSource): Promise<Raster | undefined> {
  const { original, options, keeps, kept } = source;
  kept.makeRoom(keeps.pixelBytes, keeps.mostBytes);
  // All of it is wanted at once: to have it line by line would take a sixth longer.
  const whole = sharp(original, { ...options, sequentialRead: false });
  try {
    const { data, info } = await whole.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    const isExpected = width === stored.size.width && height === stored.size.height && data.length <= keeps.pixelBytes;
    if (!isExpected || channels !== (stored.hasAlpha ? 4 : 3)) return undefined;
    const raster = { data, size: stored.size, frames: 1, channels } as const;
    kept.keep(keeps.name, raster);
    return raster;
  } catch {
    return undefined;
  }
}

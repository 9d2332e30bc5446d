import sharp, { type Sharp, type SharpOptions } from 'sharp';
import type { RenderJob, SourcePixels } from '../../protocol/job.ts';
import { type Picture, pictureOf } from '../picture/picture.ts';
import type { Raster } from '../picture/raster.ts';
import type { KeptPixels } from './kept-pixels.ts';

/** An original of which pictures are drawn from its pixels. */
export interface PixelSource {
  readonly original: Buffer;
  readonly options: SharpOptions;
  readonly pixels: SourcePixels;
  readonly keeps: RenderJob['keeps'];
  readonly kept: KeptPixels | undefined;
  /** Under which they are kept; undefined where they are not. */
  readonly name: string | undefined;
}

/** The same picture, going on from the original's pixels: those that are at hand, or else decoded now. */
export async function fromPixels(stored: Picture, source: PixelSource): Promise<Picture> {
  const { kept, name } = source;
  const raster = (name === undefined ? undefined : kept?.find(name)) ?? (await decodePixels(stored, source));
  if (raster === undefined) return stored;
  if (name !== undefined) kept?.keep(name, raster);
  return { ...stored, pipeline: pictureOf(raster).pipeline };
}

/** Undefined where the decoder stops: a pipeline may need less of the file, and says what is wrong with it. */
async function decodePixels({ size, hasAlpha, profile }: Picture, source: PixelSource): Promise<Raster | undefined> {
  const { pixels, keeps, kept } = source;
  if (keeps !== undefined) kept?.makeRoom(pixels.bytes, keeps.mostBytes);
  const isWhole = pixels.width === size.width;
  try {
    const { data, info } = await decoder(source, { isWhole, isWide: profile !== undefined })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    const isExpected = width === pixels.width && data.length <= pixels.bytes && (!isWhole || height === size.height);
    if (!isExpected || channels !== (hasAlpha ? 4 : 3)) return undefined;
    return { data, size: { width, height }, frames: 1, channels, ...(profile && { profile }) };
  } catch {
    return undefined;
  }
}

/** All of it is wanted at once: to have it line by line would take a sixth longer. A WebP is shrunk by its decoder alone. */
function decoder(
  { original, options, pixels }: PixelSource,
  { isWhole, isWide }: { readonly isWhole: boolean; readonly isWide: boolean },
): Sharp {
  const whole = sharp(original, { ...options, sequentialRead: false });
  if (isWide) whole.keepIccProfile();
  return isWhole ? whole : whole.resize(pixels.width);
}

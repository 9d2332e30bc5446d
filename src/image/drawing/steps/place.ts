import sharp from 'sharp';
import type { Placement } from '../../../grammar/index.ts';
import type { Box, Size } from '../../containers/facts.ts';
import { cut, firstFrame, type Picture, pictureOf, rasterOf, readyForColour, settled } from '../picture/picture.ts';
import type { Raster } from '../picture/raster.ts';
import { resize } from '../picture/resize.ts';

/** A canvas of no colour. */
export const clear = '00000000';

/** Resizes to exactly `scaled` and cuts: the first two parts of a placement. */
export async function scaleAndCut(picture: Picture, { scaled, cut: wanted }: Placement): Promise<Picture> {
  if (wanted === undefined) return resize(picture, scaled);
  const grows = scaled.width > picture.size.width || scaled.height > picture.size.height;
  // Enlarging first would draw pixels that are cut away: a strip of 1 × 65535 filled to 320 × 320 has 6.7 gigapixels.
  if (grows) {
    const before = beforeScaling(wanted, scaled, picture.size);
    const kept = wanted.auto === true ? await cutByContent(picture, before) : await cut(picture, before);
    return resize(kept, { width: wanted.width, height: wanted.height });
  }
  const resized = await resize(picture, scaled);
  return wanted.auto === true ? cutByContent(resized, wanted) : cut(resized, wanted);
}

/** The part of the unscaled picture that becomes the cut. */
function beforeScaling(
  wanted: Size & { readonly left?: number; readonly top?: number },
  scaled: Size,
  from: Size,
): Box {
  const across = from.width / scaled.width;
  const down = from.height / scaled.height;
  const width = within(Math.round(wanted.width * across), 1, from.width);
  const height = within(Math.round(wanted.height * down), 1, from.height);
  return {
    width,
    height,
    left: within(Math.round((wanted.left ?? 0) * across), 0, from.width - width),
    top: within(Math.round((wanted.top ?? 0) * down), 0, from.height - height),
  };
}

function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

/** Keeps the part of that size that draws the eye most (sharp's attention strategy); in an animation, of the first frame. */
async function cutByContent(picture: Picture, wanted: Size): Promise<Picture> {
  const { width, height } = picture.size;
  if (wanted.width === width && wanted.height === height) return picture;
  const ready = await settled(picture);
  const { left, top } = await eyeCatcher(await rasterOf(await firstFrame(ready)), wanted);
  return cut(ready, { left, top, width: wanted.width, height: wanted.height });
}

/** One side at a time: with both, sharp would scale the picture to the wanted size first. */
async function eyeCatcher(raster: Raster, wanted: Size): Promise<{ readonly left: number; readonly top: number }> {
  const across = await attention(raster, { width: wanted.width, height: raster.size.height });
  const down = await attention(across.raster, wanted);
  return { left: across.left, top: down.top };
}

async function attention(raster: Raster, wanted: Size) {
  if (wanted.width === raster.size.width && wanted.height === raster.size.height) return { raster, left: 0, top: 0 };
  const { data, info } = await pictureOf(raster)
    .pipeline.resize(wanted.width, wanted.height, { fit: 'cover', position: sharp.strategy.attention })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return {
    raster: { ...raster, data, size: wanted, channels: info.channels },
    left: -(info.cropOffsetLeft ?? 0),
    top: -(info.cropOffsetTop ?? 0),
  };
}

/** Puts the picture on a larger canvas of that colour (`rrggbb` or `rrggbbaa`). */
export async function extend(picture: Picture, canvas: Box, colour: string): Promise<Picture> {
  const { width, height } = picture.size;
  if (canvas.width === width && canvas.height === height) return picture;
  const ready = await readyForColour(picture, 'extended', colour);
  return {
    ...ready,
    pipeline: ready.pipeline.extend({
      left: canvas.left,
      top: canvas.top,
      right: canvas.width - canvas.left - width,
      bottom: canvas.height - canvas.top - height,
      background: `#${colour}`,
    }),
    stage: 'extended',
    size: { width: canvas.width, height: canvas.height },
    hasAlpha: ready.hasAlpha || colour.length === 8,
  };
}

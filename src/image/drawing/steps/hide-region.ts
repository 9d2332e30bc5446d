import type { Sharp } from 'sharp';
import type { Region } from '../../../grammar/index.ts';
import type { Box } from '../../containers/facts.ts';
import { type Picture, pictureOf, rasterOf } from '../picture/picture.ts';
import { coloured, type Raster } from '../picture/raster.ts';
import { deviationOf } from './deviation.ts';
import { blurred, changeIn, pixel, squares } from './hide-faces.ts';

/** 1–2000: as `e_blur`, of one part and with hard edges; an animation's frames alike. */
export function blurRegion(picture: Picture, region: Region, strength: number): Promise<Picture> {
  return changePart(picture, region, (part, box) => blurred(part, box, deviationOf(strength)));
}

/** 1–200: the side of a square in pixels, each of its mean colour. */
export function pixelateRegion(picture: Picture, region: Region, side: number): Promise<Picture> {
  return changePart(picture, region, (part, box) => squares(part, box, side));
}

async function changePart(
  picture: Picture,
  region: Region,
  work: (part: Sharp, box: Box) => Promise<Sharp>,
): Promise<Picture> {
  const raster = coloured(await rasterOf(picture));
  const changed: Raster = { ...raster, data: Buffer.from(raster.data) };
  const box = boxOf(region, raster);
  for (let frame = 0; frame < raster.frames; frame += 1) {
    await changeIn(changed, { frame, box, oval: undefined, change: (part) => work(part, box) });
  }
  return pictureOf(changed);
}

function boxOf({ x, y, width, height }: Region, { size }: Raster): Box {
  const [left, top] = [pixel(x * size.width, size.width - 1), pixel(y * size.height, size.height - 1)];
  const [right, bottom] = [pixel((x + width) * size.width, size.width), pixel((y + height) * size.height, size.height)];
  return { left, top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) };
}

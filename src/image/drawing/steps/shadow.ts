import sharp, { type Sharp } from 'sharp';
import type { ShadowPlace } from '../../../grammar/index.ts';
import { eachFrame, type Picture } from '../picture/picture.ts';
import { paintShape } from './shapes.ts';

/** Lets the picture's own shape throw a soft shadow of that colour (`rrggbb` or `rrggbbaa`) on a larger, clear canvas. */
export function applyShadow(picture: Picture, place: ShadowPlace, colour: string): Promise<Picture> {
  return eachFrame(picture, (frame) => withShadow(frame, place, colour));
}

async function withShadow(frame: Sharp, { canvas, x, y, spread }: ShadowPlace, colour: string): Promise<Sharp> {
  const { data, info } = await frame
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const raw = { width, height, channels: 4 } as const;
  const { width: across, height: down } = canvas;
  const shape = Buffer.alloc(across * down);
  for (let row = 0; row < height; row += 1) {
    const start = (row + canvas.top + y) * across + canvas.left + x;
    for (let column = 0; column < width; column += 1) {
      shape[start + column] = data[(row * width + column) * 4 + 3] ?? 0;
    }
  }
  const soft = await softened(shape, { width: across, height: down }, spread);
  return sharp(paintShape(soft, colour), {
    raw: { width: across, height: down, channels: 4 },
    limitInputPixels: false,
  }).composite([{ input: data, raw, left: canvas.left, top: canvas.top }]);
}

async function softened(shape: Buffer, size: { width: number; height: number }, spread: number): Promise<Buffer> {
  // Three deviations hold all of a Gaussian that can be seen; sharp takes none below 0.3.
  if (spread < 1) return shape;
  return sharp(shape, { raw: { ...size, channels: 1 }, limitInputPixels: false })
    .blur(Math.max(0.3, spread / 3))
    .extractChannel(0)
    .raw()
    .toBuffer();
}

import { channelsOf } from './effects/pixels.ts';

/** How much of each pixel belongs to a shape, 0–255, row by row. */
export type Shape = Uint8Array;

/** Four channels: the shape in one colour (`rrggbb` or `rrggbbaa`). */
export function paintShape(shape: Shape, colour: string): Buffer {
  const [red, green, blue] = channelsOf(colour);
  const opacity = colour.length === 8 ? Number.parseInt(colour.slice(6), 16) / 255 : 1;
  const pixels = Buffer.allocUnsafe(shape.length * 4);
  for (const [place, covered] of shape.entries()) {
    pixels[place * 4] = red;
    pixels[place * 4 + 1] = green;
    pixels[place * 4 + 2] = blue;
    pixels[place * 4 + 3] = Math.round(covered * opacity);
  }
  return pixels;
}

import sharp from 'sharp';
import type { Size } from '../../../containers/facts.ts';
import { type Picture, pictureOf, rasterOf } from '../../picture/picture.ts';
import { withAlpha } from '../../picture/raster.ts';
import { deviationOf } from '../deviation.ts';
import type { Shape } from '../shapes.ts';
import { distancesTo } from './distances.ts';
import { channelsOf } from './pixels.ts';
import type { DrawEffect } from './tones.ts';

/** 1–100: how many pixels wide the outline of what is not clear is drawn, within the picture's own edges. */
export const outline: DrawEffect = async (
  picture,
  width,
  { colour = '000000', second = 0, mode },
): Promise<Picture> => {
  const raster = withAlpha(await rasterOf(picture));
  const { data, size, frames } = raster;
  const bytes = size.width * size.height * 4;
  for (let frame = 0; frame < frames; frame += 1) {
    const pixels = data.subarray(frame * bytes, (frame + 1) * bytes);
    const shape = Uint8Array.from({ length: bytes / 4 }, (_, place) => pixels[place * 4 + 3] ?? 0);
    const over = await softened(overOf(shape, size, { width, mode }), size, second);
    const under = await softened(underOf(shape, size, { width, mode }), size, second);
    laid(pixels, { over, under, colour });
  }
  return pictureOf(raster);
};

interface Wanted {
  readonly width: number;
  readonly mode: string | undefined;
}

/** What is drawn over the picture, as far as the picture is there. */
function overOf(shape: Shape, size: Size, { width, mode }: Wanted): Shape | undefined {
  if (mode === 'outer') return undefined;
  if (mode === 'fill' || mode === 'inner_fill') return shape;
  const distances = distancesTo((place) => (shape[place] ?? 0) < 128, size);
  return shape.map((opacity, place) => {
    const toEdge = Math.min(distances[place] ?? 0, distanceOutside(place, size));
    return (opacity * covered(width - toEdge)) / 255;
  });
}

/** To the nearest pixel that would lie outside of the picture, where nothing is. */
function distanceOutside(place: number, { width, height }: Size): number {
  const [x, y] = [place % width, Math.floor(place / width)];
  return Math.min(x + 1, y + 1, width - x, height - y);
}

/** What is drawn beneath it. */
function underOf(shape: Shape, size: Size, { width, mode }: Wanted): Shape | undefined {
  if (mode === 'inner' || mode === 'inner_fill') return undefined;
  const distances = distancesTo((place) => (shape[place] ?? 0) >= 128, size);
  return shape.map((_, place) => covered(width - (distances[place] ?? 0)));
}

/** Of 255, by how far a pixel lies within the edge of a shape; half where the edge goes through its middle. */
function covered(inwards: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, inwards + 0.5)));
}

async function softened(shape: Shape | undefined, size: Size, amount: number): Promise<Shape | undefined> {
  if (shape === undefined || amount === 0) return shape;
  return sharp(shape, { raw: { ...size, channels: 1 }, limitInputPixels: false })
    .blur(deviationOf(amount))
    .extractChannel(0)
    .raw()
    .toBuffer();
}

interface Layers {
  readonly over: Shape | undefined;
  readonly under: Shape | undefined;
  readonly colour: string;
}

/** Lays the colour over each pixel and beneath it. */
function laid(pixels: Buffer, { over, under, colour }: Layers): void {
  const own = channelsOf(colour);
  const strength = colour.length === 8 ? Number.parseInt(colour.slice(6), 16) / 255 : 1;
  for (let at = 0, place = 0; at < pixels.length; at += 4, place += 1) {
    const alpha = (pixels[at + 3] ?? 0) / 255;
    const above = ((over?.[place] ?? 0) / 255) * strength;
    const beneath = ((under?.[place] ?? 0) / 255) * strength;
    // Of the picture that much shows, and of the colour what lies over it and what shows where the picture does not.
    const shown = alpha * (1 - above);
    const whole = above + (1 - above) * (alpha + (1 - alpha) * beneath);
    if (whole === 0) continue;
    for (let channel = 0; channel < 3; channel += 1) {
      const mixed = (pixels[at + channel] ?? 0) * shown + (own[channel] ?? 0) * (whole - shown);
      pixels[at + channel] = Math.round(mixed / whole);
    }
    pixels[at + 3] = Math.round(whole * 255);
  }
}

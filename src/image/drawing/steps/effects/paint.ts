import type { Size } from '../../../containers/facts.ts';
import { type Picture, pictureOf, rasterOf } from '../../picture/picture.ts';
import { coloured, type Raster } from '../../picture/raster.ts';
import { luma } from './pixels.ts';
import type { DrawEffect } from './tones.ts';

/** Pixels to each side that a strength of 100 looks at. */
const farthest = 6;
/** Lights are told apart in so many groups. */
const groups = 20;

/** 0–100: how broad the brush is. Each pixel takes the mean of those around it that are about as light as most of them. */
export const oilPaint: DrawEffect = async (picture, amount): Promise<Picture> => {
  const radius = Math.round((amount / 100) * farthest);
  const raster = coloured(await rasterOf(picture));
  return pictureOf(radius === 0 ? raster : { ...raster, data: brushed(raster, radius) });
};

/** Cartoons: smooth areas of few shades, and dark lines where lights change. */
export const cartoonify: DrawEffect = async (picture, amount, { second = 50, mode }): Promise<Picture> => {
  const raster = coloured(await rasterOf(picture));
  const smooth = { ...raster, data: brushed(raster, 2) };
  const lines = linesIn(smooth, amount);
  const shades = Math.round(20 - second * 0.16);
  const { data, channels } = smooth;
  for (let at = 0, place = 0; at < data.length; at += channels, place += 1) {
    const ink = 1 - (lines[place] ?? 0) / 255;
    for (let channel = at; channel < at + 3; channel += 1) {
      const shade = mode === 'bw' ? 255 : (Math.round(((data[channel] ?? 0) / 255) * shades) * 255) / shades;
      data[channel] = Math.round(shade * ink);
    }
  }
  return pictureOf(smooth);
};

/** Sums of those pixels around one that are of each group. */
interface Window {
  readonly counts: Float64Array;
  readonly sums: Float64Array;
}

function brushed({ data, size, frames, channels }: Raster, radius: number): Buffer {
  const painted = Buffer.from(data);
  const bytes = size.width * size.height * channels;
  for (let frame = 0; frame < frames; frame += 1) {
    const from = data.subarray(frame * bytes, (frame + 1) * bytes);
    const to = painted.subarray(frame * bytes, (frame + 1) * bytes);
    const groupOf = groupsOf(from, channels);
    for (let y = 0; y < size.height; y += 1) brushRow({ from, to, groupOf, size, channels, radius }, y);
  }
  return painted;
}

function groupsOf(pixels: Buffer, channels: number): Uint8Array {
  return Uint8Array.from({ length: pixels.length / channels }, (_, place) => {
    const at = place * channels;
    const light = luma(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0);
    return Math.min(groups - 1, Math.floor((light * groups) / 256));
  });
}

interface Brush {
  readonly from: Buffer;
  readonly to: Buffer;
  /** The group of each pixel. */
  readonly groupOf: Uint8Array;
  readonly size: Size;
  readonly channels: number;
  readonly radius: number;
}

/** The window moves along the row: a column of pixels comes, and one goes. */
function brushRow(brush: Brush, y: number): void {
  const { to, size, channels, radius } = brush;
  const window: Window = { counts: new Float64Array(groups), sums: new Float64Array(groups * 3) };
  for (let x = 0; x < radius; x += 1) takeColumn(brush, window, { x, y, sign: 1 });
  for (let x = 0; x < size.width; x += 1) {
    takeColumn(brush, window, { x: x + radius, y, sign: 1 });
    takeColumn(brush, window, { x: x - radius - 1, y, sign: -1 });
    const most = mostIn(window.counts);
    const at = (y * size.width + x) * channels;
    for (let channel = 0; channel < 3; channel += 1) {
      to[at + channel] = Math.round((window.sums[most * 3 + channel] ?? 0) / (window.counts[most] ?? 1));
    }
  }
}

function mostIn(counts: Float64Array): number {
  let most = 0;
  for (let group = 1; group < groups; group += 1) if ((counts[group] ?? 0) > (counts[most] ?? 0)) most = group;
  return most;
}

interface Column {
  readonly x: number;
  readonly y: number;
  readonly sign: 1 | -1;
}

function takeColumn(
  { from, groupOf, size, channels, radius }: Brush,
  { counts, sums }: Window,
  { x, y, sign }: Column,
): void {
  if (x < 0 || x >= size.width) return;
  const last = Math.min(size.height - 1, y + radius);
  for (let row = Math.max(0, y - radius); row <= last; row += 1) {
    const place = row * size.width + x;
    const at = place * channels;
    const group = groupOf[place] ?? 0;
    counts[group] = (counts[group] ?? 0) + sign;
    sums[group * 3] = (sums[group * 3] ?? 0) + sign * (from[at] ?? 0);
    sums[group * 3 + 1] = (sums[group * 3 + 1] ?? 0) + sign * (from[at + 1] ?? 0);
    sums[group * 3 + 2] = (sums[group * 3 + 2] ?? 0) + sign * (from[at + 2] ?? 0);
  }
}

/** How dark a line each pixel lies on, 0 to 255: where light changes more than the strength (0–100) lets pass. */
function linesIn({ data, size, frames, channels }: Raster, strength: number): Uint8ClampedArray {
  const { width, height } = size;
  const lines = new Uint8ClampedArray(width * height * frames);
  const threshold = 160 - 1.5 * strength;
  const lightAt = (x: number, y: number, frame: number) => {
    const [column, row] = [Math.min(width - 1, Math.max(0, x)), Math.min(height - 1, Math.max(0, y))];
    const at = ((frame * height + row) * width + column) * channels;
    return luma(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0);
  };
  for (let place = 0; strength > 0 && place < lines.length; place += 1) {
    const frame = Math.floor(place / (width * height));
    const [x, y] = [place % width, Math.floor(place / width) % height];
    const across = lightAt(x + 1, y, frame) - lightAt(x - 1, y, frame);
    const down = lightAt(x, y + 1, frame) - lightAt(x, y - 1, frame);
    lines[place] = (Math.hypot(across, down) * 2 - threshold) * 8;
  }
  return lines;
}

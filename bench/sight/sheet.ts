import { basename } from 'node:path';
import sharp from 'sharp';
import type { Raster } from '../../src/image/drawing/picture/raster.ts';
import type { Box } from './photographs.ts';

/** A picture, and boxes to draw on it. */
export interface Framed {
  readonly name: string;
  readonly raster: Raster;
  readonly boxes: readonly Box[];
}

const [columns, width, height, caption] = [5, 240, 200, 16];
const colours = ['#ff0', '#0ff', '#f0f', '#0f0'];

/** Pictures beside and below each other, with their boxes: a PNG. */
export async function contactSheet(framed: readonly Framed[]): Promise<Buffer> {
  const parts = await Promise.all(
    framed.map(async (one, index) => {
      const [left, top] = [(index % columns) * width, Math.floor(index / columns) * height];
      return { input: await drawn(one), left, top };
    }),
  );
  const rows = Math.ceil(framed.length / columns);
  return sharp({ create: { width: columns * width, height: rows * height, channels: 3, background: '#222' } })
    .composite(parts)
    .png()
    .toBuffer();
}

async function drawn({ name, raster, boxes }: Framed): Promise<Buffer> {
  const { data, size, channels } = raster;
  const { data: small, info } = await sharp(data, { raw: { ...size, channels } })
    .resize(width - 4, height - caption - 4, { fit: 'inside' })
    .png()
    .toBuffer({ resolveWithObject: true });
  const rectangles = boxes.map(
    ([left, top, across, down], index) =>
      `<rect x="${left * info.width}" y="${top * info.height}" width="${across * info.width}" height="${down * info.height}" fill="none" stroke="${colours[index % colours.length]}" stroke-width="2"/>`,
  );
  const frames = Buffer.from(`<svg width="${info.width}" height="${info.height}">${rectangles.join('')}</svg>`);
  const words = Buffer.from(
    `<svg width="${width}" height="${caption}"><text x="2" y="12" font-size="11" fill="#fff">${basename(name).slice(0, 34)}</text></svg>`,
  );
  return sharp({ create: { width, height, channels: 3, background: '#222' } })
    .composite([
      { input: words, left: 0, top: 0 },
      { input: small, left: 0, top: caption },
      { input: frames, left: 0, top: caption },
    ])
    .png()
    .toBuffer();
}

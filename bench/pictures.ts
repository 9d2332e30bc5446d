import sharp, { type Sharp } from 'sharp';
import { readPhotographs } from './photographs.ts';

/** A photograph at the size it is sent in. */
export interface Picture {
  readonly data: Buffer;
  readonly size: { readonly width: number; readonly height: number };
}

/** The photographs at these widths, as pixels; the mosaic's quarters are four photographs. */
export async function readPictures(widths: readonly number[]): Promise<readonly Picture[]> {
  const sources = readPhotographs(['p8.jpg', 'p24.jpg', 'ref1200.png', 'seeding.jpg']).flatMap(({ name, bytes }) =>
    name === 'p24.jpg' ? [0, 1, 2, 3].map((quarter) => quarterOf(bytes, quarter)) : [sharp(bytes)],
  );
  const pictures: Picture[] = [];
  for (const source of sources) {
    for (const width of widths) pictures.push(await scaled(source, width));
  }
  return pictures;
}

function quarterOf(mosaic: Buffer, quarter: number): Sharp {
  const [left, top] = [(quarter % 2) * 3000, Math.floor(quarter / 2) * 2000];
  return sharp(mosaic).extract({ left, top, width: 3000, height: 2000 });
}

async function scaled(source: Sharp, width: number): Promise<Picture> {
  const { data, info } = await source.clone().resize(width).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, size: { width: info.width, height: info.height } };
}

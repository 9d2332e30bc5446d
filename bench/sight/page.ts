import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { Raster } from '../../src/image/drawing/picture/raster.ts';
import type { Box } from './photographs.ts';

/** A box that is drawn on a picture: what people marked, or what a program says. */
export interface Drawn {
  readonly box: Box;
  readonly colour: string;
}

/** One of the pictures of a page: with boxes on it, or a part of it. */
export interface Shown {
  readonly raster: Raster;
  readonly boxes?: readonly Drawn[];
  readonly part?: Box;
  readonly words: string;
}

/** A photograph with all that is shown of it. */
export interface Row {
  readonly title: string;
  /** Something to look at first. */
  readonly isBad: boolean;
  readonly shown: readonly Shown[];
}

/** Sides of a picture on a page, at most. */
const side = 180;
const style = [
  'body{font:14px system-ui;margin:16px;background:#fff;color:#111}',
  'section{border-top:1px solid #ccc;padding:6px 0}h2{font-size:14px;margin:4px 0}.bad h2{color:#b00}',
  'figure{display:inline-block;margin:0 8px 4px 0;vertical-align:top}figcaption{font-size:12px}',
  'table{border-collapse:collapse}td,th{padding:2px 10px 2px 0;text-align:left}',
].join('');

/** Writes a page to look at into `bench/pages`, which git ignores: the photographs are their authors'. What is wrong comes first. */
export async function writePage(name: string, head: string, rows: readonly Row[]): Promise<void> {
  const folder = fileURLToPath(new URL('../pages/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const sections: string[] = [];
  for (const row of rows.toSorted((one, other) => Number(other.isBad) - Number(one.isBad))) {
    const figures = await Promise.all(row.shown.map(figure));
    sections.push(`<section${row.isBad ? ' class="bad"' : ''}><h2>${row.title}</h2>${figures.join('')}</section>`);
  }
  const page = `<!doctype html><meta charset="utf-8"><title>${name}</title><style>${style}</style><h1>${name}</h1>${head}${sections.join('\n')}`;
  writeFileSync(`${folder}${name}.html`, page);
}

async function figure({ raster, boxes = [], part, words }: Shown): Promise<string> {
  const { data, size, channels } = raster;
  const whole = sharp(data, { raw: { ...size, channels } });
  const small = await (part === undefined ? whole : whole.extract(pixelsOf(part, size)))
    .resize(side, side, { fit: 'inside' })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = small.info;
  const [fromLeft, fromTop, partWidth, partHeight] = part ?? [0, 0, 1, 1];
  const [byWidth, byHeight] = [width / partWidth, height / partHeight];
  const lines = boxes.map(({ box: [left, top, across, down], colour }) => {
    const corner = `x="${(left - fromLeft) * byWidth}" y="${(top - fromTop) * byHeight}"`;
    const place = `${corner} width="${across * byWidth}" height="${down * byHeight}"`;
    return `<rect ${place} fill="none" stroke="${colour}" stroke-width="2"/>`;
  });
  const frames = Buffer.from(`<svg width="${width}" height="${height}">${lines.join('')}</svg>`);
  const picture = await sharp(small.data, { raw: { width, height, channels: small.info.channels } })
    .composite([{ input: frames }])
    .jpeg({ quality: 82 })
    .toBuffer();
  const source = `data:image/jpeg;base64,${picture.toString('base64')}`;
  return `<figure><img src="${source}" width="${width}" height="${height}" alt=""><figcaption>${words}</figcaption></figure>`;
}

function pixelsOf([left, top, across, down]: Box, { width, height }: Raster['size']) {
  const [x, y] = [Math.round(left * width), Math.round(top * height)];
  return {
    left: x,
    top: y,
    width: Math.max(1, Math.min(width - x, Math.round(across * width))),
    height: Math.max(1, Math.min(height - y, Math.round(down * height))),
  };
}

/** A table of the README as one of a page. */
export function asHtml(rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[]) => row.map((cell) => `<td>${cell}</td>`).join('');
  return `<table>${rows.map((row) => `<tr>${cells(row)}</tr>`).join('')}</table>`;
}

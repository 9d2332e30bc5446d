import { from, quarters } from '../pictures.ts';
import { filesOf } from './hostile-file.ts';

type Tag = readonly [tag: number, type: 3 | 4, value: number];

/** A little-endian TIFF of one page with those tags and no pixels to speak of. */
function page(...tags: readonly Tag[]): Buffer {
  const file = Buffer.alloc(8 + 2 + tags.length * 12 + 4 + 1_024);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(8, 4);
  file.writeUInt16LE(tags.length, 8);
  for (const [index, [tag, type, value]] of tags.entries()) {
    const at = 10 + index * 12;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(type, at + 2);
    file.writeUInt32LE(1, at + 4);
    file.writeUInt32LE(value, at + 8);
  }
  return file;
}

function strip(width: number, height: number, bits = 8, strips: Tag = [273, 4, 200]): Buffer {
  return page(
    [256, 4, width],
    [257, 4, height],
    [258, 3, bits],
    [259, 3, 1],
    [262, 3, 1],
    strips,
    [277, 3, 1],
    [278, 4, height],
    [279, 4, width * height],
  );
}

const base = () => from(quarters(64, 48)).tiff({ compression: 'none' }).toBuffer();

/** The first page again and again: a chain of directories over the same pixels. */
async function pages(count: number): Promise<Buffer> {
  const tiff = await base();
  const first = tiff.readUInt32LE(4);
  const link = first + 2 + tiff.readUInt16LE(first) * 12;
  const directory = tiff.subarray(first, link + 4);
  const copies = Array.from({ length: count - 1 }, (_, index) => {
    const copy = Buffer.from(directory);
    const next = index === count - 2 ? 0 : tiff.length + (index + 1) * directory.length;
    copy.writeUInt32LE(next, copy.length - 4);
    return copy;
  });
  const start = Buffer.from(tiff);
  start.writeUInt32LE(tiff.length, link);
  return Buffer.concat([start, ...copies]);
}

async function circle(): Promise<Buffer> {
  const tiff = await base();
  const first = tiff.readUInt32LE(4);
  tiff.writeUInt32LE(first, first + 2 + tiff.readUInt16LE(first) * 12);
  return tiff;
}

/** TIFFs: pages in a circle, strips that are not there, numbers that cannot be. */
export const tiffs = filesOf('tiff', [
  ['20000-pages', 'refused', () => pages(20_000)],
  ['900-pages', 'drawn', () => pages(900)],
  ['pages-in-a-circle', 'refused', circle],
  ['declares-60000x60000', 'refused', () => strip(60_000, 60_000)],
  ['declares-1x100000000', 'refused', () => strip(1, 100_000_000)],
  ['declares-4294967295x1', 'refused', () => strip(4_294_967_295, 1)],
  ['declares-6000x6000', 'refused', () => strip(6_000, 6_000)],
  ['declares-nothing', 'refused', () => strip(0, 0)],
  ['strip-outside-of-the-file', 'refused', () => strip(64, 64, 8, [273, 4, 4_000_000_000])],
  ['64-bits', 'either', () => strip(8, 8, 64)],
  ['3-bits', 'either', () => strip(8, 8, 3)],
  ['65535-tags', 'refused', () => Buffer.from('II*\0\x08\0\0\0\xff\xff', 'latin1')],
  ['first-page-outside-of-the-file', 'refused', () => Buffer.from('II*\0\xff\xff\xff\x7f', 'latin1')],
  ['no-page', 'refused', () => Buffer.from('II*\0\0\0\0\0', 'latin1')],
  [
    'tiles-of-one-pixel',
    'either',
    () =>
      page(
        [256, 4, 5_000],
        [257, 4, 5_000],
        [258, 3, 8],
        [262, 3, 1],
        [322, 4, 1],
        [323, 4, 1],
        [324, 4, 8],
        [325, 4, 1],
      ),
  ],
]);

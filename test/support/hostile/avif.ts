import { avifSaying } from '../avif.ts';
import { sizeProperty } from '../avif-items.ts';
import { from, noise, paint, quarters } from '../pictures.ts';
import { filesOf, repeat } from './hostile-file.ts';

const base = () => from(quarters(64, 48)).avif({ effort: 0 }).toBuffer();
const flat = (side: number) => () =>
  from(paint(64, 64, () => [9, 9, 9]))
    .resize(side, side)
    .avif({ effort: 0, quality: 1 })
    .toBuffer();

async function withSize(width: number, height: number): Promise<Buffer> {
  const avif = await base();
  const at = avif.indexOf('ispe', 0, 'latin1');
  avif.writeUInt32BE(width, at + 8);
  avif.writeUInt32BE(height, at + 12);
  return avif;
}

/** One more size of its alpha: a part larger than the picture. */
async function withLargePart(): Promise<Buffer> {
  const avif = await from(paint(64, 48, () => [9, 9, 9, 99]))
    .avif({ effort: 0 })
    .toBuffer();
  return avifSaying(avif, { properties: [sizeProperty(16_000, 16_000)], of: 'alpha' });
}

const brand = (name: string) => Buffer.from(`\0\0\0\x18ftyp${name}\0\0\0\0mif1${name}`, 'latin1');
const nested = (depth: number) => {
  const boxes = Buffer.alloc(depth * 8);
  for (let index = 0; index < depth; index += 1) {
    boxes.writeUInt32BE((depth - index) * 8, index * 8);
    boxes.write('meta', index * 8 + 4, 'latin1');
  }
  return boxes;
};

async function changed(find: string, offset: number, value: number): Promise<Buffer> {
  const avif = await base();
  avif.writeUInt8(value, avif.indexOf(find, 0, 'latin1') + offset);
  return avif;
}

/** AVIFs: the smallest files with the most pixels, and boxes that lie. */
export const avifs = filesOf('avif', [
  ['1-kilobyte-of-7000x7000', 'either', flat(7_000), 'heavy'],
  ['1500x1500-of-one-colour', 'drawn', flat(1_500)],
  ['declares-30000x30000', 'refused', () => withSize(30_000, 30_000)],
  ['declares-6000x6000', 'refused', () => withSize(6_000, 6_000)],
  ['declares-nothing', 'refused', () => withSize(0, 0)],
  ['part-larger-than-the-picture', 'refused', withLargePart],
  ['heic', 'refused', () => brand('heic')],
  ['avif-in-name-only', 'refused', () => brand('avif')],
  [
    '6000-boxes',
    'refused',
    () => Buffer.concat([brand('avif'), repeat(Buffer.from('\0\0\0\x08free', 'latin1'), 6_000)]),
  ],
  ['boxes-in-boxes', 'refused', () => Buffer.concat([brand('avif'), nested(20_000)])],
  [
    'box-of-no-length',
    'refused',
    () => Buffer.concat([brand('avif'), Buffer.from('\0\0\0\x01meta\0\0\0\0\0\0\0\0', 'latin1')]),
  ],
  ['no-primary-picture', 'either', () => changed('pitm', 9, 99)],
  ['place-outside-of-the-file', 'refused', () => changed('iloc', 20, 0x7f)],
  ['a-codec-that-is-none', 'refused', () => changed('av1C', 0, 0x78)],
  ['noise', 'drawn', () => from(noise(300, 200)).avif({ effort: 0 }).toBuffer()],
]);

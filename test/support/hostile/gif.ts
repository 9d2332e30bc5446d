import { animate, blue, gifDeclaring, red } from '../pictures.ts';
import { filesOf, repeat } from './hostile-file.ts';

const base = () => animate(64, 48, [red, blue]).gif().toBuffer();

/** Puts blocks behind the header and the colour table. */
async function withBlocks(blocks: Buffer): Promise<Buffer> {
  const gif = await base();
  const table = 3 * 2 ** ((gif.readUInt8(10) & 7) + 1);
  const at = 13 + ((gif.readUInt8(10) & 0x80) === 0 ? 0 : table);
  return Buffer.concat([gif.subarray(0, at), blocks, gif.subarray(at)]);
}

const comment = Buffer.from('\x21\xfe\x04spam\0', 'latin1');

/** GIFs with more frames or larger screens than fit anywhere. */
export const gifs = filesOf('gif', [
  ['1000-frames', 'either', () => gifDeclaring(1, 1, 1_000)],
  ['9000-frames', 'either', () => gifDeclaring(1, 1, 9_000)],
  ['20000-frames', 'refused', () => gifDeclaring(1, 1, 20_000)],
  ['100000-frames', 'refused', () => gifDeclaring(1, 1, 100_000)],
  ['declares-65535x65535', 'refused', () => gifDeclaring(65_535, 65_535, 1, { width: 65_535, height: 65_535 })],
  ['declares-a-screen-of-65535x65535', 'either', () => gifDeclaring(65_535, 65_535)],
  ['declares-7000x7000-holds-a-pixel', 'either', () => gifDeclaring(1, 1, 1, { width: 7_000, height: 7_000 }), 'heavy'],
  ['declares-1500x1500-holds-a-pixel', 'either', () => gifDeclaring(1, 1, 1, { width: 1_500, height: 1_500 })],
  ['40-frames-of-2000x2000', 'either', () => gifDeclaring(2_000, 2_000, 40, { width: 2_000, height: 2_000 })],
  ['declares-nothing', 'either', () => gifDeclaring(0, 0)],
  ['no-frame', 'refused', () => Buffer.from('GIF89a\x08\0\x08\0\0\0\0;', 'latin1')],
  ['header-only', 'refused', () => Buffer.from('GIF89a')],
  ['100000-comments', 'either', () => withBlocks(repeat(comment, 100_000))],
  [
    'blocks-without-end',
    'refused',
    () => Buffer.concat([Buffer.from('GIF89a\x08\0\x08\0\0\0\0\x21\xfe', 'latin1'), Buffer.alloc(1_000_000, 1)]),
  ],
  [
    'codes-of-12-bits-at-once',
    'either',
    () =>
      Buffer.from('GIF89a\x08\0\x08\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x08\0\x08\0\0\x0c\x02\xff\xff\0;', 'latin1'),
  ],
  ['trailer-and-more', 'drawn', async () => Buffer.concat([await base(), Buffer.alloc(10_000, 'x')])],
]);

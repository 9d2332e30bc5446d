import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';

import { inspect } from '../../src/image/index.ts';
import { from, jpegSegment, pngChunk, quarters } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

/** Pointers to another directory that EXIF has: its own, of positions, of interoperability. */
const pointers = [0x8769, 0x8825, 0xa005];

/** An EXIF block of one directory, all of whose entries point back at it: libexif takes time with the square of them. */
function circular(entries: number): Buffer {
  const block = Buffer.alloc(8 + 2 + 12 * entries + 4);
  block.write('MM', 'latin1');
  block.writeUInt16BE(42, 2);
  block.writeUInt32BE(8, 4);
  block.writeUInt16BE(entries, 8);
  for (let index = 0; index < entries; index += 1) {
    const at = 10 + 12 * index;
    block.writeUInt16BE(pointers[index % pointers.length] ?? 0, at);
    block.writeUInt16BE(4, at + 2);
    block.writeUInt32BE(1, at + 4);
    block.writeUInt32BE(8, at + 8);
  }
  return block;
}

const signature = Buffer.from('Exif\0\0', 'latin1');
const picture = () => from(quarters(64, 48));

async function jpeg(block: Buffer): Promise<Buffer> {
  const plain = await picture().jpeg().toBuffer();
  const segment = jpegSegment(0xe1, Buffer.concat([signature, block]));
  return Buffer.concat([plain.subarray(0, 2), segment, plain.subarray(2)]);
}

async function png(block: Buffer): Promise<Buffer> {
  const plain = await picture().png().toBuffer();
  return Buffer.concat([plain.subarray(0, 33), pngChunk('eXIf', block), plain.subarray(33)]);
}

/** EXIF comes last in what sharp writes. */
async function webp(block: Buffer): Promise<Buffer> {
  const named = await picture()
    .webp()
    .withExif({ IFD0: { Artist: 'A' } })
    .toBuffer();
  const head = Buffer.from('EXIF\0\0\0\0', 'latin1');
  head.writeUInt32LE(block.length, 4);
  const file = Buffer.concat([named.subarray(0, named.indexOf('EXIF')), head, block]);
  file.writeUInt32LE(file.length - 8, 4);
  return file;
}

/** With room for the block, in whose place it is put. */
async function avif(block: Buffer): Promise<Buffer> {
  const file = await picture()
    .avif({ effort: 0 })
    .withExif({ IFD0: { Artist: 'A'.repeat(block.length) } })
    .toBuffer();
  block.copy(file, file.lastIndexOf(signature) + signature.length);
  return file;
}

const entries = 2_500;
const files: readonly (readonly [string, () => Promise<Buffer>])[] = [
  ['a JPEG', () => jpeg(circular(entries))],
  ['a PNG', () => png(circular(entries))],
  ['a WebP', () => webp(circular(entries))],
  ['an AVIF', () => avif(circular(entries))],
];

/** Far more than such a picture takes, and far less than its EXIF would, which is more than 15 s. */
const mostMs = 3_000;

describe('directories of EXIF that point at themselves cost no render anything in', () => {
  it.each(files)('%s', async (_, make) => {
    const original = await make();
    await draw(await picture().png().toBuffer(), 'w_20,f_png');
    const began = performance.now();
    const { bytes } = await draw(original, 'w_20,f_png');
    expect(performance.now() - began).toBeLessThan(mostMs);
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 20, height: 15 });
  });

  it('the picture of a layer', async () => {
    const layers = new Map([['logo', await jpeg(circular(entries))]]);
    const base = await picture().png().toBuffer();
    await draw(base, 'w_20,f_png');
    const began = performance.now();
    await draw(base, 'l_logo,w_10/fl_layer_apply/f_png', { layers });
    expect(performance.now() - began).toBeLessThan(mostMs);
  });
});

describe('without EXIF for the decoder', () => {
  const turned = { IFD0: { Orientation: '6', Artist: 'Ada' } };
  const turnedFiles: readonly (readonly [string, () => Promise<Buffer>])[] = [
    ['JPEG', () => picture().jpeg().withMetadata({ orientation: 6 }).toBuffer()],
    ['PNG', () => picture().png().withMetadata({ orientation: 6 }).toBuffer()],
    ['WebP', () => picture().webp({ lossless: true }).withMetadata({ orientation: 6 }).toBuffer()],
  ];

  it.each(turnedFiles)('a %s is turned by it all the same, and its AVIF not a second time', async (_, make) => {
    const original = await make();
    const upright = await sharp(original).autoOrient().png().toBuffer();
    for (const format of ['png', 'avif']) {
      const { bytes } = await draw(original, `f_${format}`);
      expect((await sharp(bytes).metadata()).orientation ?? 1).toBe(1);
      const [got, wanted] = await Promise.all(
        [bytes, upright].map((file) => sharp(file).resize(2, 2, { kernel: 'nearest' }).removeAlpha().raw().toBuffer()),
      );
      for (const [index, value] of wanted?.entries() ?? [])
        expect(Math.abs(value - (got?.[index] ?? -99))).toBeLessThan(40);
    }
  });

  it.each([
    ['a SHORT', 3, 1, 6],
    ['a LONG', 4, 1, 6],
    ['two numbers', 3, 2, 1],
    ['a text of a million letters', 2, 1_000_000, 1],
    ['a byte', 1, 1, 1],
  ])('an orientation that is %s', async (_, type, count, orientation) => {
    const block = Buffer.alloc(1_000_000, '6');
    circular(1).copy(block);
    block.writeUInt16BE(274, 10);
    block.writeUInt16BE(type, 12);
    block.writeUInt32BE(count, 14);
    // Two bytes lie in front of the others, four are the whole.
    block.writeUInt32BE(type === 4 ? 6 : 6 * 65_536, 18);
    const began = performance.now();
    expect(await inspect(await png(block))).toMatchObject({ orientation });
    expect(performance.now() - began).toBeLessThan(mostMs);
  });

  it('one text that is named ten thousand times is read once', async () => {
    const named = circular(10_000);
    const block = Buffer.concat([named, Buffer.alloc(900_000, 'A\0')]);
    for (let at = 10; at + 12 <= named.length; at += 12) {
      block.writeUInt16BE(40_093, at);
      block.writeUInt16BE(1, at + 2);
      block.writeUInt32BE(900_000, at + 4);
      block.writeUInt32BE(named.length, at + 8);
    }
    const original = await png(block);
    const began = performance.now();
    await draw(original, 'w_20,f_png,fl_keep_attribution');
    expect(performance.now() - began).toBeLessThan(mostMs);
  });

  it('who made it is said all the same', async () => {
    const original = await picture().jpeg().withExif(turned).toBuffer();
    const { bytes } = await draw(original, 'f_jpg,fl_keep_attribution');
    expect((await sharp(bytes).metadata()).exif?.includes('Ada')).toBe(true);
  });
});

import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { inspect } from '../../src/image/index.ts';
import { recordFigure } from '../support/figures.ts';
import { exif, inApp1, jpegOf, pngOf, stored, webpOf } from '../support/oriented.ts';
import {
  blue,
  decode,
  distance,
  exifBlock,
  from,
  green,
  jpegWithExif,
  pngChunk,
  pngWithChunks,
  quarters,
  red,
  yellow,
} from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { numbers, orders, tiffOf } from '../support/tiffs.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const upright = quarters(64, 32);

async function photograph(orientation: number): Promise<Buffer> {
  const jpeg = await from(stored(upright, orientation)).jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
  return jpegWithExif(jpeg, exifBlock(orientation));
}

async function expectUpright(bytes: Uint8Array, width: number, height: number): Promise<void> {
  const picture = await decode(bytes);
  expect([picture.width, picture.height]).toEqual([width, height]);
  const corners = [
    picture.at(2, 2),
    picture.at(width - 3, 2),
    picture.at(width - 3, height - 3),
    picture.at(2, height - 3),
  ];
  for (const [index, colour] of [red, green, blue, yellow].entries()) {
    expect(distance(corners[index] ?? [], colour)).toBeLessThan(12);
  }
}

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('a photograph stored in orientation %i', (orientation) => {
  it('is read with the size that people see', async () => {
    expect(await inspect(await photograph(orientation))).toMatchObject({
      orientation,
      size: { width: 64, height: 32 },
    });
  });

  it('is drawn upright at its own size', async () => {
    const { bytes } = await draw(await photograph(orientation), 'f_png');
    await expectUpright(bytes, 64, 32);
  });

  it('is drawn upright when it is scaled', async () => {
    const { bytes } = await draw(await photograph(orientation), 'c_scale,w_32/f_png');
    await expectUpright(bytes, 32, 16);
  });

  it('is cut where people see the corner', async () => {
    const { bytes } = await draw(await photograph(orientation), 'c_crop,g_north_east,w_16,h_8/f_png');
    const picture = await decode(bytes);
    expect([picture.width, picture.height]).toEqual([16, 8]);
    expect(distance(picture.at(8, 4), green)).toBeLessThan(12);
  });

  it('is filled and cut where people see the corner', async () => {
    const { bytes } = await draw(await photograph(orientation), 'c_fill,g_west,w_8,h_16/f_png');
    const picture = await decode(bytes);
    expect([picture.width, picture.height]).toEqual([8, 16]);
    expect(distance(picture.at(4, 3), red)).toBeLessThan(12);
    expect(distance(picture.at(4, 12), yellow)).toBeLessThan(12);
  });

  it('lies as it is stored when EXIF is to be ignored', async () => {
    const { bytes } = await draw(await photograph(orientation), 'a_ignore/f_png');
    const raw = stored(upright, orientation);
    const picture = await decode(bytes);
    expect([picture.width, picture.height]).toEqual([raw.width, raw.height]);
    const first = [...raw.data.subarray(0, 3)];
    expect(distance(picture.at(1, 1), first)).toBeLessThan(12);
  });

  it('is turned further from upright', async () => {
    const { bytes } = await draw(await photograph(orientation), 'a_90,c_scale,w_16/f_png');
    const picture = await decode(bytes);
    expect([picture.width, picture.height]).toEqual([16, 32]);
    expect(distance(picture.at(2, 2), yellow)).toBeLessThan(12);
    expect(distance(picture.at(13, 2), red)).toBeLessThan(12);
  });
});

describe.each([0, 9, 255, 65_535])('an orientation of %i, which the standard does not know', (orientation) => {
  it('leaves the picture as it is stored', async () => {
    const jpeg = jpegWithExif(await from(upright).jpeg({ quality: 95 }).toBuffer(), exifBlock(orientation));
    expect(await inspect(jpeg)).toMatchObject({ orientation: 1, size: { width: 64, height: 32 } });
    const { bytes } = await draw(jpeg, 'f_png');
    await expectUpright(bytes, 64, 32);
  });
});

describe('orientation elsewhere than in JPEG', () => {
  it('is read from PNG', async () => {
    const png = await from(stored(upright, 6)).png().toBuffer();
    const { bytes } = await draw(pngWithChunks(png, [pngChunk('eXIf', exifBlock(6))]), 'f_png');
    await expectUpright(bytes, 64, 32);
  });

  it('is read from WebP', async () => {
    const webp = await from(stored(upright, 8)).withMetadata({ orientation: 8 }).webp({ lossless: true }).toBuffer();
    const { bytes } = await draw(webp, 'f_png');
    await expectUpright(bytes, 64, 32);
  });

  it('is read from TIFF', async () => {
    const tiff = await from(stored(upright, 3))
      .withMetadata({ orientation: 3 })
      .tiff({ compression: 'lzw' })
      .toBuffer();
    const { bytes } = await draw(tiff, 'f_png');
    await expectUpright(bytes, 64, 32);
  });

  it('is left to the decoder in AVIF, which turns by itself', async () => {
    const turned = await from(stored(upright, 6)).withMetadata({ orientation: 6 }).avif({ quality: 95 }).toBuffer();
    const asDecoded = await sharp(turned).raw().toBuffer({ resolveWithObject: true });
    const { bytes } = await draw(turned, 'f_png');
    const picture = await decode(bytes);
    expect([picture.width, picture.height]).toEqual([asDecoded.info.width, asDecoded.info.height]);
  });
});

it('is read whatever byte of padding stands before the block, as in Chromium', async () => {
  const jpeg = jpegWithExif(await from(upright).jpeg({ quality: 95 }).toBuffer(), exifBlock(6));
  jpeg.writeUInt8(0xff, jpeg.indexOf('Exif', 0, 'latin1') + 5);
  expect((await inspect(jpeg)).orientation).toBe(6);
});

it('a damaged EXIF block does not keep a photograph from being drawn', async () => {
  const broken = exifBlock(6).subarray(0, 11);
  const jpeg = jpegWithExif(await from(upright).jpeg({ quality: 95 }).toBuffer(), broken);
  const { bytes } = await draw(jpeg, 'f_png');
  await expectUpright(bytes, 64, 32);
});

const xmp = Buffer.from(
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>',
);
const inXmpApp1 = Buffer.concat([Buffer.from('http://ns.adobe.com/xap/1.0/\0'), xmp]);

it('every orientation, in either order of bytes, comes upright from every format, and what is none changes nothing', async () => {
  const named: (readonly [name: string, original: Buffer])[] = [];
  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const pixels = stored(upright, orientation);
    for (const order of orders) {
      const block = exif(order, orientation);
      named.push(
        [`JPEG ${order} ${orientation}`, await jpegOf(pixels, inApp1(block))],
        [`PNG ${order} ${orientation}`, await pngOf(pixels, block)],
        [`WebP ${order} ${orientation}`, await webpOf(pixels, 'EXIF', block)],
        [`TIFF ${order} ${orientation}`, tiffOf([{ pixels, orientation }], { order })],
      );
    }
    // An AVIF is turned and mirrored by boxes of its own.
    const avif = await from(pixels).withMetadata({ orientation }).avif({ quality: 95, effort: 0 }).toBuffer();
    named.push([`AVIF ${orientation}`, avif]);
  }
  const meaningless: (readonly [name: string, original: Buffer])[] = [
    ['JPEG without EXIF', await jpegOf(upright)],
    ['PNG without EXIF', await pngOf(upright)],
    ['TIFF without the tag', tiffOf([{ pixels: upright }], { order: 'MM' })],
    ['JPEG, only XMP says 6', await jpegOf(upright, inXmpApp1)],
    ['WebP, only XMP says 6', await webpOf(upright, 'XMP ', xmp)],
  ];
  for (const order of orders) {
    const cutOff = exif(order, 6).subarray(0, 15);
    const elsewhere = exif(order, 6);
    elsewhere.set(numbers(order, [4_000, 4]), 4);
    const blocks: readonly (readonly [string, Buffer])[] = [
      ...[0, 9, 255, 65_535].map((value): [string, Buffer] => [`${order} ${value}`, exif(order, value)]),
      [`${order} cut off`, cutOff],
      [`${order} with its directory outside`, elsewhere],
    ];
    for (const [name, block] of blocks)
      meaningless.push(
        [`JPEG ${name}`, await jpegOf(upright, inApp1(block))],
        [`PNG ${name}`, await pngOf(upright, block)],
        [`WebP ${name}`, await webpOf(upright, 'EXIF', block)],
      );
  }
  const wrong: string[] = [];
  for (const [name, original] of [...named, ...meaningless]) {
    try {
      await expectUpright((await draw(original, 'f_png')).bytes, 64, 32);
    } catch (error) {
      wrong.push(`${name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  recordFigure(
    30,
    `${named.length + meaningless.length - wrong.length} of ${named.length + meaningless.length} upright: 8 orientations in JPEG, PNG, WebP and TIFF in both orders of bytes and in AVIF (${named.length}); missing, unknown, cut off, outside, in XMP only (${meaningless.length})`,
  );
  expect(wrong).toEqual([]);
}, 60_000);

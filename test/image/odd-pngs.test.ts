import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { inspect } from '../../src/image/index.ts';
import { decode, distance, exifBlock, from, type Pixel, paint, pngChunk } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const [width, height] = [12, 8];
const colour: Pixel = [200, 40, 80];

interface Parts {
  readonly colourType?: number;
  readonly front?: readonly Buffer[];
  readonly behind?: readonly Buffer[];
  readonly row?: readonly number[];
}

/** A PNG of 8 bits, equal in all rows; `front` comes between its head and its pixels. */
function png({ colourType = 2, front = [], behind = [], row }: Parts): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, colourType, 0, 0, 0], 8);
  const line = Buffer.from([0, ...(row ?? Array.from({ length: width }, () => colour).flat())]);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', head),
    ...front,
    pngChunk('IDAT', deflateSync(Buffer.concat(Array(height).fill(line)))),
    ...behind,
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

function spoiled(chunk: Buffer): Buffer {
  const other = Buffer.from(chunk);
  other.write('abcd', other.length - 4, 'latin1');
  return other;
}

const places = Array.from({ length: width }, (_, x) => x % 4);
const palette = pngChunk('PLTE', Buffer.from([...colour, 0, 255, 0, 0, 0, 255, 9, 9, 9]));
const inPalette = { colourType: 3, row: places };
const gamma = pngChunk('gAMA', Buffer.from([0, 1, 0x86, 0xa0]));
const linear = pngChunk('cICP', Buffer.from([1, 8, 0, 1]));
const srgb = (...body: number[]) => pngChunk('sRGB', Buffer.from(body));
const exif = (orientation: number) => pngChunk('eXIf', exifBlock(orientation));
const keyed = (...alphas: number[]) => pngChunk('tRNS', Buffer.from(alphas));

async function displayP3(): Promise<Buffer> {
  const { icc = Buffer.alloc(0) } = await sharp(
    await from(paint(1, 1, () => colour))
      .withIccProfile('p3')
      .png()
      .toBuffer(),
  ).metadata();
  return pngChunk('iCCP', Buffer.concat([Buffer.from('x\0\0'), deflateSync(icc)]));
}

async function firstColour(original: Buffer): Promise<number[]> {
  return (await decode((await draw(original, 'f_png')).bytes)).at(0, 0).slice(0, 3);
}

describe('what a PNG says of its colours counts as in Chromium:', () => {
  const bright: Pixel = [229, 110, 152];

  it.each([
    ['a cICP in front of the palette', { ...inPalette, front: [linear, palette] }, bright],
    ['not a cICP behind it', { ...inPalette, front: [palette, linear] }, colour],
    ['a gAMA behind the palette', { ...inPalette, front: [palette, gamma] }, bright],
    ['sRGB rather than gAMA', { front: [srgb(0), gamma] }, colour],
    ['not an sRGB of no known intent', { front: [srgb(9), gamma] }, bright],
    ['not an sRGB that is too long', { front: [srgb(0, 0), gamma] }, bright],
    ['nothing behind the pixels', { behind: [linear, gamma] }, colour],
  ])('%s', async (_, parts, expected) => {
    expect(distance(await firstColour(png(parts)), expected)).toBeLessThanOrEqual(2);
  });

  it('a profile behind the palette, and none whose checksum is wrong', async () => {
    const profile = await displayP3();
    const heeded = await firstColour(png({ front: [profile] }));
    expect(distance(heeded, colour)).toBeGreaterThan(10);
    for (const front of [
      [profile, palette],
      [palette, profile],
      [spoiled(profile), palette, profile],
    ]) {
      expect(distance(await firstColour(png({ ...inPalette, front })), heeded)).toBeLessThan(3);
    }
    expect(await firstColour(png({ front: [spoiled(profile)] }))).toEqual(colour);
    expect(distance(await firstColour(png({ front: [spoiled(profile), gamma] })), bright)).toBeLessThanOrEqual(2);
  });
});

describe('what a PNG says of its transparency counts as in Chromium:', () => {
  const grays = Array.from({ length: width }, (_, x) => (x % 4) * 60);
  const own = [0, 128, 255, 200];
  const none = [255, 255, 255, 255];

  it.each([
    ['of a palette', { ...inPalette, front: [palette, keyed(...own)] }, own],
    ['longer than the palette', { ...inPalette, front: [palette, keyed(...own, 9, 9, 9)] }, own],
    ['the first of two', { ...inPalette, front: [palette, keyed(...own), keyed(255, 0)] }, own],
    ['none in front of the palette', { ...inPalette, front: [keyed(...own), palette] }, none],
    ['none with a wrong checksum', { ...inPalette, front: [palette, spoiled(keyed(...own))] }, none],
    ['none that is empty', { ...inPalette, front: [palette, keyed()] }, none],
    ['none behind the pixels', { ...inPalette, front: [palette], behind: [keyed(...own)] }, none],
    ['of a gray', { colourType: 0, row: grays, front: [keyed(0, 60)] }, [255, 0, 255, 255]],
    ['of a gray, too long', { colourType: 0, row: grays, front: [keyed(0, 60, 0, 0)] }, [255, 0, 255, 255]],
    ['none of a gray that is too short', { colourType: 0, row: grays, front: [keyed(60)] }, none],
    ['of a colour, too long', { front: [keyed(0, 200, 0, 40, 0, 80, 1)] }, [0, 0, 0, 0]],
  ])('%s', async (_, parts, expected) => {
    const original = png(parts);
    expect((await inspect(original)).hasAlpha).toBe(expected !== none);
    const drawn = await decode((await draw(original, 'f_png,fl_png32')).bytes);
    expect([0, 1, 2, 3].map((x) => drawn.at(x, 0)[3])).toEqual(expected);
    const flat = await decode((await draw(original, 'b_white,f_png,fl_png24')).bytes);
    if (expected[0] === 0) expect(flat.at(0, 0)).toEqual([255, 255, 255]);
  });
});

describe('a PNG is turned by its EXIF as in Chromium:', () => {
  it.each([
    ['in front of the pixels', { front: [exif(6)] }, true],
    ['by the first of two', { front: [exif(6), exif(1)] }, true],
    ['not by the second', { front: [exif(1), exif(6)] }, false],
    ['not behind the pixels', { behind: [exif(6)] }, false],
    ['not with a wrong checksum', { front: [spoiled(exif(6))] }, false],
  ])('%s', async (_, parts, isTurned) => {
    const drawn = await draw(png(parts), 'f_png');
    expect([drawn.width, drawn.height]).toEqual(isTurned ? [height, width] : [width, height]);
  });
});

describe('texts of a PNG do not keep its pixels from being drawn', () => {
  const packed = (bytes: number) =>
    pngChunk('zTXt', Buffer.concat([Buffer.from('k\0\0'), deflateSync(Buffer.alloc(bytes))]));

  it.each([
    ['very many', Array(3_000).fill(pngChunk('tEXt', Buffer.from('k\0v')))],
    ['one that unpacks to 20 MB', [packed(20_000_000)]],
    ['many that do', Array(50).fill(packed(20_000_000))],
    ['one in words of the world', [pngChunk('iTXt', Buffer.concat([Buffer.from('k\0\x01\0en\0k\0'), packed(9)]))]],
  ])('%s', async (_, texts) => {
    expect(await firstColour(png({ front: texts }))).toEqual(colour);
    expect(await firstColour(png({ behind: texts }))).toEqual(colour);
  });
});

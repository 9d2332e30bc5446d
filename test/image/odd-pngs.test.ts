import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { inspect } from '../../src/image/index.ts';
import {
  bright,
  gamma,
  inPalette,
  none,
  oddAlphas,
  oddColour,
  oddColours,
  oddPng,
  oddSize,
  oddTurns,
  palette,
  spoiled,
} from '../support/odd-pngs.ts';
import { decode, distance, from, paint, pngChunk } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

async function displayP3(): Promise<Buffer> {
  const { icc = Buffer.alloc(0) } = await sharp(
    await from(paint(1, 1, () => oddColour))
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
  it.each(oddColours)('%s', async (_, parts, expected) => {
    expect(distance(await firstColour(oddPng(parts)), expected)).toBeLessThanOrEqual(2);
  });

  it('a profile behind the palette, and none whose checksum is wrong', async () => {
    const profile = await displayP3();
    const heeded = await firstColour(oddPng({ front: [profile] }));
    expect(distance(heeded, oddColour)).toBeGreaterThan(10);
    for (const front of [
      [profile, palette],
      [palette, profile],
      [spoiled(profile), palette, profile],
    ]) {
      expect(distance(await firstColour(oddPng({ ...inPalette, front })), heeded)).toBeLessThan(3);
    }
    expect(await firstColour(oddPng({ front: [spoiled(profile)] }))).toEqual(oddColour);
    expect(distance(await firstColour(oddPng({ front: [spoiled(profile), gamma] })), bright)).toBeLessThanOrEqual(2);
  });
});

describe('what a PNG says of its transparency counts as in Chromium:', () => {
  it.each(oddAlphas)('%s', async (_, parts, expected) => {
    const original = oddPng(parts);
    expect((await inspect(original)).hasAlpha).toBe(expected !== none);
    const drawn = await decode((await draw(original, 'f_png,fl_png32')).bytes);
    expect([0, 1, 2, 3].map((x) => drawn.at(x, 0)[3])).toEqual(expected);
    const flat = await decode((await draw(original, 'b_white,f_png,fl_png24')).bytes);
    if (expected[0] === 0) expect(flat.at(0, 0)).toEqual([255, 255, 255]);
  });
});

describe('a PNG is turned by its EXIF as in Chromium:', () => {
  it.each(oddTurns)('%s', async (_, parts, isTurned) => {
    const drawn = await draw(oddPng(parts), 'f_png');
    expect([drawn.width, drawn.height]).toEqual(
      isTurned ? [oddSize.height, oddSize.width] : [oddSize.width, oddSize.height],
    );
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
    expect(await firstColour(oddPng({ front: texts }))).toEqual(oddColour);
    expect(await firstColour(oddPng({ behind: texts }))).toEqual(oddColour);
  });
});

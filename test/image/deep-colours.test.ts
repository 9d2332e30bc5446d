import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { curves, grayProfile } from '../support/gray-profile.ts';
import { decode, distance, from, type Pixel, pngChunk, pngWithChunks, quarters } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { both, saying, types, withEntries } from '../support/tiff-entries.ts';
import { type Order, orders, tiffOf } from '../support/tiffs.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const side = 16;

/** All pixels alike, in numbers of 16 bits: gray, gray and alpha. */
function deepPng(pixel: readonly number[], profile: Buffer | undefined): Buffer {
  const row = Buffer.alloc(1 + side * pixel.length * 2);
  for (let at = 0; at < side * pixel.length; at += 1) row.writeUInt16BE(pixel[at % pixel.length] ?? 0, 1 + 2 * at);
  const header = Buffer.from([0, 0, 0, side, 0, 0, 0, side, 16, pixel.length === 2 ? 4 : 0, 0, 0, 0]);
  const png = Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.concat(Array.from({ length: side }, () => row)))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
  if (profile === undefined) return png;
  return pngWithChunks(png, [pngChunk('iCCP', Buffer.concat([Buffer.from('gray\0\0'), deflateSync(profile)]))]);
}

function deepTiff(pixel: readonly number[], profile: Buffer, order: Order): Buffer {
  const data = Buffer.alloc(side * side * pixel.length * 2);
  for (let at = 0; at < data.length; at += 2) {
    const value = pixel[(at / 2) % pixel.length] ?? 0;
    order === 'II' ? data.writeUInt16LE(value, at) : data.writeUInt16BE(value, at);
  }
  const rows = { width: data.length / side, height: side, channels: 1, data } as const;
  return withEntries(
    tiffOf([{ pixels: rows, tags: [[34_675, 'bytes', profile]] }], { order }),
    both(
      saying(256, types.short, side),
      saying(258, types.short, ...pixel.map(() => 16)),
      saying(277, types.short, pixel.length),
      ...(pixel.length > 1 ? [saying(338, types.short, 2)] : []),
    ),
  );
}

/** What sRGB's number is for a gray of a screen with that gamma. */
function srgbOf(number: number, gamma: number): number {
  const light = (number / 65_535) ** gamma;
  return 255 * (light <= 0.003_130_8 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055);
}

async function middle(file: Uint8Array, text: string): Promise<readonly number[]> {
  return (await decode((await draw(file, text)).bytes)).at(8, 8);
}

const gammas = [1, 1.8, 2.2, 2.6];
const numbers = [0, 300, 1_000, 5_000, 20_000, 32_896, 50_000, 65_535];
const cases = gammas.flatMap((gamma) => numbers.map((number) => ({ gamma, number })));

describe('a gray of 16 bits is what its profile says', () => {
  it.each(cases)('$number at a gamma of $gamma', async ({ gamma, number }) => {
    const profile = grayProfile(gamma);
    const gray = srgbOf(number, gamma);
    const files = [deepPng([number], profile), ...orders.map((order) => deepTiff([number], profile, order))];
    for (const file of files) {
      expect(distance(await middle(file, 'f_png'), [gray, gray, gray])).toBeLessThanOrEqual(1.5);
    }
  });

  const srgb = (number: number) => (number <= 0.040_45 ? number / 12.92 : ((number + 0.055) / 1.055) ** 2.4);

  /** Curves of all kinds, and the light of half a number. */
  it.each([
    ['the number itself', curves.points([]), 0.5],
    ['points of a line', curves.points([0, 0.1, 1]), 0.1],
    ['points of sRGB', curves.points(Array.from({ length: 1_024 }, (_, at) => srgb(at / 1_023))), srgb(0.5)],
    ['a power', curves.formula(0, [1.5]), 0.5 ** 1.5],
    ['a power and a cut', curves.formula(1, [2, 1.25, -0.25]), 0.375 ** 2],
    ['a power and a floor', curves.formula(2, [2, 1, 0, 0.1]), 0.35],
    ['sRGB', curves.formula(3, [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.040_45]), srgb(0.5)],
    ['a power, a line and floors', curves.formula(4, [2, 1, 0, 0.5, 0.6, 0.1, 0.05]), 0.3],
  ])('by a curve of %s', async (_, curve, light) => {
    const seen = srgbOf(65_535 * light, 1);
    const pixel = await middle(deepPng([32_768], grayProfile(curve)), 'f_png');
    expect(distance(pixel, [seen, seen, seen])).toBeLessThanOrEqual(1);
  });

  it('by a curve of lightness', async () => {
    // Half of the lightness of white is 18 % of its light, and 119 in sRGB.
    const pixel = await middle(deepPng([32_768], grayProfile(1, 'Lab ')), 'f_png');
    expect(distance(pixel, [119, 119, 119])).toBeLessThanOrEqual(1);
  });

  it.each([
    ['is none', Buffer.alloc(200)],
    ['ends inside its curve', grayProfile(curves.points([0, 0.1, 0.5, 1])).subarray(0, -24)],
    ['has a curve of no kind', grayProfile(curves.formula(9, []))],
  ])('and drawn all the same beside a profile that %s', async (_, profile) => {
    const file = deepTiff([32_896], profile, 'II');
    expect((await draw(file, 'f_png')).width).toBe(side);
  });

  it('as one of 8 bits is', async () => {
    for (const number of [40, 128, 200]) {
      const png = await from({ width: side, height: side, channels: 1, data: Buffer.alloc(side * side, number) })
        .toColourspace('b-w')
        .png()
        .toBuffer();
      const profile = pngChunk('iCCP', Buffer.concat([Buffer.from('gray\0\0'), deflateSync(grayProfile(1.8))]));
      const shallow = await middle(pngWithChunks(png, [profile]), 'f_png');
      const deep = await middle(deepPng([number * 257], grayProfile(1.8)), 'f_png');
      expect(distance(shallow, deep.slice(0, 3))).toBeLessThanOrEqual(1);
    }
  });

  const [number, gamma] = [32_896, 1.8];
  const gray = srgbOf(number, gamma);
  const seen: Pixel = [gray, gray, gray];

  it.each([
    'c_scale,w_32,h_32/c_crop,w_16,h_16/f_png',
    'a_90/f_png',
    'e_grayscale/f_png',
    'r_1,f_png',
    'bo_2px_solid_red,f_png',
  ])('after %s too', async (text) => {
    const pixel = await middle(deepPng([number], grayProfile(gamma)), text);
    expect(distance(pixel.slice(0, 3), seen)).toBeLessThanOrEqual(1.5);
  });

  it.each(['jpg', 'webp', 'avif', 'gif'])('in %s too', async (format) => {
    const pixel = await middle(deepPng([number], grayProfile(gamma)), `f_${format},q_95`);
    expect(distance(pixel.slice(0, 3), seen)).toBeLessThanOrEqual(4);
  });

  it('beside its alpha', async () => {
    const profile = grayProfile(gamma);
    for (const file of [deepPng([number, 0x8080], profile), deepTiff([number, 0x8080], profile, 'MM')]) {
      expect(distance(await middle(file, 'f_png'), [...seen, 128])).toBeLessThanOrEqual(1.5);
      const mixed = (gray + 255) / 2;
      expect(distance(await middle(file, 'f_jpg,q_95'), [mixed, mixed, mixed])).toBeLessThanOrEqual(4);
    }
  });

  it('beside a colour of the URL', async () => {
    const picture = await decode(
      (await draw(deepPng([number], grayProfile(gamma)), 'c_pad,w_32,h_16,b_rgb:c83c3c,f_png')).bytes,
    );
    expect(picture.at(1, 1)).toEqual([200, 60, 60]);
    expect(distance(picture.at(16, 8), seen)).toBeLessThanOrEqual(1.5);
  });

  it('as a layer', async () => {
    const base = await from(quarters(64, 48)).png().toBuffer();
    const layers = new Map([['gray', deepPng([number], grayProfile(gamma))]]);
    const picture = await decode((await draw(base, 'l_gray/fl_layer_apply/f_png', { layers })).bytes);
    expect(distance(picture.at(32, 24), seen)).toBeLessThanOrEqual(1.5);
  });

  it('and is refused with cs_copy, which would lose the profile', async () => {
    const drawn = draw(deepPng([number], grayProfile(gamma)), 'cs_copy,f_png');
    await expect(drawn).rejects.toMatchObject({ kind: 'invalid' });
  });

  it('and is sRGB without one', async () => {
    expect((await middle(deepPng([number], undefined), 'f_png'))[0]).toBe(128);
  });
});

describe('a colour of 16 bits beside a profile and half seen', () => {
  /** In numbers of Display P3: the red of sRGB. */
  async function halfRed(): Promise<Buffer> {
    const pixel = [234, 51, 35, 128].map((value) => value * 257);
    const data = new Uint16Array(Array.from({ length: side * side }, () => pixel).flat());
    return sharp(data, { raw: { width: side, height: side, channels: 4 } })
      .toColourspace('rgb16')
      .withIccProfile('p3')
      .png()
      .toBuffer();
  }

  it.each([
    ['f_jpg,q_100', [255, 127, 127]],
    ['fl_png24,f_png', [255, 127, 127]],
    ['c_pad,w_16,h_16,b_black,f_jpg,q_100', [128, 0, 0]],
    ['b_rgb:808080,f_jpg,q_100', [191, 64, 64]],
    ['b_rgb:0000ff,f_jpg,q_100', [128, 0, 127]],
  ])('is mixed in sRGB: %s', async (text, colour) => {
    const original = await halfRed();
    expect((await sharp(original).metadata()).depth).toBe('ushort');
    expect(distance(await middle(original, text), colour)).toBeLessThanOrEqual(4);
  });
});

import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { inspect } from '../../src/image/index.ts';
import { av1Header, avifOfAlpha, avifSaying, contentLight, nclx, profileProperty } from '../support/avif.ts';
import { decode, distance, from, type Pixel, paint, pngChunk, pngWithChunks, quarters } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

// What a picture says about its own numbers without a profile: code points (H.273) in PNG and AVIF, PNG's gamma and
// primaries, alpha that is multiplied in, ranges. The right values are what Chromium 156 draws (headless, to a canvas).

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const swatches: readonly Pixel[] = [
  [200, 60, 60],
  [60, 160, 70],
  [50, 70, 190],
  [220, 200, 90],
  [128, 128, 128],
  [30, 30, 30],
  [240, 240, 240],
];
const side = 16;
const pixels = paint(swatches.length * side, side, (x) => swatches[Math.floor(x / side)] ?? []);
const deepPixels = Uint16Array.from(pixels.data, (value) => value * 257);

const png8 = () => from(pixels).png().toBuffer();
const png16 = () =>
  sharp(deepPixels, { raw: { width: pixels.width, height: side, channels: 3 } })
    .toColourspace('rgb16')
    .png()
    .toBuffer();
const avif = (bitdepth: 8 | 10 = 8) =>
  from(pixels).avif({ quality: 100, chromaSubsampling: '4:4:4', bitdepth }).toBuffer();

/** In hundred thousandths: white, red, green, blue. */
const cHRM = (...values: readonly number[]) =>
  words(
    'cHRM',
    values.map((value) => value * 100_000),
  );
const gAMA = (value: number) => words('gAMA', [value]);
const cICP = (primaries: number, transfer: number, matrix = 0, range = 1) =>
  pngChunk('cICP', Buffer.from([primaries, transfer, matrix, range]));
const sRGB = pngChunk('sRGB', Buffer.from([0]));
const cLLI = (most: number) => words('cLLI', [most * 10_000, 1_000_000]);
/** Made on a screen of that many cd/m²; its primaries say nothing here. */
const mDCV = (most: number) => pngChunk('mDCV', Buffer.concat([Buffer.alloc(16), number(most * 10_000), number(50)]));

function words(type: string, values: readonly number[]): Buffer {
  return pngChunk(type, Buffer.concat(values.map(number)));
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(Math.round(value));
  return bytes;
}

const d65 = [0.3127, 0.329] as const;
const ofSrgb = cHRM(...d65, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06);
const ofAdobe = cHRM(...d65, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06);
const ofP3 = cHRM(...d65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06);
const ofD50 = cHRM(0.3457, 0.3585, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06);

async function displayP3(): Promise<Buffer> {
  const { icc } = await sharp(await from(pixels).withIccProfile('p3').png().toBuffer()).metadata();
  if (icc === undefined) throw new Error('sharp writes a profile');
  return icc;
}
const asP3: readonly Pixel[] = [[217, 42, 53], [0, 163, 55], [44, 71, 197], [224, 199, 65], ...swatches.slice(4)];

async function expectColours(original: Uint8Array, right: readonly Pixel[], text = 'f_png', tolerance = 3) {
  const rendered = await draw(original, text);
  const picture = await decode(rendered.bytes);
  const scale = picture.width / (right.length * side);
  const found = right.map((_, index) => picture.at((index + 0.5) * side * scale, (side / 2) * scale).slice(0, 3));
  const worst = Math.max(...found.map((pixel, index) => distance(pixel, right[index] ?? [])));
  expect(worst, JSON.stringify(found)).toBeLessThanOrEqual(tolerance);
}

// biome-ignore format: a row for each
const inPng: readonly (readonly [primaries: number, transfer: number, right: readonly Pixel[]])[] = [
  [12, 13, [[217, 42, 52], [0, 163, 55], [44, 71, 197], [224, 199, 65], [128, 128, 128], [30, 30, 30], [240, 240, 240]]],
  [9, 13, [[247, 0, 53], [0, 168, 50], [0, 70, 199], [236, 198, 59], [128, 128, 128], [30, 30, 30], [240, 240, 240]]],
  [9, 14, [[244, 0, 40], [0, 163, 35], [0, 59, 195], [235, 195, 42], [121, 121, 121], [18, 18, 18], [239, 239, 239]]],
  [1, 1, [[197, 49, 49], [49, 155, 60], [39, 60, 186], [218, 197, 81], [121, 121, 121], [18, 18, 18], [239, 239, 239]]],
  [11, 17, [[213, 8, 33], [0, 157, 33], [27, 54, 196], [227, 200, 40], [118, 118, 118], [13, 13, 13], [247, 247, 247]]],
  [1, 8, [[229, 133, 133], [133, 208, 143], [122, 143, 224], [239, 229, 160], [188, 188, 188], [96, 96, 96], [248, 248, 248]]],
  [1, 4, [[201, 57, 57], [57, 161, 68], [46, 68, 191], [221, 201, 90], [129, 129, 129], [24, 24, 24], [240, 240, 240]]],
  [12, 8, [[244, 127, 130], [107, 210, 136], [117, 144, 230], [241, 229, 151], [188, 188, 188], [96, 96, 96], [248, 248, 248]]],
  [4, 4, [[237, 46, 45], [0, 159, 60], [0, 86, 197], [235, 195, 71], [129, 129, 129], [24, 24, 24], [240, 240, 240]]],
  [5, 5, [[192, 36, 36], [18, 142, 48], [25, 46, 176], [213, 189, 69], [106, 106, 106], [8, 8, 8], [237, 237, 237]]],
  [6, 7, [[201, 82, 77], [85, 168, 86], [72, 90, 198], [222, 205, 105], [141, 141, 141], [48, 48, 48], [242, 242, 242]]],
  [22, 13, [[202, 67, 59], [54, 157, 70], [50, 78, 190], [220, 198, 89], [128, 128, 128], [30, 30, 30], [240, 240, 240]]],
  [9, 16, [[255, 0, 0], [0, 225, 0], [0, 0, 255], [255, 174, 0], [132, 132, 132], [4, 4, 4], [255, 255, 255]]],
  [12, 16, [[255, 0, 0], [0, 220, 0], [4, 22, 255], [255, 195, 0], [132, 132, 132], [4, 4, 4], [255, 255, 255]]],
  [9, 18, [[230, 0, 39], [0, 138, 39], [0, 49, 162], [246, 180, 24], [99, 99, 99], [13, 13, 13], [243, 243, 243]]],
];
// biome-ignore format: a row for each
const inAvif: typeof inPng = [
  [12, 13, [[217, 42, 52], [0, 164, 57], [44, 72, 196], [224, 198, 67], [128, 128, 128], [30, 30, 30], [240, 240, 240]]],
  [9, 13, [[247, 0, 53], [0, 169, 52], [0, 71, 198], [237, 197, 61], [128, 128, 128], [30, 30, 30], [240, 240, 240]]],
  // Curves of cameras are taken for sRGB's, other than in PNG.
  [9, 14, [[247, 0, 53], [0, 169, 52], [0, 71, 198], [237, 197, 61], [128, 128, 128], [30, 30, 30], [240, 240, 240]]],
  [1, 1, swatches],
  [6, 6, [[195, 66, 59], [70, 159, 70], [55, 75, 189], [218, 198, 90], [128, 128, 128], [30, 30, 30], [240, 240, 240]]],
  // What is not said, or not known, is that of sRGB, each by itself.
  [2, 2, swatches],
  [12, 2, [[217, 42, 52], [0, 164, 57], [44, 72, 196], [224, 198, 67], [128, 128, 128], [30, 30, 30], [240, 240, 240]]],
  [99, 13, swatches],
  [2, 16, [[255, 15, 15], [24, 219, 34], [9, 23, 255], [255, 203, 24], [132, 132, 132], [4, 4, 4], [255, 255, 255]]],
  [11, 17, [[213, 8, 33], [0, 158, 35], [27, 55, 195], [227, 198, 43], [118, 118, 118], [13, 13, 13], [247, 247, 247]]],
  [1, 8, [[229, 133, 133], [133, 208, 144], [122, 144, 223], [239, 229, 161], [188, 188, 188], [96, 96, 96], [248, 248, 248]]],
  [1, 4, [[201, 57, 57], [57, 162, 69], [46, 69, 190], [221, 200, 91], [129, 129, 129], [24, 24, 24], [240, 240, 240]]],
  [9, 16, [[255, 0, 0], [0, 227, 0], [0, 2, 255], [255, 171, 0], [132, 132, 132], [4, 4, 4], [255, 255, 255]]],
  [12, 16, [[255, 0, 0], [0, 222, 0], [4, 23, 255], [255, 192, 0], [132, 132, 132], [4, 4, 4], [255, 255, 255]]],
  [9, 18, [[230, 0, 39], [0, 139, 40], [0, 50, 161], [247, 178, 28], [99, 99, 99], [13, 13, 13], [243, 243, 243]]],
];

describe('code points', () => {
  it.each(inPng)('%i/%i in a PNG', async (primaries, transfer, right) => {
    await expectColours(pngWithChunks(await png8(), [cICP(primaries, transfer)]), right);
    await expectColours(pngWithChunks(await png16(), [cICP(primaries, transfer)]), right);
  });

  it.each(inAvif)('%i/%i in an AVIF', async (primaries, transfer, right) => {
    await expectColours(avifSaying(await avif(), { properties: [nclx(primaries, transfer)] }), right);
    await expectColours(avifSaying(await avif(10), { properties: [nclx(primaries, transfer)] }), right, 'f_png', 4);
  });

  it.each(['c_scale,w_56,f_png', 'c_crop,w_112,h_12/f_png', 'a_180/a_180,f_png', 'c_scale,w_56,f_webp,q_100'])(
    'are read whatever is done to the picture: %s',
    async (text) => {
      for (const original of [
        pngWithChunks(await png8(), [cICP(12, 13)]),
        avifSaying(await avif(), { properties: [nclx(12, 13)] }),
      ]) {
        await expectColours(original, asP3, text, text.includes('webp') ? 8 : 4);
      }
    },
  );

  it('are read before colours, effects and layers come to them', async () => {
    const original = pngWithChunks(await png8(), [cICP(12, 13)]);
    const padded = await decode((await draw(original, 'c_pad,w_112,h_32,b_rgb:c83c3c,f_png')).bytes);
    expect(padded.at(50, 2)).toEqual([200, 60, 60]);
    expect(distance(padded.at(8, 16), [217, 42, 52])).toBeLessThan(4);
    const layers = new Map([['wide', original]]);
    const white = await from(paint(112, 16, () => [255, 255, 255]))
      .png()
      .toBuffer();
    const laid = await decode((await draw(white, 'l_wide/fl_layer_apply,f_png', { layers })).bytes);
    expect(distance(laid.at(8, 8), [217, 42, 52])).toBeLessThan(4);
    const negative = await decode((await draw(original, 'e_negate,f_png')).bytes);
    expect(distance(negative.at(8, 8), [38, 213, 203])).toBeLessThan(4);
    const gray = await decode((await draw(original, 'e_grayscale,f_png')).bytes);
    expect(distance(gray.at(8, 8), [111, 111, 111])).toBeLessThan(4);
  });

  it('count more than a profile in a PNG, and less in an AVIF', async () => {
    const [wide, profile] = [await from(pixels).withIccProfile('p3').png().toBuffer(), await displayP3()];
    const numbers = await sharp(wide, { ignoreIcc: true }).raw().toBuffer();
    const stored = swatches.map((_, index) => [...numbers.subarray(index * side * 3, index * side * 3 + 3)]);
    await expectColours(wide, swatches);
    await expectColours(pngWithChunks(wide, [cICP(1, 13)]), stored);
    await expectColours(avifSaying(await avif(), { properties: [nclx(1, 13), profileProperty(profile)] }), asP3);
    await expectColours(avifSaying(await avif(), { properties: [profileProperty(profile), nclx(9, 16)] }), asP3);
  });

  it('count more than sRGB and gAMA in a PNG', async () => {
    await expectColours(pngWithChunks(await png8(), [sRGB, gAMA(100_000), cICP(12, 13)]), asP3);
  });

  it.each([
    ['of what is not specified', cICP(2, 2)],
    ['of primaries that are not specified', cICP(2, 13)],
    ['of a curve that is not specified', cICP(12, 2)],
    ['of primaries that nobody knows', cICP(99, 13)],
    ['of a logarithm', cICP(1, 9)],
    ['of luma and chroma, which PNG has not', cICP(9, 13, 9)],
    ['of a narrow range', cICP(12, 13, 0, 0)],
    ['of three bytes', pngChunk('cICP', Buffer.from([12, 13, 0]))],
    ['with a wrong checksum', Buffer.concat([cICP(9, 13).subarray(0, -1), Buffer.from([0x55])])],
  ])('%s leave a PNG to what else it says', async (_, chunk) => {
    await expectColours(pngWithChunks(await png8(), [chunk]), swatches);
    await expectColours(pngWithChunks(await png8(), [chunk, sRGB]), swatches);
    await expectColours(pngWithChunks(await from(pixels).withIccProfile('p3').png().toBuffer(), [chunk]), swatches);
  });

  it.each([true, false])('of the stream count where an AVIF has no box for them (a still: %s)', async (isReduced) => {
    const size = { width: pixels.width, height: side };
    const p3 = { primaries: 12, transfer: 13 };
    const header = (colours: typeof p3 | undefined) => av1Header({ ...size, isReduced, colours });
    const said = async (streamHeader: Buffer, properties: readonly Buffer[] = []) =>
      (await inspect(avifSaying(await avif(), { streamHeader, properties }))).encoding;
    const boxed = (await inspect(avifSaying(await avif(), { properties: [nclx(12, 13)] }))).encoding;
    expect(boxed).toBeTypeOf('object');
    expect(await said(header(p3))).toEqual(boxed);
    expect(await said(header(undefined))).toBe('srgb');
    expect(await said(header(p3), [nclx(1, 13)])).toBe('srgb');
    // A header that is cut off says nothing.
    expect(await said(header(p3).subarray(0, 6))).toBe('srgb');
  });
});

describe('high dynamic range', () => {
  // biome-ignore format: a row for each
  const byPeak: readonly (readonly [name: string, chunk: Buffer, right: readonly Pixel[]])[] = [
    ['400', cLLI(400), [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 174, 0], [163, 163, 163], [6, 6, 6], [255, 255, 255]]],
    ['4000', cLLI(4_000), [[255, 0, 0], [0, 214, 0], [0, 0, 236], [255, 169, 0], [132, 132, 132], [4, 4, 4], [255, 255, 255]]],
  ];

  it.each(byPeak)('is brought to a screen by its own brightest of %s cd/m²', async (name, chunk, right) => {
    await expectColours(pngWithChunks(await png8(), [cICP(9, 16), chunk]), right);
    await expectColours(pngWithChunks(await png8(), [cICP(9, 16), mDCV(Number(name))]), right);
    await expectColours(pngWithChunks(await png8(), [cICP(9, 16), mDCV(2_000), chunk]), right);
    const properties = [nclx(9, 16), contentLight(Number(name), 100)];
    await expectColours(avifSaying(await avif(), { properties }), right, 'f_png', 4);
  });

  it.each([
    ['pq', 16],
    ['hlg', 18],
  ])('keeps the order of brightness in %s', async (_, transfer) => {
    const ramp = await from(paint(256, 4, (x) => [x, x, x]))
      .png()
      .toBuffer();
    const picture = await decode((await draw(pngWithChunks(ramp, [cICP(9, transfer)]), 'f_png')).bytes);
    const values = Array.from({ length: 256 }, (_value, x) => picture.at(x, 2)[0] ?? 0);
    expect(values.toSorted((one, other) => one - other)).toEqual(values);
    expect([values[0], values[255]]).toEqual([0, 255]);
  });
});

describe("PNG's gamma", () => {
  // biome-ignore format: a row for each
  const cases: readonly (readonly [gamma: number, primaries: string, chunks: readonly Buffer[], right: readonly Pixel[]])[] = [
    [100_000, '', [], [[229, 133, 133], [133, 208, 143], [122, 143, 224], [239, 229, 160], [188, 188, 188], [96, 96, 96], [248, 248, 248]]],
    [100_000, ' with those of Adobe RGB', [ofAdobe], [[255, 133, 133], [79, 208, 139], [113, 143, 227], [243, 229, 156], [188, 188, 188], [96, 96, 96], [248, 248, 248]]],
    [100_000, ' with a white of 5,000 K', [ofD50], [[236, 134, 135], [123, 207, 145], [118, 142, 221], [241, 229, 164], [188, 188, 188], [96, 96, 96], [248, 248, 248]]],
    [55_556, '', [], [[210, 77, 77], [77, 176, 88], [65, 88, 202], [227, 210, 109], [146, 146, 146], [40, 40, 40], [243, 243, 243]]],
    [55_556, ' with those of sRGB', [ofSrgb], [[210, 77, 77], [77, 176, 88], [65, 88, 202], [227, 210, 109], [146, 146, 146], [40, 40, 40], [243, 243, 243]]],
    [55_556, ' with those of Adobe RGB', [ofAdobe], [[240, 77, 77], [0, 176, 81], [53, 88, 205], [233, 210, 102], [146, 146, 146], [40, 40, 40], [243, 243, 243]]],
    [41_667, '', [], [[197, 49, 49], [49, 155, 60], [39, 60, 186], [218, 197, 81], [121, 121, 121], [18, 18, 18], [239, 239, 239]]],
    [45_455, ' with those of Display P3', [ofP3], [[219, 37, 49], [0, 164, 52], [40, 69, 199], [225, 200, 64], [129, 129, 129], [24, 24, 24], [240, 240, 240]]],
    [45_455, '', [], swatches],
    [47_000, '', [], swatches],
    // What ImageMagick writes for sRGB, and reads as that: in Chromium its shadows are up to seven levels darker.
    [45_455, ' with those of sRGB', [ofSrgb], swatches],
    [100_000, ' with no colours at all', [cHRM(0, 0, 0, 0, 0, 0, 0, 0)], swatches],
    [0, '', [], swatches],
  ];

  it.each(cases)('%i%s', async (gamma, _, chunks, right) => {
    await expectColours(pngWithChunks(await png8(), [gAMA(gamma), ...chunks]), right);
    await expectColours(pngWithChunks(await png16(), [...chunks, gAMA(gamma)]), right);
  });

  it('says nothing beside sRGB or a profile, and primaries say nothing without it', async () => {
    await expectColours(pngWithChunks(await png8(), [sRGB, gAMA(100_000)]), swatches);
    await expectColours(
      pngWithChunks(await from(pixels).withIccProfile('p3').png().toBuffer(), [gAMA(100_000)]),
      swatches,
    );
    await expectColours(pngWithChunks(await png8(), [ofP3]), swatches);
  });

  it('counts in front of the pixels only', async () => {
    const png = await png8();
    const end = png.length - 12;
    await expectColours(Buffer.concat([png.subarray(0, end), gAMA(100_000), png.subarray(end)]), swatches);
  });

  it('counts for grey, for palettes and beside alpha', async () => {
    const gray = await from(paint(8, 8, () => [128]))
      .toColourspace('b-w')
      .png()
      .toBuffer();
    const deep = await sharp(new Uint16Array(64).fill(128 * 257), { raw: { width: 8, height: 8, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    const palette = await from(paint(8, 8, () => [128, 128, 128]))
      .png({ palette: true })
      .toBuffer();
    const clear = await from(paint(8, 8, () => [128, 128, 128, 100]))
      .png()
      .toBuffer();
    for (const original of [gray, deep, palette, clear]) {
      const picture = await decode((await draw(pngWithChunks(original, [gAMA(100_000)]), 'c_scale,w_4,f_png')).bytes);
      expect(distance(picture.at(2, 2).slice(0, 3), [188, 188, 188])).toBeLessThan(3);
      expect(picture.at(2, 2)[3]).toBe(original === clear ? 100 : undefined);
    }
  });
});

describe('alpha that is multiplied in', () => {
  const colour: Pixel = [200, 60, 60];
  /** Colours multiplied by an alpha that grows from left to right. */
  const ramp = (bitdepth: 8 | 10) =>
    from(paint(128, 32, (x) => [...colour.map((value) => Math.round((value * (x + 64)) / 255)), x + 64]))
      .avif({ quality: 100, chromaSubsampling: '4:4:4', bitdepth })
      .toBuffer();

  it.each([8, 10] as const)('is divided out, in %i bits', async (bitdepth) => {
    const stored = await ramp(bitdepth);
    const original = avifSaying(stored, { reference: 'prem' });
    expect(
      distance((await decode((await draw(stored, 'f_png')).bytes)).at(4, 16).slice(0, 3), [53, 16, 16]),
    ).toBeLessThan(4);
    for (const text of ['f_png', 'c_scale,w_64,f_png', 'a_90/a_-90,f_png', 'c_scale,w_64/c_scale,w_128,f_webp,q_100']) {
      const picture = await decode((await draw(original, text)).bytes);
      for (const share of [0.1, 0.5, 0.9]) {
        const x = Math.floor(share * picture.width);
        const pixel = picture.at(x, Math.floor(picture.height / 2));
        expect(distance(pixel.slice(0, 3), colour), `${text}: ${pixel}`).toBeLessThan(9);
        expect(Math.abs((pixel[3] ?? 0) - (share * 128 + 64))).toBeLessThan(5);
      }
    }
  });

  it('is divided out before its colours are read', async () => {
    const original = avifSaying(await ramp(8), { reference: 'prem', properties: [nclx(12, 13)] });
    const picture = await decode((await draw(original, 'f_png')).bytes);
    expect(distance(picture.at(100, 16).slice(0, 3), [217, 42, 53])).toBeLessThan(6);
  });

  it('leaves what is clear alone', async () => {
    const stored = await from(paint(32, 32, () => [0, 0, 0, 0]))
      .avif({ quality: 100 })
      .toBuffer();
    expect((await decode((await draw(avifSaying(stored, { reference: 'prem' }), 'f_png')).bytes)).at(9, 9)[3]).toBe(0);
  });
});

describe('brightness alone in an AVIF', () => {
  const alphas = [16, 30, 60, 128, 200, 235];
  const stored = () =>
    from(paint(alphas.length * side, side, (x) => [9, 9, 9, alphas[Math.floor(x / side)] ?? 0]))
      .avif({ quality: 100 })
      .toBuffer();

  it.each([
    [true, alphas],
    [false, alphas.map((value) => Math.round(((value - 16) * 255) / 219))],
  ])('shows black as black, where the whole range counts: %s', async (isFullRange, right) => {
    const original = avifSaying(await stored(), { properties: [nclx(1, 13, isFullRange)], of: 'alpha' });
    await expectColours(
      avifOfAlpha(original),
      right.map((value) => [value, value, value]),
    );
  });
});

describe('cs_copy', () => {
  it.each(['png', 'avif'])('is refused where the colours of a %s are said without a profile', async (format) => {
    const original =
      format === 'png'
        ? pngWithChunks(await png8(), [cICP(12, 13)])
        : avifSaying(await avif(), { properties: [nclx(12, 13)] });
    await expect(draw(original, 'cs_copy,w_50')).rejects.toMatchObject({ kind: 'invalid' });
    expect(await draw(original, 'cs_srgb,w_50')).toMatchObject({ width: 50 });
  });

  it('keeps no profile that code points have overruled', async () => {
    const original = pngWithChunks(await from(pixels).withIccProfile('p3').png().toBuffer(), [cICP(1, 13)]);
    const { bytes } = await draw(original, 'cs_copy,f_png');
    expect((await sharp(bytes).metadata()).icc).toBeUndefined();
  });
});

it('what a picture says of its colours costs no memory that is not reckoned', async () => {
  const small = startRenderer({ maxMemoryBytes: 150 * 1024 ** 2 });
  const original = await from(quarters(2_400, 2_000)).png({ compressionLevel: 1 }).toBuffer();
  const wide = pngWithChunks(original, [cICP(12, 13)]);
  expect(await small.draw(original, 'f_jpg')).toMatchObject({ width: 2_400 });
  await expect(small.draw(wide, 'f_jpg')).rejects.toMatchObject({ kind: 'too_large' });
  expect(await small.draw(wide, 'c_scale,w_300,f_jpg')).toMatchObject({ width: 300 });
  await small.renderer.close();
});

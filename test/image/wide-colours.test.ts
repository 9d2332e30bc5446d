import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { isDisplayP3 } from '../../src/image/drawing/picture/reading/p3-profile.ts';
import { avifSaying, nclx } from '../support/avif.ts';
import { heicFile } from '../support/heif.ts';
import { decode, distance, from, type Pixel, paint, pngChunk, pngWithChunks } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

/** Numbers of Display P3: its red and its green are no colours of sRGB. */
const colours: readonly Pixel[] = [
  [255, 0, 0],
  [0, 255, 0],
  [60, 90, 200],
  [128, 128, 128],
];
const side = 32;
const width = colours.length * side;
const fields = (alpha?: number) =>
  paint(width, side, (x) => [...(colours[Math.floor(x / side)] ?? []), ...(alpha === undefined ? [] : [alpha])]);

/** A file of those numbers and a profile: sharp is not to convert, so the file is written first and named afterwards. */
async function wideFile(format: 'jpeg' | 'png' | 'webp' | 'avif' | 'tiff', alpha?: number): Promise<Buffer> {
  const named = await from(paint(1, 1, () => [0, 0, 0]))
    .withIccProfile('p3')
    .png()
    .toBuffer();
  const { icc } = await sharp(named).metadata();
  const plain = await from(fields(alpha)).tiff({ compression: 'none' }).toBuffer();
  return sharp(withProfile(plain, icc ?? Buffer.alloc(0)))
    .keepIccProfile()
    .toFormat(format, { quality: 100, chromaSubsampling: '4:4:4' })
    .toBuffer();
}

/** A TIFF with one more entry in its directory, which is written anew behind its end. */
function withProfile(tiff: Buffer, profile: Buffer): Buffer {
  const at = tiff.readUInt32LE(4);
  const count = tiff.readUInt16LE(at);
  const entry = Buffer.alloc(12);
  entry.writeUInt16LE(34_675, 0);
  entry.writeUInt16LE(7, 2);
  entry.writeUInt32LE(profile.length, 4);
  entry.writeUInt32LE(tiff.length, 8);
  const directory = Buffer.concat([
    Buffer.from([count + 1, 0]),
    tiff.subarray(at + 2, at + 2 + 12 * count),
    entry,
    Buffer.alloc(4),
  ]);
  const file = Buffer.concat([tiff, profile, directory]);
  file.writeUInt32LE(tiff.length + profile.length, 4);
  return file;
}

/** What a file has as its numbers in the middle of each field, and whether they are said to be Display P3. */
async function numbersIn(bytes: Uint8Array) {
  const { icc, width: wide = 0, height: high = 0 } = await sharp(bytes).metadata();
  const { data, info } = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer({ resolveWithObject: true });
  const points = colours.map((_, index) => {
    const x = Math.floor(((index + 0.5) * wide) / colours.length);
    const at = (Math.floor(high / 2) * wide + x) * info.channels;
    return [...data.subarray(at, at + 3)];
  });
  return { isWide: isDisplayP3(icc), hasProfile: icc !== undefined, points };
}

function expectNumbers(points: readonly Pixel[], wanted: readonly Pixel[], limit = 8): void {
  for (const [index, point] of points.entries()) {
    expect([index, point, distance(point, wanted[index] ?? []) <= limit]).toEqual([index, point, true]);
  }
}

describe('an original in Display P3 stays so', () => {
  it.each(['jpeg', 'png', 'webp', 'avif', 'tiff'] as const)('from %s into every format but GIF', async (format) => {
    const original = await wideFile(format);
    for (const output of ['jpg,q_95,q_95:444', 'png', 'webp,q_95', 'avif,q_90']) {
      const { isWide, points } = await numbersIn((await draw(original, `c_scale,w_${width / 2},f_${output}`)).bytes);
      expect([output, isWide]).toEqual([output, true]);
      expectNumbers(points, colours, 12);
    }
  });

  it.each([
    'c_fill,w_64,h_16',
    'c_crop,w_1.0,h_16',
    'c_pad,w_128,h_32,b_white',
    'c_scale,w_64/e_sharpen',
    'a_180/a_180',
    'c_scale,w_64,r_4',
    'c_scale,w_64,o_90',
    'c_fill,w_128,h_30,g_auto',
    'q_auto,w_100',
    'c_scale,w_100/c_scale,w_90',
    'fl_force_icc,w_64',
    'fl_png8,w_64',
    '',
  ])('by what leaves colours alone: %s', async (text) => {
    const { bytes } = await draw(await wideFile('png'), `${text}${text === '' ? '' : '/'}f_png`);
    const { isWide, points } = await numbersIn(bytes);
    expect(isWide).toBe(true);
    expectNumbers(points, colours, text.includes('png8') ? 4 : 3);
  });

  it('with its alpha, and in no more bytes than were asked for', async () => {
    const original = await wideFile('png', 128);
    const kept = await draw(original, 'c_scale,w_64,f_webp,q_100');
    expect((await numbersIn(kept.bytes)).isWide).toBe(true);
    expect((await decode(kept.bytes)).at(8, 8)[3]).toBe(128);
    const small = await draw(await wideFile('jpeg'), 'f_jpg,mb_2000');
    expect((await numbersIn(small.bytes)).isWide).toBe(true);
    expect(small.bytes.length).toBeLessThan(2_001);
  });

  it('by q_auto, which holds numbers against numbers: the file is hardly larger than one in sRGB', async () => {
    const noisy = paint(256, 192, (x, y) => [128 + 100 * Math.sin(x / 9), 128 + 90 * Math.sin(y / 7), (x * y) % 200]);
    const original = await from(noisy).withIccProfile('p3').png().toBuffer();
    for (const format of ['jpg', 'webp', 'avif']) {
      const wide = await draw(original, `q_auto,f_${format}`);
      const srgb = await draw(original, `cs_srgb,q_auto,f_${format}`);
      expect((await numbersIn(wide.bytes)).isWide).toBe(true);
      expect(wide.bytes.length).toBeLessThan(srgb.bytes.length * 1.1 + 600);
    }
  });

  it('where code points say it, and no profile', async () => {
    const png = pngWithChunks(await from(fields()).png().toBuffer(), [pngChunk('cICP', Buffer.from([12, 13, 0, 1]))]);
    const avif = await from(fields()).avif({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer();
    for (const original of [png, avifSaying(avif, { properties: [nclx(12, 13)] })]) {
      const { isWide, points } = await numbersIn((await draw(original, 'c_scale,w_64,f_png')).bytes);
      expect(isWide).toBe(true);
      expectNumbers(points, colours, 4);
      // Whoever goes by the profile sees the colours: P3's gray is sRGB's, its red no number of it.
      const seen = await decode((await draw(original, 'c_scale,w_64,f_png')).bytes);
      expect(distance(seen.at(56, 8), [128, 128, 128])).toBeLessThan(3);
      expect(
        distance(seen.at(40, 8), (await decode((await draw(original, 'cs_srgb,w_64,f_png')).bytes)).at(40, 8)),
      ).toBeLessThan(3);
    }
  });

  it('of 16 bits, and from a camera as HEIC', async () => {
    const numbers = new Uint16Array(
      Array.from({ length: side * width }, (_, at) => colours[Math.floor((at % width) / side)] ?? []).flat(),
    ).map((value) => value * 257);
    const deep = await sharp(numbers, { raw: { width, height: side, channels: 3 } })
      .toColourspace('rgb16')
      .withIccProfile('p3')
      .png()
      .toBuffer();
    // cs_copy keeps any profile. Turned or blurred before it is scaled, a picture of 16 bits lost it.
    const kept = ['c_scale,w_64', 'a_180', 'c_scale,w_64/a_180', 'a_hflip'];
    for (const text of [...kept, ...kept.map((steps) => `${steps},cs_copy`), 'e_blur:50', 'fl_png8']) {
      const { isWide, points } = await numbersIn((await draw(deep, `${text}/f_png`)).bytes);
      expect([text, isWide]).toEqual([text, true]);
      expectNumbers(points, /a_/.test(text) ? colours.toReversed() : colours, 4);
    }
    const heic = await draw(heicFile('quarters-p3'), 'f_webp');
    expect((await numbersIn(heic.bytes)).isWide).toBe(true);
  });
});

describe('an original in Display P3 becomes sRGB', () => {
  it.each([
    'cs_srgb,f_png',
    'fl_strip_profile,f_png',
    'fl_force_strip,f_png',
    'e_saturation:20,f_png',
    'e_grayscale,f_jpg',
    'c_pad,w_140,h_40,b_rgb:ff0000,f_png',
    'bo_2px_solid_rgb:00ff00,f_webp',
    'c_pad,w_140,h_40,b_auto,f_png',
    'l_text:DejaVu%20Sans_12:a/fl_layer_apply/f_png',
    'f_gif',
  ])('where sRGB is asked for, or named colours come into it: %s', async (text) => {
    const { bytes } = await draw(await wideFile('png'), text);
    expect((await sharp(bytes).metadata()).icc).toBeUndefined();
  });

  it('with the colours that it has there', async () => {
    const [srgb] = (await numbersIn((await draw(await wideFile('png'), 'cs_srgb,f_png')).bytes)).points.slice(2);
    // 60, 90, 200 of Display P3.
    expect(distance(srgb ?? [], [50, 91, 207])).toBeLessThan(4);
  });

  it('before what is half seen is mixed with a colour', async () => {
    const { bytes } = await draw(await wideFile('png', 128), 'f_jpg');
    expect((await sharp(bytes).metadata()).icc).toBeUndefined();
  });

  it('where its profile is long, or is of another curve', async () => {
    const file = await wideFile('tiff');
    const { icc = Buffer.alloc(0) } = await sharp(file).metadata();
    const long = Buffer.concat([icc, Buffer.alloc(5_000)]);
    long.writeUInt32BE(long.length, 0);
    const dark = Buffer.from(icc);
    dark.writeInt32BE(2.6 * 65_536, dark.indexOf('para') + 12);
    for (const profile of [long, dark]) {
      const original = withProfile(await from(fields()).tiff({ compression: 'none' }).toBuffer(), profile);
      expect((await sharp(original).metadata()).icc?.length).toBe(profile.length);
      expect((await sharp((await draw(original, 'f_png')).bytes).metadata()).icc).toBeUndefined();
    }
  });
});

it('what is sRGB gets no profile', async () => {
  for (const format of ['jpeg', 'png', 'webp'] as const) {
    const original = await from(fields()).withIccProfile('srgb').toFormat(format).toBuffer();
    expect((await sharp((await draw(original, 'w_64,f_webp')).bytes).metadata()).icc).toBeUndefined();
  }
});

describe('a profile that lies', () => {
  it.each([
    ['is cut off', (profile: Buffer) => profile.subarray(0, 300)],
    ['points outside of itself', (profile: Buffer) => Buffer.from(profile).fill(0xff, 140, 250)],
    ['is empty', () => Buffer.alloc(0)],
  ])('since it %s is none of Display P3', async (_, spoil) => {
    const { icc } = await sharp(await wideFile('png')).metadata();
    expect(isDisplayP3(icc)).toBe(true);
    expect(isDisplayP3(spoil(icc ?? Buffer.alloc(0)))).toBe(false);
  });
});

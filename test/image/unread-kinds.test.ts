import { afterAll, describe, expect, it } from 'vitest';
import { decode, distance, from, type Pixel, paint, quarters } from '../support/pictures.ts';
import { startRenderer, transformOf } from '../support/renderer.ts';
import { both, type ChangeEntries, onPage, saying, types, withEntries } from '../support/tiff-entries.ts';
import { tiffOf } from '../support/tiffs.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const tags = {
  width: 256,
  bits: 258,
  compression: 259,
  photometric: 262,
  samples: 277,
  colourMap: 320,
  extraSamples: 338,
  formats: 339,
  subsampling: 530,
};

const colours = { whiteIsZero: 0, gray: 1, rgb: 2, palette: 3, cmyk: 5, yCbCr: 6, lab: 8 };

/** Samples of so many bits each, of that SampleFormat. */
function samples(count: number, bits: number, format = 1): ChangeEntries {
  const each = (value: number) => Array.from({ length: count }, () => value);
  return both(
    saying(tags.samples, types.short, count),
    saying(tags.bits, types.short, ...each(bits)),
    saying(tags.formats, types.short, ...each(format)),
    saying(tags.photometric, types.short, count === 1 ? colours.gray : colours.rgb),
  );
}

function of(photometric: number): ChangeEntries {
  return saying(tags.photometric, types.short, photometric);
}

function compressed(method: number): ChangeEntries {
  return saying(tags.compression, types.short, method);
}

/** Kinds that the decoder refuses, or draws black, white or in other colours. */
const unread: readonly (readonly [string, ChangeEntries])[] = [
  ['of 16-bit floating-point samples', samples(1, 16, 3)],
  ['of 32-bit floating-point samples', samples(1, 32, 3)],
  ['of 32-bit floating-point samples', samples(3, 32, 3)],
  ['of 32-bit floating-point samples', both(samples(4, 32, 3), of(colours.cmyk))],
  ['of 32-bit floating-point samples', both(samples(3, 32, 3), of(colours.lab))],
  ['of 64-bit floating-point samples', samples(1, 64, 3)],
  ['of 32-bit complex numbers', samples(1, 32, 5)],
  ['of 64-bit complex numbers', samples(3, 64, 6)],
  ['of 8-bit samples with a sign', samples(1, 8, 2)],
  ['of 16-bit samples with a sign', samples(3, 16, 2)],
  ['of 32-bit samples', samples(1, 32)],
  ['of 32-bit samples', samples(3, 32)],
  ['of 32-bit samples', both(samples(1, 32), of(colours.whiteIsZero))],
  ['of 64-bit samples', samples(1, 64)],
  ['of 10-bit samples', samples(3, 10)],
  ['of 12-bit samples', samples(1, 12)],
  ['of 12-bit samples', samples(3, 12)],
  ['of 14-bit samples', samples(1, 14)],
  ['of 24-bit samples', samples(1, 24)],
  ['of 4-bit samples', samples(3, 4)],
  ['of 4-bit CMYK samples', both(samples(4, 4), of(colours.cmyk))],
  ['of 1-bit samples', samples(2, 1)],
  ['of samples of several sizes', both(samples(3, 8), saying(tags.bits, types.short, 5, 6, 5))],
  ['of 6 samples for each pixel', samples(6, 8)],
  ['of 16-bit CMYK samples with alpha', both(samples(5, 16), of(colours.cmyk))],
  ['of 8-bit CIELab colours', both(samples(3, 8), of(colours.lab))],
  ['of CIELab colours with alpha', both(samples(4, 16), of(colours.lab))],
  ['of ICCLab colours', both(samples(3, 8), of(9))],
  ['of ITULab colours', both(samples(3, 8), of(10))],
  ['of a transparency mask', both(samples(1, 1), of(4))],
  ["of a camera's raw samples", both(samples(1, 16), of(32_803))],
  ["of a camera's linear samples", both(samples(3, 16), of(34_892))],
  ['of LogL light', both(samples(1, 16, 2), of(32_844))],
  ['of LogLuv colours', both(samples(3, 32, 3), of(32_845))],
  [
    'of YCbCr samples without JPEG',
    both(samples(3, 8), of(colours.yCbCr), saying(tags.subsampling, types.short, 1, 1)),
  ],
  ['compressed by JPEG in its old style', compressed(6)],
  ['compressed by JPEG 2000', compressed(34_712)],
  ['compressed by LERC', compressed(34_887)],
  ['compressed by LZMA', compressed(34_925)],
  ['compressed by Zstandard', compressed(50_000)],
  ['compressed by JPEG XL', compressed(50_002)],
  ['compressed by method 12345', compressed(12_345)],
];

const plain = tiffOf([{ pixels: quarters(16, 8) }]);
const float = withEntries(plain, samples(3, 32, 3));
const refusal = { kind: 'unsupported', message: 'A TIFF of 32-bit floating-point samples is not read.' };

describe('a TIFF that is drawn by nothing here is refused by the name of its kind:', () => {
  it.each(unread)('a TIFF %s', async (kind, change) => {
    const drawn = draw(withEntries(plain, change), 'f_png');
    await expect(drawn).rejects.toMatchObject({ kind: 'unsupported', message: `A TIFF ${kind} is not read.` });
  });

  it('as a layer too', async () => {
    const base = await from(quarters(64, 48)).png().toBuffer();
    const drawn = draw(base, 'l_photo/fl_layer_apply/f_png', { layers: new Map([['photo', float]]) });
    await expect(drawn).rejects.toMatchObject(refusal);
  });

  it('as an upload too, of which a placeholder would be taken', async () => {
    const how = { signal: new AbortController().signal, fingerprint: 'upload' };
    await expect(renderer.thumbHash(float, how)).rejects.toMatchObject(refusal);
  });

  it('and is known by its version from then on, whatever is asked of it', async () => {
    await expect(draw(float, 'f_png', { fingerprint: 'float' })).rejects.toMatchObject(refusal);
    const check = renderer.check({ fingerprint: 'float' }, transformOf('w_10'), new AbortController().signal);
    await expect(check).rejects.toMatchObject(refusal);
  });

  it('page by page', async () => {
    // As many bytes as samples of 32 bits take, on both pages.
    const pages = [{ pixels: quarters(64, 8) }, { pixels: quarters(64, 8) }];
    const asFloat = both(samples(3, 32, 3), saying(tags.width, types.short, 16));
    const document = (page: number) => withEntries(tiffOf(pages), onPage(page, asFloat));
    await expect(draw(document(1), 'pg_2,f_png')).rejects.toMatchObject(refusal);
    expect(await draw(document(1), 'pg_1,f_png')).toMatchObject({ width: 64, height: 8 });
    await expect(draw(document(0), 'f_png')).rejects.toMatchObject(refusal);
    expect(await draw(document(0), 'pg_2,f_png')).toMatchObject({ width: 64, height: 8 });
  });
});

/** With another marker, precision or number of channels in its start of frame. */
async function jpegWith(change: (frame: Buffer) => void): Promise<Buffer> {
  const jpeg = await from(quarters(16, 8)).jpeg().toBuffer();
  change(jpeg.subarray(jpeg.indexOf(Buffer.from([0xff, 0xc0]))));
  return jpeg;
}

const unreadJpegs: readonly (readonly [string, (frame: Buffer) => void])[] = [
  ['JPEG of 12-bit samples', (frame) => frame.writeUInt8(12, 4)],
  ['JPEG coded without loss', (frame) => frame.writeUInt8(0xc3, 1)],
  ['JPEG coded without loss', (frame) => frame.writeUInt8(0xcb, 1)],
  ['JPEG of several resolutions (hierarchical)', (frame) => frame.writeUInt8(0xc5, 1)],
  ['JPEG of several resolutions (hierarchical)', (frame) => frame.writeUInt8(0xcf, 1)],
  ['JPEG of 2 channels', (frame) => frame.writeUInt8(2, 9)],
];

describe('a JPEG that is drawn by nothing here is refused by the name of its kind:', () => {
  it.each(unreadJpegs)('a %s', async (kind, change) => {
    const drawn = draw(await jpegWith(change), 'f_png');
    await expect(drawn).rejects.toMatchObject({ kind: 'unsupported', message: `A ${kind} is not read.` });
  });
});

/** A TIFF of such pixels, all alike, whose samples are numbers of 8 or 16 bits. */
function alike(pixel: readonly number[], bits: 8 | 16, change: ChangeEntries): Buffer {
  const [width, height] = [8, 4];
  const bytes = (bits / 8) * pixel.length;
  const row = paint(width * bytes, height, (x) => {
    const value = pixel[Math.floor((x % bytes) / (bits / 8))] ?? 0;
    return [bits === 8 ? value : x % 2 === 0 ? value & 255 : (value >> 8) & 255];
  });
  return withEntries(
    tiffOf([{ pixels: row }]),
    both(samples(pixel.length, bits), saying(tags.width, types.short, width), change),
  );
}

const extra = (...kinds: readonly number[]) => saying(tags.extraSamples, types.short, ...kinds);
const everyOther = Array.from({ length: 3 * 256 }, (_, at) => [0xc8c8, 0x3c3c, 0x1414][Math.floor(at / 256)] ?? 0);
const map = both(of(colours.palette), saying(tags.colourMap, types.short, ...everyOther));
const cmyk = of(colours.cmyk);

/** What ImageMagick draws, but for CMYK, where it does without a profile of inks. */
const read: readonly (readonly [string, Buffer, Pixel])[] = [
  ['8-bit RGB with alpha and a spot colour', alike([50, 40, 30, 100, 200], 8, extra(2, 0)), [50, 40, 30, 100]],
  [
    '16-bit RGB with alpha and a selection',
    alike([12_850, 10_280, 7_710, 25_700, 1], 16, extra(2, 0)),
    [50, 40, 30, 100],
  ],
  ['8-bit RGB with alpha that is multiplied in', alike([50, 40, 30, 100], 8, extra(1)), [127, 102, 76, 100]],
  [
    '8-bit grey with alpha and another sample',
    alike([50, 40, 200], 8, both(of(colours.gray), extra(2, 0))),
    [50, 50, 50, 40],
  ],
  [
    '16-bit grey with alpha and another sample',
    alike([12_850, 10_280, 0], 16, both(of(colours.gray), extra(2, 0))),
    [50, 50, 50, 40],
  ],
  ['grey whose highest number is black', alike([50], 8, of(colours.whiteIsZero)), [205, 205, 205]],
  ['a palette', alike([7], 8, map), [200, 60, 20]],
  ['a palette with alpha', alike([7, 90], 8, both(map, extra(2))), [200, 60, 20, 90]],
  ['CMYK with alpha', alike([0, 0, 0, 0, 200], 8, both(cmyk, extra(2))), [255, 255, 255, 200]],
  ['16-bit CMYK', alike([0, 0, 0, 0], 16, cmyk), [255, 255, 255]],
  ['16-bit CIELab', alike([0x8000, 20 * 256, 0x1_0000 - 20 * 256], 16, of(colours.lab)), [137, 109, 153]],
  ['samples of no kind', alike([50, 40, 30], 8, saying(tags.formats, types.short, 4, 4, 4)), [50, 40, 30]],
];

describe('a TIFF is drawn with the colours that it has:', () => {
  it.each(read)('%s', async (_, file, colour) => {
    const { bytes } = await draw(file, 'f_png');
    const picture = await decode(bytes);
    expect(picture.channels).toBe(colour.length);
    expect(distance(picture.at(3, 2), colour)).toBeLessThanOrEqual(1);
  });

  it.each(read)('%s, beside a colour of the URL', async (_, file, colour) => {
    const { bytes } = await draw(file, 'c_pad,w_20,h_8,b_rgb:0a64c8,f_png');
    const picture = await decode(bytes);
    const [alpha = 255] = colour.slice(3);
    const behind = [10, 100, 200];
    const over = behind.map((value, channel) => value + (((colour[channel] ?? 0) - value) * alpha) / 255);
    expect(distance(picture.at(1, 1), behind)).toBeLessThanOrEqual(1);
    expect(distance(picture.at(10, 4), over)).toBeLessThanOrEqual(4);
  });
});

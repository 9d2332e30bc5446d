import { afterAll, describe, expect, it } from 'vitest';
import { inspect } from '../../src/image/inspect/inspect.ts';
import { bmp, dib, ico } from '../support/bmps.ts';
import { blue, decode, from, green, type Pixel, paint, red } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const its = startRenderer();
afterAll(() => its.renderer.close());

const white: Pixel = [255, 255, 255];
/** Two by two: red and green above blue and white. */
const expected = [red, green, blue, white];

const palette = Buffer.from([0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0]);
const rows24 = Buffer.from([255, 0, 0, 255, 255, 255, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0]);
const rows32 = Buffer.from([255, 0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 0, 0, 255, 0, 0]);

async function pixelsOf(original: Uint8Array) {
  const { bytes } = await its.draw(original, 'f_png');
  const { at, width, height } = await decode(bytes);
  expect([width, height]).toEqual([2, 2]);
  return [at(0, 0), at(1, 0), at(0, 1), at(1, 1)];
}

const size = { width: 2, height: 2 } as const;

describe('a BMP is drawn', () => {
  it.each([
    ['of 24 bits', bmp({ ...size, bits: 24, pixels: rows24 })],
    ['of 32 bits, the last of which say nothing', bmp({ ...size, bits: 32, pixels: rows32 })],
    [
      'from the top',
      bmp({ width: 2, height: -2, bits: 24, pixels: Buffer.concat([rows24.subarray(8), rows24.subarray(0, 8)]) }),
    ],
    ['of 8 bits', bmp({ ...size, bits: 8, palette, pixels: Buffer.from([2, 3, 0, 0, 0, 1, 0, 0]) })],
    ['of 4 bits', bmp({ ...size, bits: 4, palette, pixels: Buffer.from([0x23, 0, 0, 0, 0x01, 0, 0, 0]) })],
    ['of 16 bits, five each', bmp({ ...size, bits: 16, pixels: shorts(0x1f, 0x7fff, 0x7c00, 0x3e0) })],
    [
      'of 16 bits, with masks',
      bmp({
        ...size,
        bits: 16,
        compression: 3,
        masks: [0xf800, 0x7e0, 0x1f, 0],
        pixels: shorts(0x1f, 0xffff, 0xf800, 0x7e0),
      }),
    ],
    [
      'of runs of 8 bits, some of them literal',
      bmp({ ...size, bits: 8, compression: 1, palette, pixels: Buffer.from([1, 2, 1, 3, 0, 0, 1, 0, 9, 1, 0, 1]) }),
    ],
    [
      'of runs of 4 bits',
      bmp({ ...size, bits: 4, compression: 2, palette, pixels: Buffer.from([2, 0x23, 0, 0, 2, 0x01, 0, 1]) }),
    ],
  ])('%s', async (_, file) => {
    expect(await pixelsOf(file)).toEqual(expected);
  });

  it('with its alpha where a mask says that it has one, and opaque where all of that is 0', async () => {
    const masks = [0xff0000, 0xff00, 0xff, 0xff000000];
    const seen = Buffer.from(rows32);
    seen[15] = 128;
    const [, second] = await pixelsOf(bmp({ ...size, bits: 32, compression: 3, masks, pixels: seen }));
    expect(second).toEqual([...green, 128]);
    const opaque = await pixelsOf(bmp({ ...size, bits: 32, compression: 3, masks, pixels: rows32 }));
    expect(opaque.map((pixel) => pixel.slice(0, 3))).toEqual(expected);
    expect(opaque.map(([, , , alpha = 255]) => alpha)).toEqual([255, 255, 255, 255]);
  });

  it('as a JPEG where nobody says otherwise', async () => {
    expect((await its.draw(bmp({ ...size, bits: 24, pixels: rows24 }), 'w_2')).contentType).toBe('image/jpeg');
  });
});

describe('an icon is drawn', () => {
  const mask = Buffer.from([0, 0, 0, 0, 0x40, 0, 0, 0]);
  const small = dib({ width: 2, height: 4, bits: 24, pixels: Buffer.concat([rows24, mask]) });

  it('by its mask', async () => {
    const pixels = await pixelsOf(ico([[2, 24, small]]));
    expect(pixels.map(([, , , alpha]) => alpha)).toEqual([255, 0, 255, 255]);
    expect(pixels[0]?.slice(0, 3)).toEqual(red);
  });

  it('by its largest picture, which may be a PNG', async () => {
    const png = await from(paint(40, 40, () => [...green, 100]))
      .png()
      .toBuffer();
    const file = ico([
      [2, 24, small],
      [40, 32, png],
    ]);
    expect(await inspect(file)).toMatchObject({ format: 'vnd.microsoft.icon', size: { width: 40, height: 40 } });
    const drawn = await its.draw(file, 'w_20');
    expect(drawn.contentType).toBe('image/png');
    expect((await decode(drawn.bytes)).at(10, 10)).toEqual([...green, 100]);
  });
});

describe('refused is', () => {
  it('a BMP that lacks pixels, plain or in runs', async () => {
    const cut = bmp({ ...size, bits: 24, pixels: rows24 }).subarray(0, 60);
    await expect(its.draw(cut, 'f_png')).rejects.toMatchObject({ kind: 'corrupt' });
    const runs = bmp({ ...size, bits: 8, compression: 1, palette, pixels: Buffer.from([1, 2, 1, 3]) });
    await expect(its.draw(runs, 'f_png')).rejects.toMatchObject({ kind: 'corrupt' });
  });

  it('a small file of very many pixels', async () => {
    const runs = bmp({ width: 60_000, height: 60_000, bits: 8, compression: 1, palette, pixels: Buffer.from([0, 1]) });
    await expect(its.draw(runs, 'f_png')).rejects.toMatchObject({ kind: 'too_large' });
  });

  it('one that is coded in a way that is not read', async () => {
    const jpeg = bmp({ ...size, bits: 24, compression: 4, pixels: rows24 });
    await expect(its.draw(jpeg, 'f_png')).rejects.toMatchObject({ kind: 'unsupported' });
  });

  it('an icon whose pictures lie outside of it, or that has none', async () => {
    const lying = ico([[2, 24, Buffer.alloc(50)]]).subarray(0, 30);
    await expect(inspect(lying)).rejects.toMatchObject({ kind: 'corrupt' });
  });
});

function shorts(...values: readonly [number, number, number, number]): Buffer {
  const bytes = Buffer.alloc(8);
  for (const [index, value] of values.entries()) bytes.writeUInt16LE(value, 2 * index);
  return bytes;
}

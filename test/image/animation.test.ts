import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { animate, blue, decode, distance, green, type Pixel, red } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const colours: readonly Pixel[] = [red, green, blue];
const delays = [50, 200, 120];
const originals = new Map<string, Buffer>();
beforeAll(async () => {
  const options = { delay: delays, loop: 2 };
  originals.set('gif', await animate(40, 20, colours).gif(options).toBuffer());
  originals.set(
    'webp',
    await animate(40, 20, colours)
      .webp({ ...options, lossless: true })
      .toBuffer(),
  );
});

function original(format: string): Buffer {
  return originals.get(format) ?? Buffer.alloc(0);
}

/** Expects all frames, each of its own colour in the middle, and the same timing. */
async function expectAnimation(bytes: Uint8Array, width: number, height: number): Promise<void> {
  const found = await sharp(bytes, { animated: true }).metadata();
  expect(found).toMatchObject({ pages: 3, width, pageHeight: height, delay: delays, loop: 2 });
  const picture = await decode(bytes);
  for (const [index, colour] of colours.entries()) {
    const pixel = picture.at(Math.floor(width / 2), index * height + Math.floor(height / 2));
    expect(distance(pixel, colour), `frame ${index}: ${pixel}`).toBeLessThan(12);
  }
}

describe.each([
  ['gif', 'gif'],
  ['gif', 'webp'],
  ['webp', 'gif'],
  ['webp', 'webp'],
])('an animated %s drawn as %s keeps its frames, delays and loops', (from, to) => {
  it.each([
    ['as it is', '', 40, 20],
    ['scaled', 'w_20', 20, 10],
    ['enlarged', 'w_80', 80, 40],
    ['filled', 'c_fill,w_10,h_10', 10, 10],
    ['filled by what draws the eye', 'c_fill,g_auto,w_10,h_10', 10, 10],
    ['cut', 'c_crop,g_south_east,w_16,h_12', 16, 12],
    ['padded', 'c_pad,w_60,h_60,b_white', 60, 60],
    ['mirrored', 'a_vflip', 40, 20],
    ['turned', 'a_90', 20, 40],
    ['turned freely', 'a_30', 45, 37],
    ['rounded', 'r_max', 40, 20],
    ['blurred', 'e_blur:50', 40, 20],
    ['sharpened', 'e_sharpen', 40, 20],
    ['made of squares', 'e_pixelate:4', 40, 20],
    ['in a chain', 'c_fill,w_30,h_20/a_90/c_pad,w_40,h_40,b_white/r_5', 40, 40],
  ])('%s', async (_, text, width, height) => {
    const rendered = await draw(original(from), `${text}${text && '/'}f_${to}`);
    expect(rendered).toMatchObject({ width, height, frames: 3, format: to });
    await expectAnimation(rendered.bytes, width, height);
  });
});

describe('an animation', () => {
  it.each(['jpg', 'png', 'avif'])('drawn as %s is its first frame', async (format) => {
    const rendered = await draw(original('gif'), `w_20/f_${format}`);
    expect(rendered).toMatchObject({ width: 20, height: 10, frames: 1 });
    expect(distance((await decode(rendered.bytes)).at(10, 5), red)).toBeLessThan(12);
  });

  it.each([1, 2, 3])('shows page %i when that is asked for', async (page) => {
    const rendered = await draw(original('webp'), `pg_${page}/f_webp`);
    expect(rendered.frames).toBe(1);
    expect(distance((await decode(rendered.bytes)).at(20, 10), colours[page - 1] ?? [])).toBeLessThan(12);
  });

  it.each([
    ['image/avif,image/webp', 'webp'],
    ['image/webp', 'webp'],
    ['image/*', 'gif'],
  ])('is kept where a client that accepts %s lets us choose', async (accept, format) => {
    const rendered = await draw(original('gif'), 'w_20/f_auto', { accept });
    expect(rendered).toMatchObject({ format, frames: 3 });
  });

  it('is grayscale in every frame', async () => {
    const { bytes } = await draw(original('gif'), 'e_grayscale/f_webp');
    const picture = await decode(bytes);
    for (const y of [10, 30, 50]) {
      const [first = 0, second = 0, third = 0] = picture.at(20, y);
      expect(Math.max(first, second, third) - Math.min(first, second, third)).toBeLessThan(6);
    }
  });

  it('is turned by its EXIF orientation frame by frame', async () => {
    const turned = await animate(40, 20, colours)
      .withMetadata({ orientation: 6 })
      .webp({ delay: delays, loop: 2, lossless: true })
      .toBuffer();
    const { bytes, width, height } = await draw(turned, 'f_webp');
    expect([width, height]).toEqual([20, 40]);
    await expectAnimation(bytes, 20, 40);
  });
});

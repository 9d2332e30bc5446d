import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { maskShapes } from '../../src/grammar/parameters/looks.ts';
import { animate, blue, type Decoded, decode, distance, from, paint, red } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const plain = (width: number, height: number) =>
  from(paint(width, height, () => blue))
    .png()
    .toBuffer();

/** Of 255, how opaque a pixel is. */
const alphaAt = (picture: Decoded, x: number, y: number) => picture.at(x, y)[3];

/** The share of the picture that is seen. */
function covered({ width, height, at }: Decoded): number {
  let sum = 0;
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) sum += (at(x, y)[3] ?? 0) / 255;
  return sum / (width * height);
}

describe('msk_', () => {
  // Areas of the shapes in a square of 1, by their formulas.
  it.each([
    ['circle', Math.PI / 4],
    ['triangle', Math.sqrt(3) / 4],
    ['triangle-180', Math.sqrt(3) / 4],
    ['pentagon', 0.657],
    ['pentagon-180', 0.657],
    ['hexagon', 0.6495],
    ['square', 0.5],
    ['star', 0.3102],
    ['heart', (180 * Math.PI) / 32 ** 2],
  ] as const)('cuts a square picture to a %s that is as large as fits', async (shape, share) => {
    const picture = await decode((await draw(await plain(200, 200), `msk_${shape}`)).bytes);
    expect([picture.width, picture.height]).toEqual([200, 200]);
    expect(covered(picture)).toBeCloseTo(share, 2);
    expect(picture.at(100, 110)).toEqual([0, 0, 255, 255]);
    expect(alphaAt(picture, 0, 0)).toBe(0);
  });

  it('lies in the middle of a picture of any other shape', async () => {
    const picture = await decode((await draw(await plain(300, 100), 'msk_circle')).bytes);
    expect([picture.width, picture.height]).toEqual([300, 100]);
    expect([alphaAt(picture, 98, 50), alphaAt(picture, 102, 50), alphaAt(picture, 197, 50)]).toEqual([0, 255, 255]);
    expect(alphaAt(picture, 201, 50)).toBe(0);
  });

  it('stands on its point, or is turned over', async () => {
    const upright = await decode((await draw(await plain(100, 100), 'msk_triangle')).bytes);
    const over = await decode((await draw(await plain(100, 100), 'msk_triangle-180')).bytes);
    expect([alphaAt(upright, 10, 90), alphaAt(upright, 10, 10)]).toEqual([255, 0]);
    expect([alphaAt(over, 10, 90), alphaAt(over, 10, 10)]).toEqual([0, 255]);
  });

  it('shows the background of its component around it', async () => {
    const rendered = await draw(
      await from(paint(60, 60, () => blue))
        .jpeg()
        .toBuffer(),
      'msk_circle,b_red',
    );
    const picture = await decode(rendered.bytes);
    expect(distance(picture.at(1, 1), red)).toBeLessThan(8);
    expect(distance(picture.at(30, 30), blue)).toBeLessThan(8);
  });

  it('cuts every frame of an animation', async () => {
    const original = await animate(40, 40, [blue, red]).gif().toBuffer();
    const rendered = await draw(original, 'msk_circle,f_webp');
    const raw = await sharp(rendered.bytes, { pages: -1 }).raw().toBuffer({ resolveWithObject: true });
    const alpha = (y: number, x: number) => raw.data[(y * 40 + x) * 4 + 3];
    expect([alpha(0, 0), alpha(20, 20), alpha(40, 0), alpha(60, 20)]).toEqual([0, 255, 0, 255]);
  });

  it('has a test of its area for each shape', () => {
    expect(maskShapes).toHaveLength(9);
  });
});

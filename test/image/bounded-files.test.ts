import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { from, noise, paint } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

describe('mb_', () => {
  const photograph = () => from(noise(200, 150)).png().toBuffer();

  it.each(['jpg', 'webp', 'avif'])('lowers the quality of %s until the file is small enough', async (format) => {
    const original = await photograph();
    const plain = (await draw(original, `f_${format},q_90`)).bytes.length;
    const bound = Math.round(plain * 0.6);
    const { bytes } = await draw(original, `f_${format},mb_${bound},q_90`);
    expect(bytes.length).toBeLessThanOrEqual(bound);
    // No smaller than it has to be: one step of quality more would not fit.
    expect(bytes.length).toBeGreaterThan(bound * 0.8);
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 200, height: 150 });
  });

  it('leaves a file alone that is small enough, and one whose quality says nothing', async () => {
    const original = await photograph();
    const [plain, bound] = [await draw(original, 'f_jpg,q_80'), await draw(original, 'f_jpg,mb_9000000,q_80')];
    expect(Buffer.from(bound.bytes).equals(Buffer.from(plain.bytes))).toBe(true);
    expect((await draw(original, 'f_png,mb_100')).bytes.length).toBeGreaterThan(100);
  });

  it('gives the smallest there is where none is small enough', async () => {
    const original = await photograph();
    const least = (await draw(original, 'f_jpg,q_1')).bytes.length;
    expect((await draw(original, 'f_jpg,mb_50')).bytes.length).toBe(least);
  });
});

describe('a quality by format', () => {
  it('is that of the format which is written', async () => {
    const original = await from(noise(64, 64)).png().toBuffer();
    const size = async (text: string) => (await draw(original, text)).bytes.length;
    expect(await size('f_webp,q_jpg:90.webp:30')).toBe(await size('f_webp,q_30'));
    expect(await size('f_jpg,q_jpg:90.webp:30')).toBe(await size('f_jpg,q_90'));
    expect(await size('f_jpg,q_webp:30')).toBe(await size('f_jpg'));
  });
});

describe('te_', () => {
  /** A red box in white: 10 pixels from the left, 30 from the right, 5 from the top, 15 from the bottom. */
  const framed = () =>
    from(paint(100, 60, (x, y) => (x >= 10 && x < 70 && y >= 5 && y < 45 ? [200, 0, 0] : [255, 255, 255])))
      .png()
      .toBuffer();

  it.each([
    ['e_trim:10', 60, 40],
    ['e_trim:10,te_hor', 80, 40],
    ['e_trim:10,te_ver', 60, 50],
    ['e_trim:10,te_both', 80, 50],
    ['te_both', 100, 60],
  ])('%s leaves %i by %i', async (text, width, height) => {
    expect(await draw(await framed(), text)).toMatchObject({ width, height });
  });
});

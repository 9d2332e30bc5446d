import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { Pixels as Compared } from '../../src/image/drawing/write/quality/likeness/colours.ts';
import { scoreBetween } from '../../src/image/drawing/write/quality/likeness/ssimulacra2.ts';
import { animate, blue, from, noise, type Pixels, paint, red } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

/** Soft shapes with some grain, somewhat like a photograph; `grain` is how much. */
function scene(width: number, height: number, grain: number): Pixels {
  const random = noise(width, height).data;
  return paint(width, height, (x, y) => {
    const light = 128 + 70 * Math.sin(x / 37) * Math.cos(y / 29) + 30 * Math.sin((x + y) / 11);
    return [0, 1, 2].map((channel) => {
      const rough = (random[(y * width + x) * 3 + channel] ?? 128) - 128;
      return Math.min(255, Math.max(0, Math.round(light + channel * 9 + (rough * grain) / 100)));
    });
  });
}

async function pixelsOf(picture: Uint8Array | string): Promise<Compared> {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** How good a picture looks beside what it was made of. */
async function scoreOf(pixels: Pixels, bytes: Uint8Array): Promise<number> {
  return scoreBetween(pixels, await pixelsOf(bytes));
}

const smooth = scene(400, 300, 4);
const rough = scene(400, 300, 45);
const png = (pixels: Pixels) => from(pixels).png().toBuffer();

describe('q_auto', () => {
  it.each(['jpg', 'webp', 'avif'])('spends less as %s the lower its level is', async (format) => {
    const original = await png(rough);
    const sizes: number[] = [];
    for (const level of ['best', 'good', 'eco', 'low']) {
      sizes.push((await draw(original, `q_auto:${level},f_${format}`)).bytes.length);
    }
    expect(sizes).toEqual([...sizes].sort((one, other) => other - one));
    expect(sizes[3]).toBeLessThan((sizes[0] ?? 0) * 0.75);
  });

  it.each(['jpg', 'webp', 'avif'])(
    'gives two pictures as %s a nearer likeness than one number does',
    async (format) => {
      const usual = { jpg: 80, webp: 80, avif: 50 }[format] ?? 0;
      const apart = async (text: string) => {
        const [one = 0, other = 0] = await Promise.all(
          [smooth, rough].map(async (pixels) =>
            scoreOf(pixels, (await draw(await png(pixels), `${text},f_${format}`)).bytes),
          ),
        );
        return Math.abs(one - other);
      };
      expect(await apart('q_auto')).toBeLessThan(await apart(`q_${usual}`));
    },
  );

  it('makes a picture look as good in one format as in another', async () => {
    const original = await png(smooth);
    for (const format of ['jpg', 'webp', 'avif']) {
      const score = await scoreOf(smooth, (await draw(original, `q_auto,f_${format}`)).bytes);
      expect(Math.abs(score - 75), format).toBeLessThan(3);
    }
  });

  it('judges a large picture by parts of it', async () => {
    const large = scene(2_000, 1_200, 8);
    const { bytes } = await draw(await png(large), 'q_auto,f_webp');
    expect(Math.abs((await scoreOf(large, bytes)) - 75)).toBeLessThan(3);
  });

  it('writes a JPEG from top to bottom where that is asked for', async () => {
    const original = await png(rough);
    const isProgressive = async (text: string) =>
      (await sharp((await draw(original, text)).bytes).metadata()).isProgressive;
    expect(await isProgressive('q_auto,f_jpg')).toBe(true);
    expect(await isProgressive('q_auto,f_jpg,fl_progressive:none')).toBe(false);
  });

  it('answers the same bytes for the same picture', async () => {
    const original = await png(rough);
    const [one, other] = await Promise.all([1, 2].map(() => draw(original, 'q_auto,f_webp')));
    expect(Buffer.compare(one?.bytes ?? Buffer.alloc(0), other?.bytes ?? Buffer.alloc(1))).toBe(0);
  });

  it('takes pictures of any shape, with alpha, grey and moving', async () => {
    for (const [width, height] of [
      [1, 1],
      [7, 300],
      [31, 33],
      [2_000, 20],
    ] as const) {
      expect(await draw(await png(scene(width, height, 10)), 'q_auto,f_webp')).toMatchObject({ width, height });
    }
    const clear = await from(paint(90, 90, (x, y) => [x, y, 50, x < 45 ? 0 : 255]))
      .png()
      .toBuffer();
    expect((await sharp((await draw(clear, 'q_auto,f_webp')).bytes).metadata()).hasAlpha).toBe(true);
    const grey = await from(paint(90, 90, (x) => [x]))
      .png()
      .toBuffer();
    expect(await draw(grey, 'q_auto,f_jpg')).toMatchObject({ width: 90, format: 'jpeg' });
    const movie = await animate(80, 80, [red, blue]).webp().toBuffer();
    expect(await draw(movie, 'q_auto,f_webp')).toMatchObject({ frames: 2, width: 80 });
  });
});

describe('a score', () => {
  const file = (name: string) => fileURLToPath(new URL(`likeness/${name}.png`, import.meta.url));

  // The pictures are the sample photograph and what encoders made of it; the scores are the reference program's.
  it.each([
    ['jpeg-25', 56.3448588],
    ['avif-50', 70.57514038],
    ['blurred', 55.16140187],
  ])('of %s is what the reference program says', async (name, score) => {
    expect(scoreBetween(await pixelsOf(file('original')), await pixelsOf(file(name)))).toBeCloseTo(score, 1);
  });

  it('is 100 for the same picture, and falls with every change', async () => {
    expect(scoreBetween(rough, rough)).toBe(100);
    const scores = [2, 8, 64].map((change) =>
      scoreBetween(rough, { ...rough, data: rough.data.map((value, at) => value + (at % 2 === 0 ? change : -change)) }),
    );
    expect(scores).toEqual([...scores].sort((one, other) => other - one));
    expect(scores[0]).toBeLessThan(100);
  });
});

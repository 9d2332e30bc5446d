import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { likeness, lumaOf } from '../../src/image/drawing/write/quality/likeness.ts';
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

/** How alike a picture is to what it was made of. */
async function likenessOf(pixels: Pixels, bytes: Uint8Array): Promise<number> {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  return likeness(lumaOf(pixels.data, pixels, 3), lumaOf(data, pixels, info.channels));
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
            Math.log(1 - (await likenessOf(pixels, (await draw(await png(pixels), `${text},f_${format}`)).bytes))),
          ),
        );
        return Math.abs(one - other);
      };
      expect(await apart('q_auto')).toBeLessThan(await apart(`q_${usual}`));
    },
  );

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

describe('likeness', () => {
  const plane = lumaOf(rough.data, rough, 3);

  it('is 1 for the same picture and falls with every change', () => {
    expect(likeness(plane, plane)).toBeCloseTo(1, 10);
    const worse = [2, 8, 64].map((change) => {
      const values = plane.values.map((value, place) => value + (place % 2 === 0 ? change : -change));
      return likeness(plane, { ...plane, values });
    });
    expect(worse).toEqual([...worse].sort((one, other) => other - one));
    expect(worse[0]).toBeLessThan(1);
    expect(worse[2]).toBeLessThan(0.95);
  });
});

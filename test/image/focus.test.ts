import { afterAll, describe, expect, it } from 'vitest';
import type { Point } from '../../src/grammar/index.ts';
import { type Decoded, decode, distance, from, type Pixel, paint } from '../support/pictures.ts';
import { startRenderer, transformOf } from '../support/renderer.ts';

const { renderer } = startRenderer();
afterAll(() => renderer.close());

const spot: Pixel = [255, 0, 0];
const signal = new AbortController().signal;

/** A grey picture with a red spot of 20 pixels round its focal point. */
async function drawn(text: string, focus: Point | undefined, orientation?: number): Promise<Decoded> {
  const [x, y] = [300 * 0.8, 200 * 0.25];
  const pixels = paint(300, 200, (column, row) =>
    Math.abs(column + 0.5 - x) < 10 && Math.abs(row + 0.5 - y) < 10 ? spot : [120, 120, 120],
  );
  const pipeline = from(pixels).png();
  const original = await (orientation === undefined ? pipeline : pipeline.withMetadata({ orientation })).toBuffer();
  const rendered = await renderer.render({ original, ...(focus && { focus }) }, transformOf(`${text}/f_png`), {
    signal,
    fingerprint: text,
  });
  return decode(rendered.bytes);
}

/** The middle of the red spot. */
function middleOf(picture: Decoded): { readonly x: number; readonly y: number } | undefined {
  let [sumX, sumY, count] = [0, 0, 0];
  for (let y = 0; y < picture.height; y += 1) {
    for (let x = 0; x < picture.width; x += 1) {
      if (distance(picture.at(x, y).slice(0, 3), spot) > 60) continue;
      [sumX, sumY, count] = [sumX + x + 0.5, sumY + y + 0.5, count + 1];
    }
  }
  return count === 0 ? undefined : { x: sumX / count, y: sumY / count };
}

function expectMiddle(picture: Decoded, x: number, y: number, tolerance = 1.5): void {
  const middle = middleOf(picture);
  expect(middle).toBeDefined();
  expect(Math.abs((middle?.x ?? Number.NaN) - x)).toBeLessThanOrEqual(tolerance);
  expect(Math.abs((middle?.y ?? Number.NaN) - y)).toBeLessThanOrEqual(tolerance);
}

const focus = { x: 0.8, y: 0.25 };

describe('g_custom', () => {
  it.each([
    ['c_crop,g_custom,w_60,h_60', 30, 30],
    ['c_crop,g_custom:face,w_60,h_60', 30, 30],
    // Pushed back inside at the top and on the right.
    ['c_crop,g_custom,w_160,h_120', 100, 50],
    ['c_fill,g_custom,w_50,h_100', 25, 25],
    ['c_lfill,g_custom,w_60,h_200', 30, 50],
    ['c_thumb,g_custom,w_50,h_100', 25, 25],
    ['c_auto,g_custom,w_50,h_100', 25, 25],
    // People know better than whatever would look for itself.
    ['c_fill,g_auto,w_50,h_100', 25, 25],
    ['c_fill,g_auto:faces,w_50,h_100', 25, 25],
    ['c_crop,g_face,w_60,h_60', 30, 30],
    ['c_thumb,g_faces:center,w_50,h_100', 25, 25],
  ])('%s brings the focal point as near to the middle as the edges let it', async (text, x, y) => {
    expectMiddle(await drawn(text, focus), x, y);
  });

  it('brings a thumb nearer with z_', async () => {
    const picture = await drawn('c_thumb,g_custom,w_50,h_50,z_2', focus);
    expectMiddle(picture, 25, 25);
    expect(picture.width).toBe(50);
  });

  it('follows the point through what came before', async () => {
    expectMiddle(await drawn('a_90/c_crop,g_custom,w_60,h_60', focus), 30, 30);
    expectMiddle(await drawn('a_hflip/c_crop,g_custom,w_60,h_60', focus), 30, 30);
    expectMiddle(await drawn('a_30/c_crop,g_custom,w_60,h_60', focus), 30, 30);
    expectMiddle(await drawn('c_crop,x_150,y_0,w_150,h_150/c_crop,g_custom,w_60,h_60', focus), 30, 30);
    expectMiddle(await drawn('c_scale,w_0.5/bo_15px_solid_blue/c_crop,g_custom,w_30,h_30', focus), 15, 15);
    expectMiddle(await drawn('c_pad,w_400,h_400,b_white/c_crop,g_custom,w_60,h_60', focus), 30, 30);
    expectMiddle(await drawn('e_shadow:40,x_-20,y_-9/c_crop,g_custom,w_60,h_60', focus), 30, 30);
    expectMiddle(await drawn('a_90.vflip,c_crop,g_custom,w_60,h_60', focus), 30, 30);
  });

  it('falls back where nothing is known', async () => {
    expect(middleOf(await drawn('c_crop,g_custom,w_60,h_60', undefined))).toBeUndefined();
    expectMiddle(await drawn('c_crop,g_custom:face,w_300,h_100', undefined), 240, 50);
    const lost = await drawn('e_trim/c_crop,g_custom,w_60,h_60', focus);
    expect(lost).toMatchObject({ width: 20, height: 20 });
    expect(
      middleOf(await drawn('c_crop,g_auto:no_faces,w_299,h_199/c_crop,g_custom,w_60,h_60', focus)),
    ).toBeUndefined();
  });

  it('leaves other gravities alone', async () => {
    expect(middleOf(await drawn('c_crop,g_south_west,w_60,h_60', focus))).toBeUndefined();
    expect(middleOf(await drawn('c_crop,w_60,h_60', focus))).toBeUndefined();
  });

  it('means the picture as people see it', async () => {
    // Stored on its side: the spot at 0.8, 0.25 of the file is at 0.75, 0.8 of the picture.
    expectMiddle(await drawn('c_crop,g_custom,w_60,h_60', { x: 0.75, y: 0.8 }, 6), 30, 30);
  });
});

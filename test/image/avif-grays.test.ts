import { afterAll, describe, expect, it } from 'vitest';
import { inspect } from '../../src/image/index.ts';
import { nclx, profileProperty } from '../support/avif.ts';
import { type AvifItem, alphaProperty, avifOf, colourItem, grayItem, gridItem } from '../support/avif-items.ts';
import { grayProfile } from '../support/gray-profile.ts';
import { decode, distance, from, paint, quarters } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const side = 64;
const plain = (number: number) => paint(side, side, () => [number]);

function saying(item: AvifItem, ...properties: readonly Buffer[]): AvifItem {
  return { ...item, properties: [...item.properties, ...properties] };
}

/** What sRGB's number is for a gray of a screen with that gamma, of numbers up to 255. */
function srgbOf(number: number, gamma: number): number {
  const light = (number / 255) ** gamma;
  return 255 * (light <= 0.003_130_8 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055);
}

async function middle(file: Uint8Array, text = 'f_png'): Promise<readonly number[]> {
  const picture = await decode((await draw(file, text)).bytes);
  return picture.at(picture.width / 2, picture.height / 2);
}

describe('an AVIF of brightness alone is what its gray profile says', () => {
  const numbers = [0, 10, 80, 125, 189, 255];
  const depths = [8, 10, 12] as const;

  it.each(depths.flatMap((depth) => [1, 1.8, 2.6].map((gamma) => ({ depth, gamma }))))(
    'in $depth bits at a gamma of $gamma, with alpha and without',
    async ({ depth, gamma }) => {
      const alpha = saying(await grayItem(plain(128), depth), alphaProperty);
      for (const number of numbers) {
        const item = saying(await grayItem(plain(number), depth), profileProperty(grayProfile(gamma)));
        const gray = srgbOf(number, gamma);
        expect(distance(await middle(avifOf([item])), [gray, gray, gray])).toBeLessThanOrEqual(1.5);
        const seenThrough = await middle(avifOf([item, alpha], [['auxl', 2, [1]]]));
        expect(distance(seenThrough, [gray, gray, gray, 128])).toBeLessThanOrEqual(1.5);
      }
    },
  );

  const [number, gamma] = [125, 1.8];
  const gray = srgbOf(number, gamma);
  const profiled = async () => saying(await grayItem(plain(number)), profileProperty(grayProfile(gamma)));

  it('beside code points, which count less, but for the range', async () => {
    const whole = avifOf([saying(await profiled(), nclx(1, 8))]);
    expect(distance(await middle(whole), [gray, gray, gray])).toBeLessThanOrEqual(1.5);
    const narrow = avifOf([saying(await profiled(), nclx(1, 8, false))]);
    const wide = srgbOf(((number - 16) * 255) / 219, gamma);
    expect(distance(await middle(narrow), [wide, wide, wide])).toBeLessThanOrEqual(1.5);
  });

  it('where its colours are multiplied by alpha', async () => {
    const items = [await profiled(), saying(await grayItem(plain(200)), alphaProperty)];
    const file = avifOf(items, [
      ['auxl', 2, [1]],
      ['prem', 1, [2]],
    ]);
    const divided = srgbOf((number * 255) / 200, gamma);
    expect(distance(await middle(file), [divided, divided, divided, 200])).toBeLessThanOrEqual(2);
  });

  it('in a grid', async () => {
    const cell = { ...(await grayItem(plain(number))), isHidden: true };
    const grid = saying(gridItem(2, 1, 2 * side, side), profileProperty(grayProfile(gamma)));
    const file = avifOf([cell, cell, grid], [['dimg', 3, [1, 2]]], 3);
    expect(distance(await middle(file), [gray, gray, gray])).toBeLessThanOrEqual(1.5);
  });

  it.each(['c_scale,w_32,h_32/a_90/f_png', 'e_grayscale/f_png', 'f_jpg,q_95', 'f_webp,q_95', 'f_avif,q_95', 'f_gif'])(
    'after %s too',
    async (text) => {
      expect(
        distance((await middle(avifOf([await profiled()]), text)).slice(0, 3), [gray, gray, gray]),
      ).toBeLessThanOrEqual(4);
    },
  );

  it('as a layer', async () => {
    const base = await from(quarters(96, 96)).png().toBuffer();
    const layers = new Map([['gray', avifOf([await profiled()])]]);
    const picture = await decode((await draw(base, 'l_gray/fl_layer_apply/f_png', { layers })).bytes);
    expect(distance(picture.at(48, 48), [gray, gray, gray])).toBeLessThanOrEqual(1.5);
  });

  it('and is refused with cs_copy, which would lose the profile', async () => {
    await expect(draw(avifOf([await profiled()]), 'cs_copy,f_png')).rejects.toMatchObject({ kind: 'invalid' });
    expect((await draw(avifOf([await grayItem(plain(number))]), 'cs_copy,f_png')).width).toBe(side);
  });

  it('and is sRGB without one', async () => {
    const item = await grayItem(plain(number));
    expect(await middle(avifOf([item]))).toEqual([number, number, number]);
    expect((await inspect(avifOf([item]))).colour).toBe('gray');
  });

  it('and colours beside a profile of gray stay as they are', async () => {
    const item = saying(await colourItem(paint(side, side, () => [200, 60, 30])), profileProperty(grayProfile(1)));
    expect(distance(await middle(avifOf([item])), [200, 60, 30])).toBeLessThanOrEqual(2);
    expect((await inspect(avifOf([item]))).colour).toBe('rgb');
  });
});

import { afterAll, expect, it } from 'vitest';
import { gifOf } from '../support/gif-recipe.ts';
import { decode, distance } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const logo = gifOf({
  width: 64,
  height: 48,
  palette: [
    [255, 0, 0],
    [255, 255, 255],
  ],
  frames: [{ width: 64, height: 48, at: (x, y) => (x + y / 8 < 34 ? 0 : 1) }],
});

it.each([
  'c_pad,w_100,h_48,b_rgb:0000ff',
  'c_pad,w_100,h_48',
  'bo_4px_solid_rgb:0000ff',
  'a_45,b_rgb:0000ff',
  'r_max,b_rgb:0000ff',
  'e_grayscale',
  'e_blur:500',
  'e_negate',
  'e_sepia',
  'e_colorize:60,co_rgb:0000ff',
  'e_pixelate:10/c_scale,w_32/bo_4px_solid_rgb:00ff00',
])('a GIF of two colours takes the others that %s puts into it', async (chain) => {
  const gif = await decode((await draw(logo, `${chain}/f_gif`)).bytes);
  const png = await decode((await draw(logo, `${chain}/f_png`)).bytes);
  expect([gif.width, gif.height]).toEqual([png.width, png.height]);
  const places = [0.02, 0.4, 0.49, 0.98].map(
    (share) => [Math.floor(share * png.width), Math.floor(png.height / 2)] as const,
  );
  for (const [x, y] of [[1, 1] as const, ...places]) {
    expect(distance(gif.at(x, y), png.at(x, y)), `${gif.at(x, y)} at ${x},${y}`).toBeLessThan(12);
  }
});

it('a GIF that is only scaled, cut or turned keeps its palette', async () => {
  for (const chain of ['c_scale,w_32', 'c_crop,w_20,h_20,g_center', 'a_90']) {
    const { bytes } = await draw(logo, `${chain}/f_gif`);
    // The screen's descriptor says how many colours there are, by the exponent of two less one; one more is clear.
    expect((bytes[10] ?? 0) & 7, chain).toBe(1);
  }
});

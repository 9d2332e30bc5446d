import { afterAll, expect, it } from 'vitest';
import { decode, from, paint } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

it.each(['fill_pad', 'auto_pad'])('c_%s draws a canvas where it pads, and none where it cuts', async (mode) => {
  const green = await from(paint(60, 40, () => [0, 128, 0]))
    .png()
    .toBuffer();
  const drawn = async (size: string) => decode((await draw(green, `c_${mode},${size},b_red/f_png`)).bytes);
  const padded = await drawn('w_90,h_30');
  expect([padded.width, padded.height, padded.at(2, 15), padded.at(45, 15)]).toEqual([
    90,
    30,
    [255, 0, 0],
    [0, 128, 0],
  ]);
  const cut = await drawn('w_30,h_30');
  expect([cut.width, cut.height, cut.at(0, 0), cut.at(29, 29)]).toEqual([30, 30, [0, 128, 0], [0, 128, 0]]);
});

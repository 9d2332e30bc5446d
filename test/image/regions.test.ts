import { afterAll, describe, expect, it } from 'vitest';
import { type Decoded, decode, from, paint } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

/** Columns of black and white, one pixel wide: grey wherever they were blurred or joined. */
const stripes = () =>
  from(paint(60, 40, (x) => (x % 2 === 0 ? [0, 0, 0] : [255, 255, 255])))
    .png()
    .toBuffer();

function isPlain(picture: Decoded, x: number, y: number): boolean {
  return [0, 255].includes(picture.at(x, y)[0] ?? -1);
}

async function drawn(text: string): Promise<Decoded> {
  return decode((await draw(await stripes(), `${text}/f_png`)).bytes);
}

describe.each(['e_blur_region:400', 'e_pixelate_region:10'])('%s', (effect) => {
  it('changes its region to the last pixel, and nothing else', async () => {
    const picture = await drawn(`${effect},x_10,y_5,w_20,h_15`);
    expect([picture.width, picture.height]).toEqual([60, 40]);
    for (let y = 0; y < 40; y += 1) {
      for (let x = 0; x < 60; x += 1) {
        const isInside = x >= 10 && x < 30 && y >= 5 && y < 20;
        expect([x, y, isPlain(picture, x, y)]).toEqual([x, y, !isInside]);
      }
    }
  });

  it('takes all that is right of and below its corner without a size, and shares', async () => {
    const picture = await drawn(`${effect},y_0.5`);
    expect([isPlain(picture, 3, 19), isPlain(picture, 3, 20), isPlain(picture, 56, 39)]).toEqual([true, false, false]);
  });

  it('goes as far as the picture does, and leaves it alone where it is outside', async () => {
    const beyond = await drawn(`${effect},x_50,y_30,w_500,h_500`);
    expect([isPlain(beyond, 48, 35), isPlain(beyond, 55, 35)]).toEqual([true, false]);
    const outside = await drawn(`${effect},x_100,y_0,w_20,h_20`);
    expect(isPlain(outside, 59, 10)).toBe(true);
  });

  it('is of the picture as it is by then', async () => {
    const cut = await drawn(`c_crop,w_20,h_20,x_0,y_0/${effect},x_10,w_10,h_10`);
    expect([cut.width, isPlain(cut, 9, 5), isPlain(cut, 12, 5), isPlain(cut, 12, 11)]).toEqual([20, true, false, true]);
  });
});

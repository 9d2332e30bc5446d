import { afterAll, describe, expect, it } from 'vitest';
import {
  animate,
  blue,
  type Decoded,
  decode,
  distance,
  from,
  green,
  type Pixel,
  paint,
  quarters,
  red,
} from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

async function drawn(original: Uint8Array, text: string): Promise<Decoded> {
  return decode((await draw(original, text)).bytes);
}

const plain = (colour: Pixel, width = 60, height = 40) =>
  from(paint(width, height, () => colour))
    .png()
    .toBuffer();

describe('bo_', () => {
  it('grows the picture by its width on every side', async () => {
    const rendered = await draw(await plain(blue), 'bo_5px_solid_red');
    expect([rendered.width, rendered.height]).toEqual([70, 50]);
    const picture = await decode(rendered.bytes);
    for (const [x, y] of [
      [0, 0],
      [4, 25],
      [65, 25],
      [35, 49],
    ] as const) {
      expect(distance(picture.at(x, y), red)).toBe(0);
    }
    expect(distance(picture.at(5, 5), blue)).toBe(0);
    expect(distance(picture.at(64, 44), blue)).toBe(0);
  });

  it('comes after the size of its component and is counted by the next', async () => {
    const original = await plain(blue, 300, 200);
    expect(await draw(original, 'c_fill,w_100,h_100,bo_10px_solid_black')).toMatchObject({ width: 120, height: 120 });
    expect(await draw(original, 'bo_50px_solid_black/c_scale,w_0.5')).toMatchObject({ width: 200, height: 150 });
  });

  it('is see-through where its colour is', async () => {
    const picture = await drawn(await plain(blue), 'bo_6px_solid_rgb:ff000080');
    expect(picture.at(2, 2)).toEqual([255, 0, 0, 128]);
    expect(picture.at(30, 20)).toEqual([0, 0, 255, 255]);
  });

  it('follows rounded corners of its own component', async () => {
    const picture = await drawn(await plain(blue), 'r_15,bo_5px_solid_red');
    expect([picture.width, picture.height]).toEqual([70, 50]);
    expect(picture.at(0, 0)[3]).toBe(0);
    // On the diagonal: outside, border, picture.
    expect(picture.at(4, 4)[3]).toBe(0);
    expect(distance(picture.at(8, 8), [255, 0, 0, 255])).toBeLessThan(10);
    expect(distance(picture.at(12, 12), [0, 0, 255, 255])).toBeLessThan(10);
    expect(distance(picture.at(35, 2), [255, 0, 0, 255])).toBe(0);
  });

  it('leaves no seam between curve and picture', async () => {
    const picture = await drawn(await plain(red, 80, 80), 'r_max,bo_8px_solid_red');
    const soft = (alpha = 0) => alpha > 6 && alpha < 249;
    let inside = 0;
    for (let y = 0; y < picture.height; y += 1) {
      for (let x = 0; x < picture.width; x += 1) {
        const away = Math.hypot(x + 0.5 - 48, y + 0.5 - 48);
        if (away < 46.5 && soft(picture.at(x, y)[3])) inside += 1;
      }
    }
    expect(inside).toBe(0);
  });

  it('leaves what was clear in the picture clear', async () => {
    const original = await from(paint(40, 40, (x) => [0, 0, 255, x < 20 ? 0 : 255]))
      .png()
      .toBuffer();
    const picture = await drawn(original, 'r_10,bo_4px_solid_red');
    expect(picture.at(14, 24)[3]).toBe(0);
    expect(distance(picture.at(2, 24), [255, 0, 0, 255])).toBe(0);
  });

  it('goes round every frame of an animation', async () => {
    const original = await animate(20, 20, [green, blue]).webp({ lossless: true }).toBuffer();
    const rendered = await draw(original, 'r_6,bo_4px_solid_red/f_webp,q_100');
    expect(rendered).toMatchObject({ width: 28, height: 28, frames: 2 });
    const picture = await decode(rendered.bytes);
    for (const top of [0, 28]) {
      expect(picture.at(0, top)[3]).toBeLessThan(20);
      expect(distance(picture.at(14, top + 1), [255, 0, 0, 255])).toBeLessThan(40);
    }
    expect(distance(picture.at(14, 14), [0, 255, 0, 255])).toBeLessThan(20);
    expect(distance(picture.at(14, 42), [0, 0, 255, 255])).toBeLessThan(20);
  });

  it('is multiplied by dpr', async () => {
    expect(await draw(await plain(blue), 'c_scale,w_50,bo_5px_solid_red,dpr_2.0')).toMatchObject({ width: 120 });
  });
});

describe('e_shadow', () => {
  it('falls to the side that x and y name, on a canvas with room for it', async () => {
    const rendered = await draw(await plain(blue), 'e_shadow:40,co_black,x_30,y_20');
    // 15 pixels of soft edge: nothing on the near side, 45 and 35 on the far one.
    expect([rendered.width, rendered.height]).toEqual([105, 75]);
    const picture = await decode(rendered.bytes);
    expect(distance(picture.at(0, 0), [0, 0, 255, 255])).toBe(0);
    expect(picture.at(60, 45)).toEqual(picture.at(61, 44).map((value, channel) => (channel < 3 ? 0 : value)));
    expect(picture.at(70, 48)[3]).toBeGreaterThan(200);
    expect(picture.at(104, 74)[3]).toBeLessThan(5);
    expect(picture.at(90, 5)[3]).toBeLessThan(30);
  });

  it('is a glow without offsets and hard at strength 0', async () => {
    const original = await plain(blue);
    expect(await draw(original, 'e_shadow:40')).toMatchObject({ width: 90, height: 70 });
    const hard = await drawn(original, 'e_shadow:0,co_rgb:00ff00,x_-10,y_5');
    expect([hard.width, hard.height]).toEqual([70, 45]);
    expect(hard.at(3, 30)).toEqual([0, 255, 0, 255]);
    expect(hard.at(3, 2)[3]).toBe(0);
    expect(hard.at(30, 2)).toEqual([0, 0, 255, 255]);
  });

  it('falls from rounded corners and lets a background show behind', async () => {
    const round = await drawn(await plain(blue), 'r_max/e_shadow:0,co_red,x_20');
    expect(round.at(79, 0)[3]).toBe(0);
    expect(round.at(76, 20)).toEqual([255, 0, 0, 255]);
    const filled = await draw(await plain(blue), 'r_max/e_shadow:0,co_red,x_20,b_white/f_jpg');
    expect(distance((await decode(filled.bytes)).at(79, 0), [255, 255, 255])).toBeLessThan(12);
  });
});

describe('b_blurred', () => {
  it('fills the canvas with the picture itself, blurred, and keeps the picture sharp', async () => {
    const original = await from(quarters(60, 60)).png().toBuffer();
    const picture = await drawn(original, 'c_pad,w_120,h_60,b_blurred:200');
    expect([picture.width, picture.height]).toEqual([120, 60]);
    expect(distance(picture.at(31, 2), red)).toBeLessThan(3);
    expect(distance(picture.at(88, 2), green)).toBeLessThan(3);
    // Covering 120 × 60, the middle of the picture lies behind: left of it red over yellow, softly.
    expect(picture.at(5, 5)[0]).toBeGreaterThan(200);
    const column = Array.from({ length: 60 }, (_, y) => picture.at(5, y)[1] ?? 0);
    expect(column.filter((value) => value > 20 && value < 235).length).toBeGreaterThan(8);
  });

  it('is darker or lighter as its brightness says', async () => {
    const original = await plain([100, 100, 100], 40, 40);
    const lights = await Promise.all(
      [-300, -150, 0, 50].map(async (brightness) => {
        const picture = await drawn(original, `c_pad,w_80,h_40,b_blurred:100:${brightness}`);
        expect(distance([picture.at(40, 20)[0] ?? 0], [100])).toBeLessThan(3);
        return picture.at(3, 20)[0] ?? 0;
      }),
    );
    for (const [index, expected] of [0, 50, 100, 150].entries()) {
      expect(Math.abs((lights[index] ?? 0) - expected)).toBeLessThanOrEqual(3);
    }
  });

  it('blurs each frame of an animation behind itself', async () => {
    const original = await animate(20, 20, [red, blue]).webp({ lossless: true }).toBuffer();
    const rendered = await draw(original, 'c_pad,w_40,h_20,b_blurred/f_webp,q_100');
    expect(rendered).toMatchObject({ width: 40, height: 20, frames: 2 });
    const picture = await decode(rendered.bytes);
    expect(distance(picture.at(3, 10), red)).toBeLessThan(12);
    expect(distance(picture.at(3, 30), blue)).toBeLessThan(12);
  });
});

describe('b_auto:predominant', () => {
  it('pads with the commonest colour of the whole picture', async () => {
    const original = await from(paint(60, 40, (x, y) => (x < 3 || y < 3 || x > 56 || y > 36 ? red : green)))
      .png()
      .toBuffer();
    expect(distance((await drawn(original, 'c_pad,w_100,h_40,b_auto:predominant')).at(2, 20), green)).toBeLessThan(3);
    expect(distance((await drawn(original, 'c_pad,w_100,h_40,b_auto')).at(2, 20), red)).toBeLessThan(3);
  });
});

describe('a_auto_left and a_auto_right', () => {
  it.each<[string, number, number, Pixel]>([
    ['a_auto_right,c_scale,w_20,h_40', 20, 40, [255, 255, 0]],
    ['a_auto_left,c_scale,w_20,h_40', 20, 40, green],
    ['a_auto_right,c_scale,w_40,h_20', 40, 20, red],
  ])('%s turns only where the wanted side is the other one', async (text, width, height, corner) => {
    const picture = await drawn(await from(quarters(80, 40)).png().toBuffer(), text);
    expect([picture.width, picture.height]).toEqual([width, height]);
    expect(distance(picture.at(2, 2), corner)).toBeLessThan(3);
  });
});

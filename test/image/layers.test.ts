import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  animate,
  blue,
  type Decoded,
  decode,
  distance,
  from,
  green,
  noise,
  type Pixel,
  paint,
  quarters,
  red,
  yellow,
} from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const plain = (colour: Pixel, width: number, height: number) =>
  from(paint(width, height, () => colour))
    .png()
    .toBuffer();

const layers = new Map<string, Buffer>();
let base = Buffer.alloc(0);
beforeAll(async () => {
  base = await plain(blue, 100, 60);
  layers.set('logo', await plain(red, 20, 10));
  layers.set('folder/logo', await from(quarters(20, 20)).png().toBuffer());
  layers.set('half', await plain([255, 0, 0, 128], 20, 10));
  layers.set('wide', await plain(green, 140, 20));
  layers.set('grey', await plain([128, 128, 128], 100, 60));
  layers.set('moving', await animate(20, 10, [red, green]).gif().toBuffer());
  layers.set('broken', (await from(noise(80, 80)).jpeg().toBuffer()).subarray(0, 2_000));
});

async function drawn(text: string, original: Buffer = base): Promise<Decoded> {
  return decode((await draw(original, text, { layers })).bytes);
}

function expectColour(picture: Decoded, [x, y]: readonly [number, number], colour: Pixel, tolerance = 3): void {
  expect(distance(picture.at(x, y), colour), `at ${x}, ${y}: ${picture.at(x, y)}`).toBeLessThanOrEqual(tolerance);
}

describe('a layer', () => {
  it('lies in the middle unless it is told where', async () => {
    const picture = await drawn('l_logo/fl_layer_apply');
    expect([picture.width, picture.height]).toEqual([100, 60]);
    for (const place of [
      [40, 25],
      [59, 34],
    ] as const)
      expectColour(picture, place, red);
    for (const place of [
      [39, 25],
      [60, 34],
      [50, 24],
      [50, 35],
    ] as const)
      expectColour(picture, place, blue);
  });

  it.each([
    ['l_logo/fl_layer_apply,g_north_west,x_5,y_7', 5, 7],
    ['l_logo/fl_layer_apply,g_south_east,x_5,y_7', 75, 43],
    ['l_logo/fl_layer_apply,x_10', 50, 25],
    ['l_logo,g_south_east,x_5', 75, 50],
    ['l_logo/fl_layer_apply,g_north_west,x_0.1,y_0.5', 10, 30],
  ])('%s begins at %i, %i', async (text, left, top) => {
    const picture = await drawn(text);
    expectColour(picture, [left, top], red);
    expectColour(picture, [left + 19, top + 9], red);
    if (top > 0) expectColour(picture, [left, top - 1], blue);
    expectColour(picture, [left - 1, top], blue);
  });

  it('is worked on by its own components, which leave the picture alone', async () => {
    const picture = await drawn('l_folder:logo/c_crop,g_south_west,w_10,h_10/e_negate/fl_layer_apply,g_north_west');
    // Yellow, negated.
    expectColour(picture, [5, 5], blue);
    const scaled = await drawn('l_folder:logo/c_scale,w_40/fl_layer_apply,g_north_west/c_scale,w_50');
    expect([scaled.width, scaled.height]).toEqual([50, 30]);
    expectColour(scaled, [3, 3], red, 10);
    expectColour(scaled, [17, 3], green, 10);
    expectColour(scaled, [3, 17], yellow, 10);
    expectColour(scaled, [25, 25], blue, 10);
  });

  it('is drawn on grey, clear and JPEG pictures in its own colours', async () => {
    const grey = await from(paint(60, 40, () => [90]))
      .png()
      .toBuffer();
    expectColour(await drawn('l_logo/fl_layer_apply/f_png', grey), [30, 20], red);
    const jpeg = await from(paint(60, 40, () => blue))
      .jpeg()
      .toBuffer();
    expectColour(await drawn('l_logo/fl_layer_apply/f_jpg,q_100:444', jpeg), [30, 20], red, 12);
    const clear = await plain([0, 0, 0, 0], 60, 40);
    const picture = await drawn('l_logo/fl_layer_apply', clear);
    expectColour(picture, [30, 20], [...red, 255]);
    expect(picture.at(2, 2)[3]).toBe(0);
  });

  it('may be faint, round and see-through', async () => {
    expectColour(await drawn('l_logo,o_50/fl_layer_apply'), [50, 30], [128, 0, 128], 2);
    expectColour(await drawn('l_half/fl_layer_apply'), [50, 30], [128, 0, 127], 2);
    const round = await drawn('l_logo,w_40,c_scale,r_max/fl_layer_apply');
    expectColour(round, [50, 30], red);
    expectColour(round, [31, 21], blue);
  });

  it.each([
    ['multiply', [64, 32, 0]],
    ['screen', [192, 160, 128]],
    ['overlay', [129, 64, 0]],
  ] as const)('blends by e_%s', async (blend, expected) => {
    const original = await plain([128, 64, 0], 100, 60);
    expectColour(await drawn(`l_grey/fl_layer_apply,e_${blend}`, original), [50, 30], expected, 2);
  });

  it('may have layers of its own', async () => {
    const text = 'l_logo/c_scale,w_60,h_40/l_folder:logo/c_scale,w_10/fl_layer_apply,g_north_west/fl_layer_apply';
    const picture = await drawn(text);
    expectColour(picture, [22, 12], red);
    expectColour(picture, [28, 12], green, 20);
    expectColour(picture, [60, 40], red);
    expectColour(picture, [10, 5], blue);
  });

  it('lies beneath the picture with u_', async () => {
    const window = await from(paint(100, 60, (x) => [0, 0, 255, x < 50 ? 255 : 0]))
      .png()
      .toBuffer();
    const picture = await drawn('u_grey/fl_layer_apply', window);
    expectColour(picture, [20, 30], [0, 0, 255, 255]);
    expectColour(picture, [80, 30], [128, 128, 128, 255]);
  });

  it('with u_ and shares of the picture fills what is behind it', async () => {
    const window = await plain([0, 0, 0, 0], 90, 30);
    const picture = await drawn('u_folder:logo,c_fill,w_1.0,h_1.0,fl_relative/fl_layer_apply,fl_no_overflow', window);
    expect([picture.width, picture.height]).toEqual([90, 30]);
    expectColour(picture, [10, 3], [...red, 255], 12);
    expectColour(picture, [80, 27], [...blue, 255], 12);
  });
});

describe('fl_relative', () => {
  it('measures the layer by the picture', async () => {
    const picture = await drawn('l_logo/fl_relative,w_0.5/fl_layer_apply');
    for (const place of [
      [25, 18],
      [74, 41],
    ] as const)
      expectColour(picture, place, red);
    for (const place of [
      [24, 30],
      [75, 30],
      [50, 16],
      [50, 43],
    ] as const)
      expectColour(picture, place, blue);
  });

  it('is not needed for shares of the layer itself', async () => {
    const picture = await drawn('l_logo/c_scale,w_0.5/fl_layer_apply');
    expectColour(picture, [45, 28], red);
    expectColour(picture, [43, 30], blue);
    expectColour(picture, [56, 30], blue);
  });
});

describe('a layer that reaches beyond the picture', () => {
  it('enlarges the canvas', async () => {
    const rendered = await draw(base, 'l_wide/fl_layer_apply', { layers });
    expect([rendered.width, rendered.height]).toEqual([140, 60]);
    const picture = await decode(rendered.bytes);
    expectColour(picture, [2, 30], [...green, 255]);
    expect(picture.at(2, 2)[3]).toBe(0);
    expectColour(picture, [21, 2], [...blue, 255]);
  });

  it('is cut off with fl_no_overflow', async () => {
    const rendered = await draw(base, 'l_wide/fl_layer_apply,fl_no_overflow', { layers });
    expect([rendered.width, rendered.height]).toEqual([100, 60]);
    const picture = await decode(rendered.bytes);
    expectColour(picture, [0, 30], green);
    expectColour(picture, [99, 30], green);
    expectColour(picture, [50, 10], blue);
  });

  it('is not there when it lies wholly outside', async () => {
    const picture = await drawn('l_logo/fl_layer_apply,fl_no_overflow,g_north_west,x_-30');
    expectColour(picture, [2, 2], blue);
  });

  it('may not outgrow the limits', async () => {
    const away = draw(base, 'l_logo/fl_layer_apply,g_north_west,x_60000', { layers });
    await expect(away).rejects.toMatchObject({ kind: 'too_large' });
  });
});

describe('fl_tiled', () => {
  it('repeats the layer from where it is placed', async () => {
    const picture = await drawn('l_folder:logo/fl_layer_apply,fl_tiled,g_north_west,x_5,y_5');
    expect([picture.width, picture.height]).toEqual([100, 60]);
    for (const [x, y] of [
      [5, 5],
      [25, 5],
      [85, 45],
    ] as const) {
      expectColour(picture, [x + 1, y + 1], red);
      expectColour(picture, [x + 11, y + 1], green);
      expectColour(picture, [x + 1, y + 11], yellow);
    }
    // The one before, cut off at the edge.
    expectColour(picture, [2, 7], green);
    expectColour(picture, [2, 2], blue);
  });
});

describe('layers and animations', () => {
  const movie = () => animate(40, 20, [blue, yellow]).webp({ lossless: true }).toBuffer();

  it('put the layer on every frame', async () => {
    const rendered = await draw(await movie(), 'l_logo/fl_layer_apply,g_north_west,x_2,y_3/f_webp,q_100', { layers });
    expect(rendered).toMatchObject({ width: 40, height: 20, frames: 2 });
    const picture = await decode(rendered.bytes);
    for (const top of [0, 20]) {
      expectColour(picture, [10, top + 6], red, 25);
      expectColour(picture, [18, top + 9], red, 40);
    }
    expectColour(picture, [35, 17], blue, 25);
    expectColour(picture, [35, 37], yellow, 25);
  });

  it('tile every frame alike', async () => {
    const rendered = await draw(
      await movie(),
      'l_logo,c_scale,w_10/fl_layer_apply,fl_tiled,g_north_west/f_webp,q_100',
      {
        layers,
      },
    );
    expect(rendered).toMatchObject({ width: 40, height: 20, frames: 2 });
    expectColour(await decode(rendered.bytes), [38, 18], red, 25);
  });

  it('show the first frame of a layer that moves', async () => {
    const rendered = await draw(base, 'l_moving/fl_layer_apply', { layers });
    expect(rendered).toMatchObject({ width: 100, height: 60, frames: 1 });
    expectColour(await decode(rendered.bytes), [50, 30], red, 10);
  });
});

describe('a layer that cannot be drawn', () => {
  it('is the reason that is given', async () => {
    await expect(draw(base, 'l_broken/fl_layer_apply', { layers })).rejects.toMatchObject({
      kind: 'corrupt',
      message: expect.stringContaining('layer'),
    });
    const text = new Map([['logo', Buffer.from('no picture')]]);
    await expect(draw(base, 'l_logo/fl_layer_apply', { layers: text })).rejects.toMatchObject({ kind: 'unsupported' });
  });
});

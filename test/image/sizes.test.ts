import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
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
  yellow,
} from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const white: Pixel = [255, 255, 255];
let wide: Buffer;
let transparent: Buffer;
beforeAll(async () => {
  wide = await from(quarters(300, 200)).png().toBuffer();
  transparent = await from(paint(40, 40, (x) => (x < 20 ? [...red, 255] : [...red, 0])))
    .png()
    .toBuffer();
});

async function drawn(original: Uint8Array, text: string): Promise<Decoded> {
  return decode((await draw(original, text)).bytes);
}

function expectPixel(picture: Decoded, x: number, y: number, colour: Pixel): void {
  expect(distance(picture.at(x, y), colour), `(${x}, ${y}) is ${picture.at(x, y)}`).toBeLessThanOrEqual(6);
}

describe('a picture of 300 × 200 comes out as', () => {
  it.each([
    ['w_120', 120, 80],
    ['c_scale,w_100,h_100', 100, 100],
    ['c_fit,w_100,h_100', 100, 67],
    ['c_fit,w_600,h_600', 600, 400],
    ['c_limit,w_600,h_600', 300, 200],
    ['c_mfit,w_600', 600, 400],
    ['c_fill,w_100,h_100', 100, 100],
    ['c_fill,w_800,h_400', 800, 400],
    ['c_lfill,w_800,h_100', 300, 100],
    ['c_pad,w_100,h_100', 100, 100],
    ['c_lpad,w_400,h_400', 400, 400],
    ['c_crop,w_50,h_60', 50, 60],
    ['c_crop,w_5000,h_60', 300, 60],
    ['c_thumb,g_face,w_100,h_100', 100, 100],
    ['c_fill,g_auto,w_100,h_100', 100, 100],
    ['c_fill,g_auto,w_400,h_400', 400, 400],
    ['c_crop,g_auto,w_50,h_60', 50, 60],
    ['ar_1:1', 200, 200],
    ['w_0.5', 150, 100],
    ['a_90', 200, 300],
    ['a_45', 354, 354],
    ['a_10', 330, 249],
    ['c_crop,w_200,h_200/r_max/c_scale,w_100', 100, 100],
    ['c_fill,w_96,h_60/c_limit,w_48', 48, 30],
    ['c_fill,w_30,h_30/c_pad,w_40,h_30', 40, 30],
    ['w_100/a_90/w_100', 100, 149],
  ])('%s: %i × %i', async (text, width, height) => {
    const rendered = await draw(wide, text);
    expect([rendered.width, rendered.height]).toEqual([width, height]);
    const picture = await decode(rendered.bytes);
    expect([picture.width, picture.height]).toEqual([width, height]);
  });
});

describe('a cut keeps', () => {
  it.each([
    ['c_crop,g_north_west,w_20,h_20', red],
    ['c_crop,g_north_east,w_20,h_20', green],
    ['c_crop,g_south_east,w_20,h_20', blue],
    ['c_crop,g_south_west,w_20,h_20', yellow],
    ['c_crop,x_160,y_10,w_20,h_20', green],
    ['c_crop,g_xy_center,x_60,y_160,w_20,h_20', yellow],
    ['c_fill,g_north_east,w_20,h_20/c_crop,g_north_east,w_5,h_5', green],
    ['c_fill,g_south_west,w_900,h_300/c_crop,g_south_west,w_5,h_5', yellow],
    ['c_fill,g_north_west,w_900,h_300/c_crop,g_north_west,w_5,h_5', red],
    ['c_thumb,g_face,w_100,h_50/c_crop,g_north_west,w_5,h_5', red],
  ])('what %s names', async (text, colour) => {
    const picture = await drawn(wide, text);
    expectPixel(picture, Math.floor(picture.width / 2), Math.floor(picture.height / 2), colour);
  });

  it('exactly the middle where nothing is named', async () => {
    const picture = await drawn(wide, 'c_crop,w_20,h_20');
    expectPixel(picture, 2, 2, red);
    expectPixel(picture, 17, 2, green);
    expectPixel(picture, 17, 17, blue);
    expectPixel(picture, 2, 17, yellow);
  });

  it.each([
    'c_fill,g_auto,w_60,h_100',
    'c_crop,g_auto,w_60,h_60',
    'c_fill,g_auto,w_120,h_200',
    'c_thumb,g_auto,w_50,h_100',
  ])('what draws the eye: %s', async (text) => {
    // One saturated patch in a gray plain.
    const plain = await from(
      paint(300, 100, (x, y) => (x > 240 && x < 280 && y > 30 && y < 70 ? red : [128, 128, 128])),
    )
      .png()
      .toBuffer();
    const picture = await drawn(plain, text);
    const row = Array.from({ length: picture.width }, (_, x) => picture.at(x, Math.floor(picture.height / 2)));
    expect(row.some((pixel) => distance(pixel, red) < 60)).toBe(true);
  });
});

describe('a canvas', () => {
  it.each([
    ['b_rgb:102030', 'f_png', [16, 32, 48]],
    ['b_rgb:102030', 'f_jpg', [16, 32, 48]],
    ['', 'f_png', white],
    ['', 'f_jpg', white],
    ['b_auto', 'f_png', red],
  ] as const)('with %s and %s is filled with %j', async (background, format, colour) => {
    const mostlyRed = await from(paint(60, 20, (x) => (x > 50 ? blue : red)))
      .png()
      .toBuffer();
    const picture = await drawn(mostlyRed, `c_pad,w_40,h_40${background && `,${background}`}/${format}`);
    expectPixel(picture, 2, 2, colour);
    expectPixel(picture, 37, 37, colour);
    expectPixel(picture, 10, 20, red);
  });

  it('of the predominant colour takes it from the whole picture', async () => {
    const framed = await from(paint(60, 30, (x, y) => (x < 2 || x > 57 || y < 2 || y > 27 ? blue : green)))
      .png()
      .toBuffer();
    expectPixel(await drawn(framed, 'c_pad,w_60,h_60,b_auto:predominant'), 2, 2, green);
    expectPixel(await drawn(framed, 'c_pad,w_60,h_60,b_auto:border'), 2, 2, blue);
  });

  it('stays transparent round a picture that is, and is white in JPEG', async () => {
    const png = await drawn(transparent, 'c_pad,w_80,h_40');
    expect(png.at(2, 20)[3]).toBe(0);
    expectPixel(await drawn(transparent, 'c_pad,w_80,h_40,f_jpg'), 2, 20, white);
  });

  it('of a colour fills what is transparent in the picture too', async () => {
    const picture = await drawn(transparent, 'c_pad,w_80,h_40,b_rgb:0000ff');
    expectPixel(picture, 2, 20, blue);
    expectPixel(picture, 50, 20, blue);
    expectPixel(picture, 25, 20, red);
  });

  it.each([
    ['g_north_west', 0, 0],
    ['g_east', 20, 10],
    ['g_south', 10, 20],
  ])('has the picture where %s says', async (gravity, left, top) => {
    const patch = await from(paint(20, 20, () => red))
      .png()
      .toBuffer();
    const picture = await drawn(patch, `c_lpad,w_40,h_40,${gravity},b_white`);
    expectPixel(picture, left + 10, top + 10, red);
    expectPixel(picture, left === 0 ? 30 : 2, top === 20 ? 5 : 35, white);
  });
});

describe('turns', () => {
  it.each([
    ['a_90', [yellow, red, green, blue]],
    ['a_180', [blue, yellow, red, green]],
    ['a_-90', [green, blue, yellow, red]],
    ['a_hflip', [green, red, yellow, blue]],
    ['a_vflip', [yellow, blue, green, red]],
    ['a_90.hflip', [red, yellow, blue, green]],
    ['a_auto_right,c_fill,w_100,h_200', [yellow, red, green, blue]],
  ])('%s puts the corners right', async (text, corners) => {
    const picture = await drawn(wide, text);
    const { width, height } = picture;
    const places = [
      [3, 3],
      [width - 4, 3],
      [width - 4, height - 4],
      [3, height - 4],
    ] as const;
    for (const [index, [x, y]] of places.entries()) expectPixel(picture, x, y, corners[index] ?? white);
  });

  it('by a free angle leave clear corners, or white ones in JPEG, or what b_ says', async () => {
    expect((await drawn(wide, 'a_45')).at(2, 2)[3]).toBe(0);
    expectPixel(await drawn(wide, 'a_45,f_jpg'), 2, 2, white);
    expectPixel(await drawn(wide, 'a_45,b_rgb:00ff00,f_png'), 2, 2, green);
  });
});

describe('rounded corners', () => {
  it('of r_max are an ellipse', async () => {
    const picture = await drawn(wide, 'r_max');
    expect(picture.at(0, 0)[3]).toBe(0);
    expect(picture.at(299, 199)[3]).toBe(0);
    expect(picture.at(150, 100)[3]).toBe(255);
    expect(picture.at(150, 1)[3]).toBe(255);
    // 30° round the ellipse: just inside and just outside.
    const at = (share: number) =>
      picture.at(Math.floor(150 + 150 * 0.866 * share), Math.floor(100 + 100 * 0.5 * share))[3];
    expect(at(0.97)).toBe(255);
    expect(at(1.03)).toBe(0);
  });

  it('have soft edges', async () => {
    const picture = await drawn(wide, 'r_40');
    const soft = Array.from({ length: 40 }, (_, x) => picture.at(x, 8)[3] ?? 0).filter(
      (alpha) => alpha > 0 && alpha < 255,
    );
    expect(soft.length).toBeGreaterThan(0);
  });

  it('may differ, clockwise from the top left', async () => {
    const picture = await drawn(wide, 'r_20:0:60:0');
    const alphas = [picture.at(0, 0), picture.at(299, 0), picture.at(299, 199), picture.at(0, 199)].map(
      (pixel) => pixel[3],
    );
    expect(alphas).toEqual([0, 255, 0, 255]);
    expect(picture.at(299 - 12, 199 - 12)[3]).toBe(0);
    expect(picture.at(12, 12)[3]).toBe(255);
  });

  it('are never wider than the picture', async () => {
    const picture = await drawn(wide, 'r_5000');
    expect(picture.at(0, 0)[3]).toBe(0);
    expect(picture.at(150, 100)[3]).toBe(255);
    expect(picture.at(150, 0)[3]).toBe(255);
  });

  it('are white in JPEG, or what b_ says', async () => {
    expectPixel(await drawn(wide, 'r_max,f_jpg'), 1, 1, white);
    expectPixel(await drawn(wide, 'r_max,b_rgb:00ff00,f_jpg'), 1, 1, green);
  });
});

it('an original that goes through unchanged keeps every pixel', async () => {
  const picture = await drawn(wide, 'f_png');
  for (const [x, y] of [
    [0, 0],
    [149, 99],
    [150, 99],
    [299, 199],
  ] as const) {
    expect(picture.at(x, y)).toEqual([...quarters(300, 200).data.subarray((y * 300 + x) * 3, (y * 300 + x) * 3 + 3)]);
  }
});

import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
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
} from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const edge = () =>
  from(paint(80, 40, (x) => (x < 40 ? [40, 40, 40] : [200, 200, 200])))
    .png()
    .toBuffer();

async function drawn(original: Uint8Array, text: string): Promise<Decoded> {
  return decode((await draw(original, text)).bytes);
}

/** How far a row's brightness reaches from an edge in the middle: the number of columns that are neither side. */
function softness(picture: Decoded): number {
  return Array.from({ length: picture.width }, (_, x) => picture.at(x, 20)[0] ?? 0).filter(
    (value) => value > 45 && value < 195,
  ).length;
}

describe('e_blur', () => {
  it('softens edges, the more the stronger it is', async () => {
    const original = await edge();
    const strengths = [1, 50, 100, 300, 1_000];
    const soft = await Promise.all(
      strengths.map(async (strength) => softness(await drawn(original, `e_blur:${strength}`))),
    );
    for (const [index, value] of soft.entries()) expect(value).toBeGreaterThanOrEqual(soft[index - 1] ?? 0);
    expect(soft.at(-1)).toBeGreaterThan(40);
    expect(softness(await drawn(original, 'f_png'))).toBe(0);
  });

  it('takes its largest strength', async () => {
    expect(await draw(await edge(), 'e_blur:2000')).toMatchObject({ width: 80, height: 40 });
  });

  it('does not let the frames of an animation run into each other', async () => {
    const original = await animate(16, 16, [
      [255, 255, 255],
      [0, 0, 0],
    ])
      .webp({ lossless: true })
      .toBuffer();
    const picture = await drawn(original, 'e_blur:400');
    expect(picture.at(8, 15)[0]).toBeGreaterThan(250);
    expect(picture.at(8, 16)[0]).toBeLessThan(5);
  });
});

describe('e_grayscale', () => {
  it('takes the colour out', async () => {
    const picture = await drawn(await from(quarters(40, 40)).png().toBuffer(), 'e_grayscale/f_jpg');
    for (const [x, y] of [
      [5, 5],
      [35, 5],
      [35, 35],
      [5, 35],
    ] as const) {
      const [first = 0, ...others] = picture.at(x, y);
      for (const value of others) expect(Math.abs(value - first)).toBeLessThanOrEqual(2);
    }
    expect(picture.at(35, 5)[0]).toBeGreaterThan((picture.at(35, 35)[0] ?? 0) + 40);
  });

  it('takes the canvas with it in the same component', async () => {
    const picture = await drawn(await from(quarters(40, 20)).png().toBuffer(), 'c_pad,w_40,h_40,b_red,e_grayscale');
    const [red = 0, green = 255] = picture.at(20, 2);
    expect(red).toBe(picture.channels < 3 ? red : green);
    expect(red).toBeLessThan(200);
  });
});

describe('e_sharpen', () => {
  it('raises edges, the more the stronger it is', async () => {
    const original = await edge();
    const depths = await Promise.all(
      [1, 100, 800].map(async (strength) => (await drawn(original, `e_sharpen:${strength}`)).at(38, 20)[0] ?? 255),
    );
    expect(depths[0]).toBeGreaterThanOrEqual(38);
    expect(depths[1]).toBeLessThan(depths[0] ?? 0);
    expect(depths[2]).toBeLessThan(depths[1] ?? 0);
  });
});

describe('e_pixelate', () => {
  it('draws squares of one colour, of the size asked for', async () => {
    const picture = await drawn(await from(noise(50, 34)).png().toBuffer(), 'e_pixelate:10');
    expect([picture.width, picture.height]).toEqual([50, 34]);
    expect(picture.at(0, 0)).toEqual(picture.at(9, 9));
    expect(picture.at(40, 30)).toEqual(picture.at(49, 33));
    expect(picture.at(9, 9)).not.toEqual(picture.at(10, 9));
  });

  it('gives each square its mean', async () => {
    const halves = await from(paint(20, 20, (x) => (x < 5 ? [0, 0, 0] : x < 10 ? [200, 200, 200] : [50, 50, 50])))
      .png()
      .toBuffer();
    const picture = await drawn(halves, 'e_pixelate:10');
    expect(distance(picture.at(2, 2), [100, 100, 100])).toBeLessThan(25);
    expect(distance(picture.at(15, 15), [50, 50, 50])).toBeLessThan(25);
  });

  it('wider than the picture leaves one colour', async () => {
    const picture = await drawn(await from(noise(50, 34)).png().toBuffer(), 'e_pixelate:2000');
    expect(picture.at(0, 0)).toEqual(picture.at(49, 33));
  });
});

describe('e_trim', () => {
  const framed = () =>
    from(paint(60, 40, (x, y) => (x >= 10 && x < 40 && y >= 5 && y < 25 ? blue : [250, 250, 250])))
      .png()
      .toBuffer();

  it('cuts away a border of one colour', async () => {
    const rendered = await draw(await framed(), 'e_trim');
    expect([rendered.width, rendered.height]).toEqual([30, 20]);
    expect(distance((await decode(rendered.bytes)).at(0, 0), blue)).toBeLessThan(5);
  });

  it('lets later sizes go by what is left', async () => {
    const rendered = await draw(await framed(), 'e_trim/c_scale,w_0.5');
    expect([rendered.width, rendered.height]).toEqual([15, 10]);
  });

  it('takes the colour that is named', async () => {
    const original = await framed();
    expect(await draw(original, 'e_trim:10:rgb:fafafa')).toMatchObject({ width: 30, height: 20 });
    expect(await draw(original, 'e_trim:10:rgb:00ff00')).toMatchObject({ width: 60, height: 40 });
  });

  it('leaves a picture of one colour, or of one pixel, as it is', async () => {
    const plain = await from(paint(20, 10, () => red))
      .png()
      .toBuffer();
    expect(await draw(plain, 'e_trim')).toMatchObject({ width: 20, height: 10 });
    const dot = await from(paint(1, 1, () => red))
      .png()
      .toBuffer();
    expect(await draw(dot, 'e_trim')).toMatchObject({ width: 1, height: 1 });
  });

  it('checks again what comes out: a sliver enlarged past the limits', async () => {
    const sliver = await from(paint(200, 200, (x) => (x > 99 && x < 103 ? green : [0, 0, 0])))
      .png()
      .toBuffer();
    expect(await draw(sliver, 'e_trim')).toMatchObject({ width: 3, height: 200 });
    await expect(draw(sliver, 'e_trim/w_400')).rejects.toMatchObject({ kind: 'too_large' });
  });

  it('cuts all frames of an animation alike', async () => {
    const frame = (colour: readonly number[]) =>
      paint(20, 20, (x, y) => (x > 4 && x < 15 && y > 4 && y < 15 ? colour : [0, 0, 0]));
    const frames = [frame(red), frame(green)];
    const strip = { width: 20, height: 40, channels: 3, data: Buffer.concat(frames.map(({ data }) => data)) } as const;
    const original = await animateStrip(strip).webp({ lossless: true }).toBuffer();
    expect(await draw(original, 'e_trim')).toMatchObject({ width: 10, height: 10, frames: 2 });
  });
});

function animateStrip({ data, width, height, channels }: { data: Buffer; width: number; height: number; channels: 3 }) {
  return sharp(data, { raw: { width, height, channels, pageHeight: height / 2 }, animated: true });
}

describe('o_', () => {
  it('makes a picture see-through', async () => {
    const picture = await drawn(await from(quarters(20, 20)).png().toBuffer(), 'o_30');
    expect(picture.at(2, 2)[3]).toBe(77);
    expect(distance(picture.at(2, 2), red)).toBeLessThan(4);
  });
});

describe('e_outline', () => {
  /** A disc of 40 across in the middle of a clear picture of 80. */
  const disc = () =>
    from(paint(80, 80, (x, y) => [0, 0, 255, Math.hypot(x - 39.5, y - 39.5) < 20 ? 255 : 0]))
      .png()
      .toBuffer();
  const orange: Pixel = [255, 165, 0, 255];

  it('runs along both sides of the shape, so many pixels wide', async () => {
    const picture = await drawn(await disc(), 'e_outline:6,co_orange/f_png');
    expect([picture.width, picture.height]).toEqual([80, 80]);
    for (const x of [15, 18, 21, 24]) expect(distance(picture.at(x, 40), orange), `${x}`).toBeLessThan(4);
    for (const x of [28, 40]) expect(distance(picture.at(x, 40), [0, 0, 255, 255])).toBeLessThan(4);
    expect(picture.at(11, 40)[3]).toBe(0);
  });

  it('keeps to one side, or fills, where it is told so', async () => {
    const at = async (text: string) => {
      const picture = await drawn(await disc(), `${text},co_orange/f_png`);
      return [16, 23, 40].map((x) =>
        picture.at(x, 40)[3] === 0 ? 'clear' : picture.at(x, 40)[2] === 0 ? 'colour' : 'picture',
      );
    };
    expect(await at('e_outline:inner:6')).toEqual(['clear', 'colour', 'picture']);
    expect(await at('e_outline:outer:6')).toEqual(['colour', 'picture', 'picture']);
    expect(await at('e_outline:inner_fill:6')).toEqual(['clear', 'colour', 'colour']);
    expect(await at('e_outline:fill:6')).toEqual(['colour', 'colour', 'colour']);
  });

  it('runs along the edges of a picture that is nowhere clear', async () => {
    const picture = await drawn(await edge(), 'e_outline:4,co_orange/f_png');
    expect(distance(picture.at(2, 20), [255, 165, 0])).toBeLessThan(4);
    expect(distance(picture.at(40, 37), [255, 165, 0])).toBeLessThan(4);
    expect(distance(picture.at(8, 20), [40, 40, 40])).toBeLessThan(4);
  });

  it('is black unless it has a colour, and soft where it is told so', async () => {
    const sharpEdge = await drawn(await disc(), 'e_outline:outer:6/f_png');
    expect(distance(sharpEdge.at(16, 40), [0, 0, 0, 255])).toBeLessThan(4);
    const soft = await drawn(await disc(), 'e_outline:outer:6:200/f_png');
    expect(soft.at(10, 40)[3]).toBeGreaterThan(0);
    expect(soft.at(16, 40)[3]).toBeLessThan(250);
  });
});

describe('e_gradient_fade', () => {
  const opacities = async (text: string, places: readonly (readonly [number, number])[]) => {
    const picture = await drawn(await from(quarters(100, 100)).png().toBuffer(), `${text}/f_png`);
    return places.map(([x, y]) => picture.at(x, y)[3] ?? 255);
  };

  it('fades from the top to the middle, or from where it is told', async () => {
    const [top = 0, quarter = 0, below = 0] = await opacities('e_gradient_fade', [
      [50, 0],
      [50, 25],
      [50, 60],
    ]);
    expect(top).toBeLessThan(6);
    expect(Math.abs(quarter - 130)).toBeLessThan(4);
    expect(below).toBe(255);
    expect(
      await opacities('e_gradient_fade,x_-0.2', [
        [99, 50],
        [70, 50],
        [50, 0],
      ]),
    ).toEqual([6, 255, 255]);
    expect(
      await opacities('e_gradient_fade,y_10', [
        [50, 12],
        [50, 95],
      ]),
    ).toEqual([255, 255]);
    const both = await opacities('e_gradient_fade:symmetric,x_0.3', [
      [1, 50],
      [98, 50],
      [50, 50],
    ]);
    expect(both[0]).toBe(both[1]);
    expect(both[2]).toBe(255);
  });

  it('fades more the stronger it is', async () => {
    const strengths = [0, 5, 20, 60, 100];
    const left = await Promise.all(strengths.map((strength) => opacities(`e_gradient_fade:${strength}`, [[50, 25]])));
    expect(left.flat()).toEqual(left.flat().toSorted((one, other) => other - one));
    expect(left[0]).toEqual([255]);
  });
});

describe('e_make_transparent', () => {
  it('clears what is like the edges and joined to them, and nothing else', async () => {
    const inBox = (x: number, y: number) => x >= 20 && x < 60 && y >= 20 && y < 60;
    const inHole = (x: number, y: number) => x >= 35 && x < 45 && y >= 35 && y < 45;
    const original = await from(
      paint(80, 80, (x, y) => (inBox(x, y) && !inHole(x, y) ? [200, 20, 20] : [240 + (x % 8), 245, 240])),
    )
      .png()
      .toBuffer();
    const picture = await drawn(original, 'e_make_transparent/f_png');
    expect([picture.at(2, 2)[3], picture.at(70, 40)[3]]).toEqual([0, 0]);
    expect([picture.at(25, 25)[3], picture.at(40, 40)[3]]).toEqual([255, 255]);
    const flat = await drawn(original, 'e_make_transparent/f_jpg');
    expect(distance(flat.at(2, 2), [255, 255, 255])).toBeLessThan(6);
    const all = await drawn(original, 'e_make_transparent:100/f_png');
    expect(all.at(25, 25)[3]).toBe(0);
  });
});

describe('e_oil_paint', () => {
  it('takes away what is smaller than its brush, and keeps edges', async () => {
    const original = await from(
      paint(60, 40, (x, y) => (x % 7 === 3 && y % 7 === 3 ? [255, 255, 255] : x < 30 ? [40, 40, 40] : [200, 200, 200])),
    )
      .png()
      .toBuffer();
    const picture = await drawn(original, 'e_oil_paint:50');
    expect(distance(picture.at(10, 10), [40, 40, 40])).toBeLessThan(4);
    expect(distance(picture.at(29, 20), [40, 40, 40])).toBeLessThan(4);
    expect(distance(picture.at(31, 20), [200, 200, 200])).toBeLessThan(16);
    expect(distance((await drawn(original, 'e_oil_paint:0')).at(10, 10), [255, 255, 255])).toBeLessThan(4);
  });
});

describe('e_cartoonify', () => {
  it('draws lines where lights change, the darker the stronger it is, and few shades', async () => {
    const darkest = async (text: string) => {
      const picture = await drawn(await edge(), text);
      return Math.min(...Array.from({ length: 80 }, (_, x) => picture.at(x, 20)[0] ?? 0));
    };
    expect(await darkest('e_cartoonify:100:bw')).toBeLessThan(40);
    expect(await darkest('e_cartoonify:0:bw')).toBe(255);
    const steps = await drawn(
      await from(paint(200, 20, (x) => [x, x, x]))
        .png()
        .toBuffer(),
      'e_cartoonify:0:100/f_png',
    );
    expect(new Set(Array.from({ length: 200 }, (_, x) => steps.at(x, 10)[0])).size).toBeLessThanOrEqual(5);
  });
});

describe('e_shear', () => {
  it('moves rows across, on a canvas that holds all of it', async () => {
    const original = await from(paint(100, 50, () => [0, 0, 255]))
      .png()
      .toBuffer();
    const picture = await drawn(original, 'e_shear:45:0/f_png');
    expect([picture.width, picture.height]).toEqual([150, 50]);
    expect(picture.at(2, 48)[3]).toBe(0);
    expect(distance(picture.at(10, 2), [0, 0, 255, 255])).toBeLessThan(4);
    expect(distance(picture.at(140, 47), [0, 0, 255, 255])).toBeLessThan(4);
    expect(picture.at(140, 2)[3]).toBe(0);
    const back = await drawn(original, 'e_shear:0:-45/f_png');
    expect([back.width, back.height]).toEqual([100, 150]);
    expect(back.at(2, 2)[3]).toBe(0);
    expect((await drawn(original, 'e_shear:45:0/f_jpg')).at(140, 2)).toEqual([255, 255, 255]);
  });

  it.each(['e_shear:90:0', 'e_shear:45:45', 'e_shear:1:2:3', 'e_shear:a:0'])(
    'that leaves no picture is refused: %s',
    async (text) => {
      await expect(drawn(await edge(), text)).rejects.toThrow('two angles in degrees');
    },
  );
});

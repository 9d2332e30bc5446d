import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { animate, decode, distance, from, type Pixel, paint } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

// A colour that a URL names is sRGB, and shows as that beside any picture: grey, deep, of another profile.

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const named: Pixel = [200, 60, 60];
const [width, height] = [80, 60];
const grey: Pixel = [90];

const layers = new Map<string, Buffer>();
beforeAll(async () => {
  layers.set(
    'logo',
    await from(paint(20, 10, () => named))
      .png()
      .toBuffer(),
  );
  layers.set(
    'half',
    await from(paint(20, 10, () => [...named, 128]))
      .png()
      .toBuffer(),
  );
});

/** A window of nothing in the middle of the left half. */
const withWindow = (colour: Pixel) =>
  paint(width, height, (x, y) => [...colour, x >= 10 && x < 30 && y >= 20 && y < 40 ? 0 : 255]);
const plain = (colour: Pixel) => paint(width, height, () => colour);

/** The same pixels with 16 bits a channel. */
const deep = (picture: ReturnType<typeof paint>, space: 'grey16' | 'rgb16') =>
  sharp(
    Uint16Array.from(picture.data, (value) => value * 257),
    {
      raw: { width: picture.width, height: picture.height, channels: picture.channels },
    },
  ).toColourspace(space);

interface Original {
  readonly name: string;
  readonly make: () => Promise<Buffer>;
  readonly hasWindow?: boolean;
}

const gray8 = (picture: ReturnType<typeof paint>) => from(picture).toColourspace('b-w');

const originals: readonly Original[] = [
  { name: 'a grey JPEG', make: () => gray8(plain(grey)).jpeg({ quality: 100 }).toBuffer() },
  { name: 'a grey PNG', make: () => gray8(plain(grey)).png().toBuffer() },
  { name: 'a grey PNG with alpha', make: () => gray8(withWindow(grey)).png().toBuffer(), hasWindow: true },
  { name: 'a grey PNG of 16 bits', make: () => deep(plain(grey), 'grey16').png().toBuffer() },
  {
    name: 'a grey PNG of 16 bits with alpha',
    make: () => deep(withWindow(grey), 'grey16').png().toBuffer(),
    hasWindow: true,
  },
  {
    name: 'a grey GIF',
    make: () =>
      animate(width, height, [[90, 90, 90]])
        .gif()
        .toBuffer(),
  },
  {
    name: 'a moving grey GIF',
    make: () =>
      animate(width, height, [
        [90, 90, 90],
        [120, 120, 120],
      ])
        .gif()
        .toBuffer(),
  },
  { name: 'a grey TIFF', make: () => gray8(plain(grey)).tiff().toBuffer() },
  { name: 'a grey TIFF that counts from white', make: () => gray8(plain(grey)).tiff({ miniswhite: true }).toBuffer() },
  {
    name: 'a TIFF of one bit',
    make: () =>
      gray8(plain([255]))
        .tiff({ bitdepth: 1 })
        .toBuffer(),
  },
  {
    name: 'a PNG of 16 bits',
    make: () =>
      deep(plain([90, 120, 150]), 'rgb16')
        .png()
        .toBuffer(),
  },
  {
    name: 'a PNG of 16 bits with alpha',
    make: () =>
      deep(withWindow([90, 120, 150]), 'rgb16')
        .png()
        .toBuffer(),
    hasWindow: true,
  },
  ...(['srgb', 'p3'] as const).flatMap((profile): Original[] => [
    {
      name: `a PNG of 16 bits in ${profile}`,
      make: () =>
        deep(plain([90, 120, 150]), 'rgb16')
          .withIccProfile(profile)
          .png()
          .toBuffer(),
    },
    {
      name: `a PNG of 16 bits in ${profile} with alpha`,
      make: () =>
        deep(withWindow([90, 120, 150]), 'rgb16')
          .withIccProfile(profile)
          .png()
          .toBuffer(),
      hasWindow: true,
    },
    {
      name: `a TIFF of 16 bits in ${profile}`,
      make: () =>
        deep(plain([90, 120, 150]), 'rgb16')
          .withIccProfile(profile)
          .tiff()
          .toBuffer(),
    },
    {
      name: `a PNG of 8 bits in ${profile}`,
      make: () =>
        from(withWindow([90, 120, 150]))
          .withIccProfile(profile)
          .png()
          .toBuffer(),
      hasWindow: true,
    },
    {
      name: `a grey PNG of 16 bits in ${profile}`,
      make: () => deep(plain(grey), 'grey16').withIccProfile(profile).png().toBuffer(),
    },
  ]),
  {
    name: 'a CMYK JPEG',
    make: () =>
      from(plain([90, 120, 150]))
        .toColourspace('cmyk')
        .jpeg()
        .toBuffer(),
  },
  {
    name: 'an AVIF of 10 bits',
    make: () =>
      from(plain([90, 120, 150]))
        .avif({ bitdepth: 10 })
        .toBuffer(),
  },
];

/** What puts a colour somewhere, and where it is to be seen then. */
interface Ask {
  readonly text: string;
  readonly at: readonly [x: number, y: number];
  readonly colour?: Pixel;
  readonly tolerance?: number;
}

const b = 'b_rgb:c83c3c';
const asks: readonly Ask[] = [
  { text: `c_pad,w_100,h_60,${b},f_png`, at: [2, 30] },
  { text: `c_pad,w_80,h_30,${b},f_png`, at: [2, 15] },
  { text: `c_pad,w_80,h_30,${b},f_jpg,q_95`, at: [2, 15], tolerance: 6 },
  { text: `c_lpad,w_120,h_60,${b},f_webp,q_95`, at: [4, 30], tolerance: 6 },
  { text: 'c_pad,w_80,h_30,b_rgb:c83c3c80,f_png', at: [2, 15], colour: [...named, 128] },
  { text: 'c_pad,w_80,h_30,b_rgb:80808080,f_png', at: [2, 15], colour: [128, 128, 128, 128] },
  { text: 'c_pad,w_80,h_30,b_rgb:808080,f_png', at: [2, 15], colour: [128, 128, 128] },
  { text: 'c_pad,w_80,h_30,b_white,f_png', at: [2, 15], colour: [255, 255, 255] },
  { text: 'bo_5px_solid_rgb:c83c3c,f_png', at: [2, 30] },
  { text: 'c_scale,w_40,bo_5px_solid_rgb:c83c3c80,f_png', at: [2, 20], colour: [...named, 128] },
  { text: 'r_10,bo_5px_solid_rgb:c83c3c,f_png', at: [2, 35] },
  { text: `c_scale,w_40,r_max,${b},f_png`, at: [0, 0] },
  { text: `c_scale,w_40,r_max/${b},f_jpg,q_95`, at: [1, 1], tolerance: 8 },
  { text: `a_45,${b},f_png`, at: [2, 2] },
  { text: `o_0/${b},f_png`, at: [40, 30] },
  { text: 'e_shadow:0,co_rgb:c83c3c,x_20,y_0,f_png', at: [95, 30] },
  { text: 'l_logo/fl_layer_apply,g_north_west,f_png', at: [5, 5] },
  { text: 'c_scale,w_40/l_logo/fl_layer_apply,g_north_west/c_scale,w_20,f_png', at: [2, 2] },
  { text: 'l_logo/fl_layer_apply,fl_tiled,f_png', at: [50, 5] },
  { text: 'e_colorize:100,co_rgb:c83c3c,f_png', at: [50, 30] },
  { text: 'c_scale,w_40,e_blur:100/bo_5px_solid_rgb:c83c3c,f_png', at: [2, 20] },
  { text: 'e_sharpen,bo_20px_solid_rgb:c83c3c/c_scale,w_90,f_webp,q_95', at: [4, 30], tolerance: 6 },
  { text: `c_crop,w_20,h_20,x_50,y_10/c_pad,w_40,h_20,${b}/a_90,f_png`, at: [10, 4] },
];
/** The same where the picture itself lets it through. */
const behind: readonly Ask[] = [
  { text: `${b},f_png`, at: [20, 30] },
  { text: `${b},f_jpg,q_95`, at: [20, 30], tolerance: 6 },
  { text: `c_scale,w_40,${b},f_jpg,q_95`, at: [10, 15], tolerance: 6 },
  { text: 'b_rgb:c83c3c80,f_png', at: [20, 30], colour: [...named, 128] },
  { text: `c_pad,w_300,h_60,${b},f_jpg,q_95`, at: [130, 30], tolerance: 6 },
  { text: `${b},f_png,fl_png24`, at: [20, 30] },
  { text: 'u_logo,c_scale,w_1.0,h_1.0,fl_relative/fl_layer_apply,f_png', at: [20, 30] },
  { text: 'l_half,c_scale,w_1.0,h_1.0,fl_relative/fl_layer_apply,f_png', at: [20, 30], colour: [...named, 128] },
];
/** And where it is white, or nothing. */
const left: readonly Ask[] = [
  { text: 'f_jpg,q_95', at: [20, 30], colour: [255, 255, 255], tolerance: 6 },
  { text: 'c_pad,w_120,h_60,f_png', at: [2, 30], colour: [0, 0, 0, 0] },
  { text: 'c_pad,w_120,h_60/c_scale,w_60,f_png', at: [20, 15], colour: [0, 0, 0, 0] },
];

const greyings = ['e_grayscale/', 'e_grayscale,c_scale,w_80/'];

describe.each(originals.map((original, index) => ({ ...original, index })))(
  'beside $name',
  ({ make, index, hasWindow = false }) => {
    let original: Uint8Array = Buffer.alloc(0);
    beforeAll(async () => {
      original = await make();
    });

    const all = hasWindow ? [...asks, ...behind, ...left] : asks;
    /** Each way to make it grey with each original and with each of what is asked: a half of all three together. */
    const inTurn = (turn: number) => all.filter((_, at) => (at + index + turn) % greyings.length === 0);

    it.each([['', all], ...greyings.map((greying, turn) => [greying, inTurn(turn)] as const)] as const)(
      'the colour of a URL is that very colour (after "%s")',
      async (greying, asked) => {
        for (const { text, at, colour = named, tolerance = 1 } of asked) {
          const picture = await decode((await draw(original, greying + text, { layers })).bytes);
          const pixel = picture.at(...at);
          expect(distance(pixel, colour), `${greying}${text} at ${at}: ${pixel}`).toBeLessThanOrEqual(tolerance);
          // What is clear has no colour to be seen.
          if (colour[3] !== 0) expect(pixel.length === 4 ? pixel[3] : 255, text).toBe(colour[3] ?? 255);
        }
      },
    );
  },
);

describe('with cs_copy', () => {
  const wide = () =>
    from(withWindow([90, 120, 150]))
      .withIccProfile('p3')
      .png()
      .toBuffer();

  it.each([
    `c_pad,w_120,h_60,${b},cs_copy,f_png`,
    `${b},cs_copy,f_jpg`,
    'bo_5px_solid_rgb:c83c3c,cs_copy',
    'bo_5px_solid_rgb:808080,cs_copy',
    'l_logo/fl_layer_apply,cs_copy',
  ])('a colour that is another among the stored numbers is refused: %s', async (text) => {
    await expect(draw(await wide(), text, { layers })).rejects.toMatchObject({ kind: 'invalid' });
  });

  it('what is transparent is white in JPEG all the same, and clear in a canvas', async () => {
    const flat = await sharp((await draw(await wide(), 'cs_copy,f_jpg,q_95')).bytes, { ignoreIcc: true })
      .raw()
      .toBuffer();
    expect(
      distance([...flat.subarray((30 * width + 20) * 3, (30 * width + 20) * 3 + 3)], [255, 255, 255]),
    ).toBeLessThan(4);
    const padded = await decode((await draw(await wide(), 'c_pad,w_120,h_60,cs_copy,f_png')).bytes);
    expect(padded.at(2, 30)).toEqual([0, 0, 0, 0]);
  });

  it('a colour lies beside pixels that are sRGB without saying so', async () => {
    const original = await from(plain([90, 120, 150]))
      .png()
      .toBuffer();
    const picture = await decode((await draw(original, `c_pad,w_120,h_60,${b},cs_copy,f_png`)).bytes);
    expect(picture.at(2, 30)).toEqual(named);
  });

  it('ink is padded with the white of its paper, and with no other colour', async () => {
    const original = await from(plain([90, 120, 150]))
      .toColourspace('cmyk')
      .jpeg()
      .toBuffer();
    const { bytes } = await draw(original, 'c_pad,w_120,h_60,b_white,cs_copy,f_jpg,q_95');
    expect((await sharp(bytes).metadata()).space).toBe('cmyk');
    expect(distance((await decode(bytes)).at(2, 30), [255, 255, 255])).toBeLessThan(4);
    await expect(draw(original, `c_pad,w_120,h_60,${b},cs_copy,f_jpg`)).rejects.toMatchObject({ kind: 'invalid' });
  });
});

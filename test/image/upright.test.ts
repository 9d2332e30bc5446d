import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { inspect } from '../../src/image/index.ts';
import { exif, inApp1, jpegOf, orientedKinds, stored } from '../support/oriented.ts';
import {
  blue,
  decode,
  distance,
  from,
  green,
  type Pixel,
  type Pixels,
  paint,
  quarters,
  red,
  yellow,
} from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { turnsIn } from '../support/said.ts';
import { tiffOf } from '../support/tiffs.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const upright = quarters(64, 32);
const clockwise: readonly Pixel[] = [red, green, blue, yellow];

const originals = (orientation: number) => orientedKinds(upright, orientation);

function cornersOf({ width, height, at }: Awaited<ReturnType<typeof decode>>): readonly Pixel[] {
  return [at(3, 3), at(width - 4, 3), at(width - 4, height - 4), at(3, height - 4)];
}

function cornersOfPixels({ width, height, channels, data }: Pixels): readonly Pixel[] {
  const at = (x: number, y: number) => [...data.subarray((y * width + x) * channels, (y * width + x + 1) * channels)];
  return [at(0, 0), at(width - 1, 0), at(width - 1, height - 1), at(0, height - 1)];
}

/** What is wrong with a picture: a word on how to turn it, its size, its corners. */
async function faults(bytes: Uint8Array, size: readonly [number, number], corners: readonly Pixel[]) {
  const picture = await decode(bytes);
  const seen = cornersOf(picture);
  return [
    ...turnsIn(bytes),
    ...(picture.width === size[0] && picture.height === size[1] ? [] : [`is ${picture.width} × ${picture.height}`]),
    ...corners.flatMap((colour, index) => {
      const off = distance(seen[index] ?? [], colour);
      return off < 70 ? [] : [`corner ${index} is ${seen[index]}, not ${colour}`];
    }),
  ];
}

/** Ways through the program that end at an encoder differently. */
const paths: Readonly<Record<string, readonly [text: string, width: number, height: number]>> = {
  'as it is': ['', 64, 32],
  scaled: ['c_scale,w_32/', 32, 16],
  'of measured quality': ['q_auto/', 64, 32],
  'in several steps': ['c_scale,w_60/a_180/a_180/c_scale,w_32/', 32, 16],
  'cut first': ['c_crop,w_62,h_30/', 62, 30],
  'with a layer': ['l_mark,w_2,h_2,g_center/', 64, 32],
  'in its own colours': ['cs_copy,c_scale,w_32/', 32, 16],
  'with its attribution': ['fl_keep_attribution/', 64, 32],
  'with its IPTC': ['c_scale,w_32,fl_keep_iptc/', 32, 16],
  'with a density': ['dn_300/', 64, 32],
};

/** For all orientations: with pixels that are taken out and with a pipeline that goes to its end. */
const somePaths = Object.entries(paths).slice(0, 3);

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('a picture stored in orientation %i', (orientation) => {
  it('is upright in every format, and nothing in the file says otherwise', async () => {
    const layers = new Map([
      [
        'mark',
        await from(paint(2, 2, () => [9, 9, 9]))
          .png()
          .toBuffer(),
      ],
    ]);
    const formats = orientation === 6 ? ['avif', 'jpg', 'png', 'webp', 'gif'] : ['avif'];
    const wrong: string[] = [];
    for (const [kind, original] of Object.entries(await originals(orientation))) {
      for (const [path, [text, width, height]] of orientation === 6 ? Object.entries(paths) : somePaths) {
        for (const format of formats) {
          const { bytes } = await draw(original, `${text}f_${format}`, { layers });
          const found = await faults(bytes, [width, height], clockwise);
          if (found.length > 0) wrong.push(`${kind} ${path} as ${format}: ${found.join('; ')}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  }, 60_000);

  it('is as it is stored with a_ignore, in every format, and nothing in the file turns it', async () => {
    const pixels = stored(upright, orientation);
    const { AVIF: _, ...others } = await originals(orientation);
    const wrong: string[] = [];
    for (const [kind, original] of Object.entries(others)) {
      for (const format of ['avif', 'jpg']) {
        for (const text of ['a_ignore', `a_ignore,fl_keep_attribution,c_scale,w_${pixels.width}`].slice(
          format === 'jpg' ? 1 : 0,
        )) {
          const { bytes } = await draw(original, `${text}/f_${format}`);
          const found = await faults(bytes, [pixels.width, pixels.height], cornersOfPixels(pixels));
          if (found.length > 0) wrong.push(`${kind} ${text} as ${format}: ${found.join('; ')}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  }, 60_000);
});

describe('what turns a picture otherwise than EXIF', () => {
  it('in an AVIF counts with a_ignore too, since no reader may pass over it', async () => {
    const { AVIF = Buffer.alloc(0) } = await originals(6);
    expect(turnsIn(AVIF)).toContain('irot');
    const { bytes } = await draw(AVIF, 'a_ignore/f_avif');
    expect(await faults(bytes, [64, 32], clockwise)).toEqual([]);
  });

  it('in an AVIF is not its EXIF', async () => {
    const plain = await from(upright)
      .withExif({ IFD0: { Artist: 'Ada' } })
      .avif({ quality: 90, effort: 0 })
      .toBuffer();
    // `0112`, a short, one of them: 1 becomes 6.
    const at = plain.indexOf(Buffer.from('12010300010000000100', 'hex'));
    expect(at).toBeGreaterThan(0);
    plain.writeUInt8(6, at + 8);
    const { bytes } = await draw(plain, 'f_avif');
    expect(await faults(bytes, [64, 32], clockwise)).toEqual([]);
  });

  it('is the first EXIF block and the first tag, where there are two', async () => {
    const pixels = stored(upright, 6);
    const twice = Buffer.concat([
      (await jpegOf(pixels, inApp1(exif('II', 6)))).subarray(0, 2 + 4 + 6 + exif('II', 6).length),
      (await jpegOf(pixels, inApp1(exif('MM', 3)))).subarray(2),
    ]);
    for (const format of ['avif', 'jpg', 'png']) {
      const { bytes } = await draw(twice, `f_${format}`);
      expect(await faults(bytes, [64, 32], clockwise)).toEqual([]);
    }
    const tiff = tiffOf([{ pixels, orientation: 6, tags: [[274, 'short', [3]]] }]);
    expect(await inspect(tiff)).toMatchObject({ orientation: 6 });
  });
});

describe('a page of a TIFF', () => {
  const small = quarters(40, 20);
  const pages = [
    { pixels: upright, orientation: 1 },
    { pixels: stored(small, 6), orientation: 6 },
    { pixels: stored(upright, 8), orientation: 8 },
    { pixels: upright },
  ];

  it.each([
    [1, 64, 32],
    [2, 40, 20],
    [3, 64, 32],
    [4, 64, 32],
  ])('%i has an orientation and a size of its own, also in a BigTIFF', async (page, width, height) => {
    for (const isBig of [false, true]) {
      const original = tiffOf(pages, { isBig, order: isBig ? 'MM' : 'II' });
      for (const format of ['png', 'avif']) {
        const { bytes } = await draw(original, `pg_${page},f_${format}`);
        expect(await faults(bytes, [width, height], clockwise)).toEqual([]);
      }
      const { bytes } = await draw(original, `pg_${page},fl_getinfo,f_png`);
      expect(JSON.parse(Buffer.from(bytes).toString())).toMatchObject({
        input: { width, height },
        output: { width, height },
      });
    }
  });

  it('lies as it is stored with a_ignore', async () => {
    const { bytes } = await draw(tiffOf(pages), 'pg_2,a_ignore/f_png');
    expect(await faults(bytes, [20, 40], cornersOfPixels(stored(small, 6)))).toEqual([]);
  });

  it('turns what is measured by the page, not by the first', async () => {
    const { bytes } = await draw(tiffOf(pages), 'pg_2,c_fill,w_10,h_20,g_west/f_png');
    const picture = await decode(bytes);
    expect([picture.width, picture.height]).toEqual([10, 20]);
    expect(distance(picture.at(5, 4), red)).toBeLessThan(5);
    expect(distance(picture.at(5, 15), yellow)).toBeLessThan(5);
  });
});

it('fl_getinfo counts as the picture is taken: upright, or as it is stored', async () => {
  const original = await jpegOf(stored(upright, 6), inApp1(exif('II', 6)));
  const informed = async (text: string) => JSON.parse(Buffer.from((await draw(original, text)).bytes).toString());
  for (const format of ['avif', 'jpg']) {
    const sizes = { width: 64, height: 32 };
    expect(await informed(`fl_getinfo,f_${format}`)).toMatchObject({ input: sizes, output: sizes });
    const lying = { width: 32, height: 64 };
    expect(await informed(`a_ignore/fl_getinfo,f_${format}`)).toMatchObject({ input: lying, output: lying });
  }
});

it('an animation in an orientation is upright in every frame, moving or not', async () => {
  const frame = stored(upright, 6);
  // Frames that are alike would become one.
  const next = frame.data.map((value) => Math.min(value, 240));
  const webp = await sharp(Buffer.concat([frame.data, next]), {
    raw: { width: frame.width, height: frame.height * 2, channels: 3, pageHeight: frame.height },
    animated: true,
  })
    .withMetadata({ orientation: 6 })
    .webp({ quality: 95, loop: 0, delay: [100, 100] })
    .toBuffer();
  expect(await inspect(webp)).toMatchObject({ orientation: 6, frames: 2 });
  for (const format of ['avif', 'jpg', 'webp', 'gif']) {
    const { bytes, frames, height } = await draw(webp, `f_${format}`);
    expect([format, frames, height]).toEqual([format, format === 'webp' || format === 'gif' ? 2 : 1, 32]);
    expect(turnsIn(bytes)).toEqual([]);
    const picture = await decode(bytes);
    for (let top = 0; top < picture.height; top += 32) {
      expect(distance(picture.at(3, top + 3), red)).toBeLessThan(70);
      expect(distance(picture.at(60, top + 28), blue)).toBeLessThan(70);
    }
  }
});

import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { inspect } from '../../src/image/index.ts';
import {
  blue,
  decode,
  distance,
  exifBlock,
  from,
  green,
  jpegWithExif,
  type Pixels,
  paint,
  pngChunk,
  pngWithChunks,
  quarters,
  red,
  yellow,
} from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const upright = quarters(64, 32);

/** Where the EXIF standard stores the pixel that people see at (x, y). */
const storedAt: Readonly<
  Record<number, (x: number, y: number, width: number, height: number) => readonly [number, number]>
> = {
  1: (x, y) => [x, y],
  2: (x, y, width) => [width - 1 - x, y],
  3: (x, y, width, height) => [width - 1 - x, height - 1 - y],
  4: (x, y, _, height) => [x, height - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, width) => [y, width - 1 - x],
  7: (x, y, width, height) => [height - 1 - y, width - 1 - x],
  8: (x, y, _, height) => [height - 1 - y, x],
};

/** The picture as a camera held that way stores it. */
function stored(picture: Pixels, orientation: number): Pixels {
  const { width, height, channels, data } = picture;
  const lies = orientation >= 5;
  const place = storedAt[orientation] ?? storedAt[1];
  const target = paint(lies ? height : width, lies ? width : height, () => red);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [left, top] = place?.(x, y, width, height) ?? [x, y];
      const at = (y * width + x) * channels;
      target.data.set(data.subarray(at, at + channels), (top * target.width + left) * channels);
    }
  }
  return target;
}

async function photograph(orientation: number): Promise<Buffer> {
  const jpeg = await from(stored(upright, orientation)).jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
  return jpegWithExif(jpeg, exifBlock(orientation));
}

async function expectUpright(bytes: Uint8Array, width: number, height: number): Promise<void> {
  const picture = await decode(bytes);
  expect([picture.width, picture.height]).toEqual([width, height]);
  const corners = [
    picture.at(2, 2),
    picture.at(width - 3, 2),
    picture.at(width - 3, height - 3),
    picture.at(2, height - 3),
  ];
  for (const [index, colour] of [red, green, blue, yellow].entries()) {
    expect(distance(corners[index] ?? [], colour)).toBeLessThan(12);
  }
}

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('a photograph stored in orientation %i', (orientation) => {
  it('is read with the size that people see', async () => {
    expect(await inspect(await photograph(orientation))).toMatchObject({
      orientation,
      size: { width: 64, height: 32 },
    });
  });

  it('is drawn upright at its own size', async () => {
    const { bytes } = await draw(await photograph(orientation), 'f_png');
    await expectUpright(bytes, 64, 32);
  });

  it('is drawn upright when it is scaled', async () => {
    const { bytes } = await draw(await photograph(orientation), 'c_scale,w_32/f_png');
    await expectUpright(bytes, 32, 16);
  });

  it('is cut where people see the corner', async () => {
    const { bytes } = await draw(await photograph(orientation), 'c_crop,g_north_east,w_16,h_8/f_png');
    const picture = await decode(bytes);
    expect([picture.width, picture.height]).toEqual([16, 8]);
    expect(distance(picture.at(8, 4), green)).toBeLessThan(12);
  });

  it('is filled and cut where people see the corner', async () => {
    const { bytes } = await draw(await photograph(orientation), 'c_fill,g_west,w_8,h_16/f_png');
    const picture = await decode(bytes);
    expect([picture.width, picture.height]).toEqual([8, 16]);
    expect(distance(picture.at(4, 3), red)).toBeLessThan(12);
    expect(distance(picture.at(4, 12), yellow)).toBeLessThan(12);
  });

  it('lies as it is stored when EXIF is to be ignored', async () => {
    const { bytes } = await draw(await photograph(orientation), 'a_ignore/f_png');
    const raw = stored(upright, orientation);
    const picture = await decode(bytes);
    expect([picture.width, picture.height]).toEqual([raw.width, raw.height]);
    const first = [...raw.data.subarray(0, 3)];
    expect(distance(picture.at(1, 1), first)).toBeLessThan(12);
  });

  it('is turned further from upright', async () => {
    const { bytes } = await draw(await photograph(orientation), 'a_90,c_scale,w_16/f_png');
    const picture = await decode(bytes);
    expect([picture.width, picture.height]).toEqual([16, 32]);
    expect(distance(picture.at(2, 2), yellow)).toBeLessThan(12);
    expect(distance(picture.at(13, 2), red)).toBeLessThan(12);
  });
});

describe.each([0, 9, 255, 65_535])('an orientation of %i, which the standard does not know', (orientation) => {
  it('leaves the picture as it is stored', async () => {
    const jpeg = jpegWithExif(await from(upright).jpeg({ quality: 95 }).toBuffer(), exifBlock(orientation));
    expect(await inspect(jpeg)).toMatchObject({ orientation: 1, size: { width: 64, height: 32 } });
    const { bytes } = await draw(jpeg, 'f_png');
    await expectUpright(bytes, 64, 32);
  });
});

describe('orientation elsewhere than in JPEG', () => {
  it('is read from PNG', async () => {
    const png = await from(stored(upright, 6)).png().toBuffer();
    const { bytes } = await draw(pngWithChunks(png, [pngChunk('eXIf', exifBlock(6))]), 'f_png');
    await expectUpright(bytes, 64, 32);
  });

  it('is read from WebP', async () => {
    const webp = await from(stored(upright, 8)).withMetadata({ orientation: 8 }).webp({ lossless: true }).toBuffer();
    const { bytes } = await draw(webp, 'f_png');
    await expectUpright(bytes, 64, 32);
  });

  it('is read from TIFF', async () => {
    const tiff = await from(stored(upright, 3))
      .withMetadata({ orientation: 3 })
      .tiff({ compression: 'lzw' })
      .toBuffer();
    const { bytes } = await draw(tiff, 'f_png');
    await expectUpright(bytes, 64, 32);
  });

  it('is left to the decoder in AVIF, which turns by itself', async () => {
    const turned = await from(stored(upright, 6)).withMetadata({ orientation: 6 }).avif({ quality: 95 }).toBuffer();
    const asDecoded = await sharp(turned).raw().toBuffer({ resolveWithObject: true });
    const { bytes } = await draw(turned, 'f_png');
    const picture = await decode(bytes);
    expect([picture.width, picture.height]).toEqual([asDecoded.info.width, asDecoded.info.height]);
  });
});

it('a damaged EXIF block does not keep a photograph from being drawn', async () => {
  const broken = exifBlock(6).subarray(0, 11);
  const jpeg = jpegWithExif(await from(upright).jpeg({ quality: 95 }).toBuffer(), broken);
  const { bytes } = await draw(jpeg, 'f_png');
  await expectUpright(bytes, 64, 32);
});

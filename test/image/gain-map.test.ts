import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { decode, distance, from, type Pixel, paint } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { mapByLibrary, readMap, scaledByLibrary, ultraHdr } from '../support/ultra-hdr.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const [width, height, shrink] = [320, 240, 4];

/** A light in the upper left, as large as a quarter of the picture; the base is red where the map is bright. */
const isLight = (x: number, y: number) => x < width / 2 && y < height / 2;
const lit = (x: number, y: number): Pixel => (isLight(x, y) ? [220, 60, 40] : [40, 60, 120]);
const photograph = (more: Partial<Parameters<typeof ultraHdr>[0]> = {}) =>
  ultraHdr({ width, height, shrink, base: lit, gain: (x, y) => (isLight(x, y) ? 230 : 20), ...more });

/** Whether the map is bright where the base is red, in the middle of each of so many fields. */
async function expectAligned(file: Uint8Array, fields = 8): Promise<void> {
  const found = readMap(file);
  const [base, map] = [await decode(file), await decode(found?.map ?? Buffer.alloc(0))];
  const wrong = Array.from({ length: fields * fields }, (_, index) => [
    ((index % fields) + 0.5) / fields,
    (Math.floor(index / fields) + 0.5) / fields,
  ]).filter(([x = 0, y = 0]) => {
    const [red = 0] = base.at(Math.floor(x * base.width), Math.floor(y * base.height));
    const [gain = 0] = map.at(Math.floor(x * map.width), Math.floor(y * map.height));
    // At the light's edge both are between.
    const isSure = Math.abs(red - 130) > 70 && Math.abs(gain - 125) > 70;
    return isSure && red > 130 !== gain > 125;
  });
  expect(wrong).toEqual([]);
}

describe('a JPEG of an original with a gain map keeps it', () => {
  it.each([
    ['c_scale,w_160', 160, 120, 40, 30],
    ['c_fill,w_100,h_100', 100, 100, 25, 25],
    ['c_fill,w_90,h_120,g_north_west', 90, 120, 23, 30],
    ['c_crop,w_200,h_100,x_80,y_70', 200, 100, 50, 25],
    ['c_crop,w_201,h_99,x_81,y_73', 201, 99, 50, 25],
    ['c_scale,w_160,a_90', 160, 213, 40, 53],
    ['a_90', 240, 320, 60, 80],
    ['a_180', 320, 240, 80, 60],
    ['a_hflip', 320, 240, 80, 60],
    ['c_crop,w_160,h_160,g_west/c_scale,w_80', 80, 80, 20, 20],
    ['c_scale,w_640', 640, 480, 160, 120],
    ['', 320, 240, 80, 60],
  ])('in the same part and turn, by %s', async (text, across, down, mapAcross, mapDown) => {
    const { bytes, ...drawn } = await draw(await photograph(), `${text}${text === '' ? '' : '/'}f_jpg`);
    expect(drawn.contentType).toBe('image/jpeg');
    expect(await sharp(bytes).metadata()).toMatchObject({ width: across, height: down, format: 'jpeg' });
    const found = readMap(bytes);
    expect(found?.stated).toBe(found?.map.length);
    expect(await sharp(found?.map).metadata()).toMatchObject({ width: mapAcross, height: mapDown, channels: 1 });
    await expectAligned(bytes);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('turned as its base by orientation %i', async (orientation) => {
    const { bytes } = await draw(await photograph({ orientation }), 'c_fit,w_120,h_120/f_jpg');
    await expectAligned(bytes);
    const cut = await draw(await photograph({ orientation }), 'c_crop,w_0.5,h_1.0,g_west/f_jpg');
    await expectAligned(cut.bytes);
  });

  it.each(['xmp', 'iso'] as const)(
    'with what it means, said in both ways, where the original says it in %s',
    async (says) => {
      const { bytes } = await draw(await photograph({ says }), 'w_80,f_jpg');
      const found = readMap(bytes);
      const gamma = says === 'xmp' ? 1.2 : 1.25;
      expect(found?.fractions).toEqual([0, 2.5, -0.5, 2.25, gamma, 0.015625, 0.03125]);
      const attributes = { GainMapMin: -0.5, GainMapMax: 2.25, Gamma: gamma, OffsetSDR: 0.015625, OffsetHDR: 0.03125 };
      for (const [name, value] of Object.entries({ ...attributes, HDRCapacityMin: 0, HDRCapacityMax: 2.5 })) {
        expect(found?.words).toContain(`hdrgm:${name}="${value}"`);
      }
    },
  );

  it('of three channels, where they differ', async () => {
    const { bytes } = await draw(await photograph({ says: 'three channels' }), 'w_80,f_jpg');
    const found = readMap(bytes);
    expect(found?.fractions.length).toBe(2 + 3 * 5);
    expect([3, 8, 13].map((index) => found?.fractions[index])).toEqual([1, 2, 3]);
    expect(found?.words).toContain('<rdf:li>1</rdf:li><rdf:li>2</rdf:li><rdf:li>3</rdf:li>');
  });

  it('so that libultrahdr finds it, and can go on from there', async () => {
    const { bytes } = await draw(await photograph(), 'w_160,f_jpg');
    const image = await mapByLibrary(bytes);
    expect(await sharp(image).metadata()).toMatchObject({ width: 40, height: 30 });
    const again = await scaledByLibrary(bytes, 80);
    expect(await sharp(await mapByLibrary(again)).metadata()).toMatchObject({ width: 20, height: 15 });
    const once = await draw(bytes, 'w_80,f_jpg');
    await expectAligned(once.bytes);
  });

  it('beside words, with q_auto, progressive, and in the original’s own format', async () => {
    const original = await photograph();
    for (const text of [
      'w_160,q_auto,f_jpg',
      'w_160,fl_progressive,f_jpg',
      'w_160',
      'w_160,fl_keep_attribution,f_jpg',
    ]) {
      const { bytes } = await draw(original, text);
      await expectAligned(bytes);
    }
    const plain = await draw(original, 'cs_srgb,w_160,f_jpg');
    const kept = await draw(original, 'w_160,f_jpg');
    expect(readMap(plain.bytes)).toBeUndefined();
    // What every screen shows is the same.
    const [one, other] = [await decode(plain.bytes), await decode(kept.bytes)];
    expect(distance(one.at(30, 30), other.at(30, 30))).toBe(0);
  });
});

describe('fl_hdr', () => {
  const accept = 'image/avif,image/webp,*/*';

  it('has f_auto send such an original as JPEG, and any other as ever', async () => {
    const original = await photograph();
    const wanted = await draw(original, 'w_160,f_auto,fl_hdr', { accept });
    expect([wanted.contentType, readMap(wanted.bytes) === undefined]).toEqual(['image/jpeg', false]);
    expect((await draw(original, 'w_160,f_auto', { accept })).contentType).toBe('image/avif');
    const other = await from(paint(64, 48, lit))
      .jpeg()
      .toBuffer();
    expect((await draw(other, 'w_32,f_auto,fl_hdr', { accept })).contentType).toBe('image/avif');
    expect((await draw(original, 'w_160,e_grayscale,f_auto,fl_hdr', { accept })).contentType).toBe('image/avif');
  });

  it('is what a client that takes JPEG alone has to say', async () => {
    const original = await photograph();
    expect(readMap((await draw(original, 'w_160,f_auto', { accept: 'image/jpeg' })).bytes)).toBeUndefined();
    expect(readMap((await draw(original, 'w_160,f_auto,fl_hdr', { accept: 'image/jpeg' })).bytes)).toBeDefined();
  });
});

describe('a gain map is left out', () => {
  it.each([
    'w_160,e_sharpen,f_jpg',
    'c_pad,w_200,h_200,f_jpg',
    'w_160,r_10,f_jpg',
    'c_fill,w_100,h_100,g_auto,f_jpg',
    'a_10,f_jpg',
    'w_160,mb_3000,f_jpg',
    'w_160,fl_strip_profile,f_jpg',
    'w_160,fl_force_strip,f_jpg',
    'w_160,f_webp',
    'w_160,f_avif',
    'w_160,f_png',
  ])('by what it cannot be taken along with: %s', async (text) => {
    const { bytes } = await draw(await photograph(), text);
    expect(readMap(bytes)).toBeUndefined();
  });

  /** The same bytes, but for some that lie somewhere else. */
  const spoilt: Readonly<Record<string, (file: Buffer) => Buffer>> = {
    'is cut off': (file) => file.subarray(0, file.length - 2_000),
    'says that it lies beyond the end': (file) => {
      const other = Buffer.from(file);
      other.writeUInt32LE(0xfffffff0, other.indexOf('MPF\0') + 4 + 74);
      return other;
    },
    'is no picture': (file) => {
      const at = file.lastIndexOf(Buffer.from([0xff, 0xc0]));
      return Buffer.from(file).fill(0, at, at + 10);
    },
    'means what no screen can show': (file) =>
      Buffer.from(file.toString('latin1').replace('"2.25"', '"9999"').replace('Max="9999"', 'Max="9e99"'), 'latin1'),
    'is said to be the base': (file) =>
      Buffer.from(
        file.toString('latin1').replace('hdrgm:HDRCapacityMin="0"', 'hdrgm:BaseRenditionIsHDR="True"'),
        'latin1',
      ),
    'lists pictures without end': (file) => {
      const other = Buffer.from(file);
      other.writeUInt32LE(0xffffffff, other.indexOf('MPF\0') + 4 + 10 + 24 + 4);
      return other;
    },
  };

  it.each(Object.entries(spoilt))('where it %s, and the picture is drawn all the same', async (_, spoil) => {
    const { bytes } = await draw(spoil(await photograph()), 'w_160,f_jpg');
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 160, height: 120 });
  });

  it('where it is larger than its base, or of another shape', async () => {
    for (const [across, shrinkTo] of [
      [80, 0.5],
      [320, 64],
    ] as const) {
      const original = await ultraHdr({ width: across, height: 60, shrink: shrinkTo, gain: () => 100 });
      expect(readMap((await draw(original, 'w_40,f_jpg')).bytes)).toBeUndefined();
    }
  });
});

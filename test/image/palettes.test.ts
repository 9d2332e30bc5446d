import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { inspect } from '../../src/image/index.ts';
import { decode, distance, from, noise, type Pixel, paint } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

/** As deep as a table of that many colours is, with every colour in it as it is. */
const inPalette = (colours: number) => ({ palette: true, colours, dither: 0, effort: 4, compressionLevel: 9 }) as const;

const sixteen: readonly Pixel[] = Array.from({ length: 16 }, (_, index) => [
  (index * 83) % 256,
  (index * 151) % 256,
  (index * 199) % 256,
  index === 0 ? 0 : index === 1 ? 90 : 255,
]);

/** Flat areas with round edges, in sixteen colours: one is clear, one half clear. */
const drawing = () =>
  from(
    paint(800, 450, (x, y) => {
      const [column, row] = [Math.floor(x / 200), Math.floor(y / 150)];
      const isDot = (x - column * 200 - 100) ** 2 + (y - row * 150 - 75) ** 2 < 3_600;
      return sixteen[isDot ? column * 3 + row + 3 : (column + row) % 3] ?? [];
    }),
  );

/** Boxes that lie over each other, on nothing. */
const boxes = () =>
  from(
    paint(800, 450, (x, y) => {
      const index = Array.from({ length: 11 }, (_, at) => 10 - at).find(
        (at) => x >= at * 67 && x < at * 67 + 121 && y >= at * 37 && y < at * 37 + 61,
      );
      return sixteen[index === undefined ? 0 : (index % 3) + 3] ?? [];
    }),
  );

/** Soft shapes with some grain: more colours than a palette holds. */
const photograph = (width: number, height: number, alpha = 255) => {
  const grain = noise(width, height).data;
  return from(
    paint(width, height, (x, y) => {
      const rough = ((grain[(y * width + x) * 3] ?? 0) & 15) - 8;
      const share = (value: number) => Math.max(0, Math.min(255, Math.round(value) + rough));
      return [
        share(120 + 90 * Math.sin(x / 60)),
        share((y / height) * 200 + 20),
        share(100 + 80 * Math.cos((x + y) / 90)),
        x < width / 2 ? 255 : alpha,
      ];
    }),
  );
};

const kindOf = async (bytes: Uint8Array) => {
  const { isPalette, bitsPerSample, channels, width, height } = await sharp(bytes).metadata();
  return { isPalette: isPalette === true, bitsPerSample, channels, width, height };
};

/** The mean of a square, as it is seen on white. */
async function meanAt(bytes: Uint8Array, [left, top, side]: readonly [number, number, number]): Promise<number[]> {
  const seen = await sharp(bytes).flatten({ background: '#fff' }).toColourspace('srgb').toBuffer();
  const { channels } = await sharp(seen).extract({ left, top, width: side, height: side }).png().stats();
  return channels.slice(0, 3).map(({ mean }) => mean);
}

describe('an original with a palette gives a PNG with one:', () => {
  it('a drawing that is made smaller takes hardly more than half the bytes of full colour', async () => {
    const original = await boxes().png(inPalette(4)).toBuffer();
    const { bytes } = await draw(original, 'c_scale,w_400,f_png');
    expect(await kindOf(bytes)).toMatchObject({ isPalette: true, width: 400, height: 225 });
    const wanted = await sharp(original).resize(400).png().toBuffer();
    expect(bytes.length).toBeLessThan(0.6 * wanted.length);
    for (const [x, y] of [
      [10, 10],
      [50, 37],
      [150, 110],
      [350, 190],
      [396, 220],
    ] as const) {
      const [one, other] = await Promise.all([bytes, wanted].map((file) => meanAt(file, [x - 3, y - 3, 6])));
      expect(distance(one ?? [], other ?? [0]), `${one} at ${x},${y}`).toBeLessThan(3);
    }
  });

  it.each([
    ['opaque', 255],
    ['half clear', 100],
  ])('a photograph, %s, is dithered to the colours that it had', async (_, alpha) => {
    const whole = await photograph(600, 400, alpha).png().toBuffer();
    const original = await sharp(whole).png({ palette: true, effort: 4 }).toBuffer();
    const { bytes } = await draw(original, 'c_scale,w_300,f_png');
    expect(await kindOf(bytes)).toMatchObject({ isPalette: true, channels: alpha === 255 ? 3 : 4 });
    expect(bytes.length).toBeLessThan(original.length / 2);
    const wanted = await sharp(original).resize(300).png().toBuffer();
    for (const [x, y] of [
      [20, 20],
      [100, 60],
      [170, 120],
      [260, 150],
    ] as const) {
      const [one, other] = await Promise.all([bytes, wanted].map((file) => meanAt(file, [x, y, 24])));
      expect(distance(one ?? [], other ?? [0]), `${one} not ${other}`).toBeLessThan(2.5);
    }
    const clear = (await decode(bytes)).at(290, 100);
    expect(Math.abs((clear[3] ?? 255) - alpha)).toBeLessThanOrEqual(3);
  });

  it('and so do GIF, and TIFF with a table of colours', async () => {
    const gif = await drawing().gif().toBuffer();
    expect(await kindOf((await draw(gif, 'c_scale,w_200,f_png')).bytes)).toMatchObject({ isPalette: true });
    expect(await inspect(gif)).toMatchObject({ hasPalette: true });
    expect(await inspect(await drawing().png().toBuffer())).toMatchObject({ hasPalette: false });
    const tiff = await drawing().flatten().tiff().toBuffer();
    expect(await inspect(tiff)).toMatchObject({ hasPalette: false });
  });

  it('with what is put round it', async () => {
    const original = await photograph(300, 200).png({ palette: true, effort: 4 }).toBuffer();
    const { bytes } = await draw(original, 'c_pad,w_400,h_200,b_rgb:ff0088,f_png');
    expect(await kindOf(bytes)).toMatchObject({ isPalette: true, width: 400 });
    expect(distance((await decode(bytes)).at(5, 100), [255, 0, 136])).toBeLessThanOrEqual(3);
  });
});

describe('where every colour fits, each comes out as it was, in as few bits as name them:', () => {
  it.each([
    ['c_crop,w_600,h_300,g_center', 4],
    ['a_90', 4],
    ['a_hflip', 4],
    ['f_png', 4],
    ['bo_5px_solid_rgb:12ab34/bo_5px_solid_rgb:34ab12', 8],
    ['c_crop,x_300,y_5,w_90,h_30', 1],
  ])('%s of 16 colours', async (text, bitsPerSample) => {
    const whole = await drawing().png().toBuffer();
    const original = await sharp(whole).png(inPalette(16)).toBuffer();
    const suffix = text === 'f_png' ? 'fl_progressive' : 'f_png';
    const kept = await draw(original, `${text}/${suffix}`);
    expect(await kindOf(kept.bytes)).toMatchObject({ isPalette: true, bitsPerSample });
    // What is asked for in full colour shows what is right.
    const right = await decode((await draw(whole, `${text}/f_png,fl_png32`)).bytes);
    const { width, height, at } = await decode(await sharp(kept.bytes).ensureAlpha().png().toBuffer());
    expect([width, height]).toEqual([right.width, right.height]);
    for (let index = 0; index < width * height; index += 7) {
      const [x, y] = [index % width, Math.floor(index / width)];
      const [one, other] = [at(x, y), right.at(x, y)];
      if (other[3] === 0) expect(one[3], `${x},${y}`).toBe(0);
      else expect(one, `${x},${y}`).toEqual(other);
    }
  });

  it('whatever the original was, where nothing is lost on the way', async () => {
    for (const original of [
      await drawing().png().toBuffer(),
      await drawing().webp({ lossless: true, exact: true }).toBuffer(),
    ]) {
      const { bytes } = await draw(original, 'a_180/f_png');
      expect(await kindOf(bytes)).toMatchObject({ isPalette: true, bitsPerSample: 4 });
      expect((await decode(bytes)).at(799 - 100, 449 - 75)).toEqual(sixteen[3]);
    }
  });

  it('fl_png8 too', async () => {
    const { bytes } = await draw(await drawing().png().toBuffer(), 'f_png,fl_png8');
    expect(await kindOf(bytes)).toMatchObject({ isPalette: true, bitsPerSample: 4 });
  });

  it('a picture of one colour is no exception', async () => {
    const plain = await from(paint(300, 200, () => [9, 99, 199]))
      .png(inPalette(2))
      .toBuffer();
    const { bytes } = await draw(plain, 'c_scale,w_150/f_png');
    expect(await kindOf(bytes)).toMatchObject({ isPalette: true, bitsPerSample: 1 });
    expect((await decode(bytes)).at(3, 3)).toEqual([9, 99, 199]);
  });
});

describe('greys', () => {
  const greys = (count: number) =>
    from(paint(256, 64, (x) => Array(3).fill(Math.floor((x * count) / 256) * Math.floor(255 / (count - 1)))));

  it.each([
    [2, true, 1],
    [16, true, 4],
    [17, false, 8],
    [256, false, 8],
  ])('%d of them, in a palette before: in one after, %s', async (count, isPalette, bitsPerSample) => {
    const original = await greys(count).png(inPalette(count)).toBuffer();
    for (const text of ['f_png,fl_progressive', 'a_180/f_png']) {
      const { bytes } = await draw(original, text);
      expect(await kindOf(bytes)).toMatchObject({ isPalette, bitsPerSample });
      if (!isPalette) expect(await sharp(bytes).metadata()).toMatchObject({ space: 'b-w', channels: 1 });
    }
  });

  it('scaled, they stay grey without a palette', async () => {
    const original = await greys(200).png(inPalette(200)).toBuffer();
    const { bytes } = await draw(original, 'c_scale,w_100,f_png');
    expect(await sharp(bytes).metadata()).toMatchObject({ space: 'b-w', channels: 1 });
    const [level = 0] = (await decode(bytes)).at(50, 12);
    expect(Math.abs(level - ((await decode(await sharp(original).resize(100).toBuffer())).at(50, 12)[0] ?? 0))).toBe(0);
  });
});

describe('full colour stays where a palette would lose something:', () => {
  it.each(['c_scale,w_150,f_png', 'f_png,fl_progressive', 'a_180/f_png'])('a photograph, %s', async (text) => {
    const { bytes } = await draw(await photograph(300, 200).png().toBuffer(), text);
    expect(await kindOf(bytes)).toMatchObject({ isPalette: false });
  });

  it.each(['fl_png24', 'fl_png32'])('%s', async (flag) => {
    const { bytes } = await draw(await drawing().png(inPalette(16)).toBuffer(), `f_png,${flag}`);
    expect(await kindOf(bytes)).toMatchObject({ isPalette: false, channels: flag === 'fl_png24' ? 3 : 4 });
  });

  it('a photograph laid on a drawing', async () => {
    const layers = new Map([['photo.jpg', await photograph(300, 200).flatten().jpeg().toBuffer()]]);
    const original = await drawing().png(inPalette(16)).toBuffer();
    const { bytes } = await draw(original, 'l_photo.jpg/fl_layer_apply/c_scale,w_400,f_png', { layers });
    expect(await kindOf(bytes)).toMatchObject({ isPalette: false });
    const plain = await draw(original, 'l_photo.jpg/c_scale,w_40/fl_layer_apply,x_300/f_jpg', { layers });
    expect(plain.format).toBe('jpeg');
  });

  it('an icon whose colours would take more room than its pixels', async () => {
    const original = await sharp(await boxes().png().toBuffer())
      .resize(32)
      .png({ palette: true, effort: 4 })
      .toBuffer();
    const { bytes } = await draw(original, 'c_scale,w_16,f_png');
    expect(bytes.length).toBeLessThanOrEqual((await draw(original, 'c_scale,w_16,f_png,fl_png8')).bytes.length);
    expect(bytes.length).toBeLessThanOrEqual((await draw(original, 'c_scale,w_16,f_png,fl_png32')).bytes.length);
  });

  it('so many pixels that choosing colours would take seconds', async () => {
    const original = await photograph(200, 150).png({ palette: true, effort: 4 }).toBuffer();
    const { bytes } = await draw(original, 'c_scale,w_2400,h_1800,f_png');
    expect(await kindOf(bytes)).toMatchObject({ isPalette: false });
  });
});

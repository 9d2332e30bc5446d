import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { recordFigure } from '../support/figures.ts';
import {
  decode,
  distance,
  exifBlock,
  from,
  jpegWithExif,
  noise,
  type Pixel,
  paint,
  quarters,
  red,
} from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

/** CIE 1976 difference of two sRGB colours: below 3 hardly anybody sees one. */
function deltaE(one: Pixel, other: Pixel): number {
  const [first, second] = [lab(one), lab(other)];
  return Math.hypot(...first.map((value, index) => value - (second[index] ?? 0)));
}

function lab([red = 0, green = 0, blue = 0]: Pixel): readonly number[] {
  const [r = 0, g = 0, b = 0] = [red, green, blue].map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const [x = 0, y = 0, z = 0] = [
    (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
    0.2126 * r + 0.7152 * g + 0.0722 * b,
    (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
  ].map((share) => (share > 0.008856 ? Math.cbrt(share) : 7.787 * share + 16 / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** Display P3 numbers of an sRGB colour: through linear light, by the two standards' matrices. */
function toP3(colour: Pixel): Pixel {
  const [r = 0, g = 0, b = 0] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return [0.8225 * r + 0.1774 * g, 0.0332 * r + 0.9669 * g, 0.0171 * r + 0.0724 * g + 0.9108 * b].map((linear) => {
    const share = linear <= 0.0031308 ? linear * 12.92 : 1.055 * linear ** (1 / 2.4) - 0.055;
    return Math.round(255 * Math.min(1, share));
  });
}

const swatches: readonly Pixel[] = [
  [200, 40, 60],
  [60, 160, 70],
  [50, 70, 190],
  [220, 200, 90],
  [128, 128, 128],
];

const swatch = (colour: Pixel) => from(paint(16, 16, () => colour));

/** Pixels whose numbers already are P3, in 16 bits: sharp takes deep pixels for P3 and only names the profile. */
async function deepP3(colour: Pixel): Promise<Buffer> {
  const numbers = new Uint16Array(
    Array.from({ length: 16 * 16 }, () => toP3(colour).map((value) => value * 257)).flat(),
  );
  return sharp(numbers, { raw: { width: 16, height: 16, channels: 3 } })
    .toColourspace('rgb16')
    .withIccProfile('p3')
    .png()
    .toBuffer();
}

async function middle(original: Uint8Array, text: string): Promise<Pixel> {
  return (await decode((await draw(original, text)).bytes)).at(4, 4);
}

describe.each(swatches.map((colour) => ({ colour })))('the colour $colour stays', ({ colour }) => {
  it.each(['jpeg', 'png', 'webp'] as const)('from a %s in Display P3', async (format) => {
    const original = await swatch(colour).withIccProfile('p3').toFormat(format, { quality: 100 }).toBuffer();
    expect(deltaE(await middle(original, 'w_8,f_png'), colour)).toBeLessThan(3);
  });

  it('from 16 bits in Display P3', async () => {
    expect(deltaE(await middle(await deepP3(colour), 'w_8,f_png'), colour)).toBeLessThan(3);
  });

  it('from 16 bits without a profile', async () => {
    const original = await swatch(colour).toColourspace('rgb16').png().toBuffer();
    expect((await sharp(original).metadata()).depth).toBe('ushort');
    expect(deltaE(await middle(original, 'w_8,f_png'), colour)).toBeLessThan(1);
  });

  it.each(['jpg', 'webp', 'avif', 'png', 'gif'])('into %s', async (format) => {
    const original = await swatch(colour).png().toBuffer();
    expect(deltaE(await middle(original, `w_8,f_${format},q_95`), colour)).toBeLessThan(4);
  });
});

/** Colours that ink can show. The perceptual intent, both ways, moves them a little: taken for RGB they would be 40 off and more. */
const inks: readonly Pixel[] = [
  [128, 128, 128],
  [170, 110, 100],
  [110, 130, 120],
  [150, 140, 90],
];

describe.each(inks.map((colour) => ({ colour })))('the colour $colour stays', ({ colour }) => {
  it('from CMYK with its profile', async () => {
    const original = await swatch(colour).withIccProfile('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(original).metadata()).space).toBe('cmyk');
    expect(deltaE(await middle(original, 'w_8,f_png'), colour)).toBeLessThan(9);
  });

  it('from CMYK without one', async () => {
    const original = await swatch(colour).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(original).metadata()).space).toBe('cmyk');
    expect(deltaE(await middle(original, 'w_8,f_png'), colour)).toBeLessThan(9);
  });
});

/** CIEDE2000 (Sharma, Wu and Dalal, 2005): the difference as eyes weigh it, smaller in strong colours than in grays. */
function deltaE2000([l1 = 0, a1 = 0, b1 = 0]: readonly number[], [l2 = 0, a2 = 0, b2 = 0]: readonly number[]): number {
  const radians = Math.PI / 180;
  const faded = (chroma: number) => Math.sqrt(chroma ** 7 / (chroma ** 7 + 25 ** 7));
  const stretch = 1 + 0.5 * (1 - faded((Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2));
  const [c1, c2] = [Math.hypot(a1 * stretch, b1), Math.hypot(a2 * stretch, b2)];
  const hue = (a: number, b: number) => (a === 0 && b === 0 ? 0 : (Math.atan2(b, a * stretch) / radians + 360) % 360);
  const [h1, h2] = [hue(a1, b1), hue(a2, b2)];
  const isGray = c1 * c2 === 0;
  const apart = h2 - h1;
  const turn = isGray ? 0 : apart > 180 ? apart - 360 : apart < -180 ? apart + 360 : apart;
  const hueDifference = 2 * Math.sqrt(c1 * c2) * Math.sin((turn / 2) * radians);
  const [lightness, chroma] = [(l1 + l2) / 2, (c1 + c2) / 2];
  const middleHue = isGray ? h1 + h2 : h1 + turn / 2;
  const wave = (times: number, from: number) => Math.cos((times * middleHue + from) * radians);
  const t = 1 - 0.17 * wave(1, -30) + 0.24 * wave(2, 0) + 0.32 * wave(3, 6) - 0.2 * wave(4, -63);
  const bend = ((((middleHue + 360) % 360) - 275) / 25) ** 2;
  const rotation = -2 * faded(chroma) * Math.sin(60 * Math.exp(-bend) * radians);
  const l = (l2 - l1) / (1 + (0.015 * (lightness - 50) ** 2) / Math.sqrt(20 + (lightness - 50) ** 2));
  const c = (c2 - c1) / (1 + 0.045 * chroma);
  const h = hueDifference / (1 + 0.015 * chroma * t);
  return Math.sqrt(l ** 2 + c ** 2 + h ** 2 + rotation * c * h);
}

async function worst(colours: readonly Pixel[], original: (colour: Pixel) => Promise<Buffer>): Promise<number> {
  const differences = await Promise.all(
    colours.map(async (colour) => deltaE2000(lab(await middle(await original(colour), 'w_8,f_png')), lab(colour))),
  );
  return Math.max(...differences);
}

it.each([
  [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
  [[50, -1, 2], [50, 0, 0], 2.3669],
  [[50, 2.5, 0], [73, 25, -18], 27.1492],
  [[22.7233, 20.0904, -46.694], [23.0331, 14.973, -42.5619], 2.0373],
  [[90.8027, -2.0831, 1.441], [91.1528, -1.6435, 0.0447], 1.4441],
])('CIEDE2000 of %j and %j is what its authors publish', (one, other, published) => {
  expect(deltaE2000(one, other)).toBeCloseTo(published, 4);
});

it('Display P3 comes out within 3 of the colour that went in by CIEDE2000, and ink, there and back, within 6', async () => {
  const cmyk = (colour: Pixel) => swatch(colour).withIccProfile('cmyk').jpeg({ quality: 100 }).toBuffer();
  const [jpeg, png, webp] = (['jpeg', 'png', 'webp'] as const).map(
    (format) => (colour: Pixel) => swatch(colour).withIccProfile('p3').toFormat(format, { quality: 100 }).toBuffer(),
  );
  if (jpeg === undefined || png === undefined || webp === undefined) throw new Error('three formats are three');
  const p3 = Math.max(...(await Promise.all([jpeg, png, webp, deepP3].map((original) => worst(swatches, original)))));
  const inked = await worst(inks, cmyk);
  const passedOver = deltaE2000(lab(toP3([200, 40, 60])), lab([200, 40, 60]));
  recordFigure(
    30,
    `ΔE2000 at worst ${p3.toFixed(2)} for ${swatches.length} colours in Display P3 (JPEG, PNG, WebP, 16 bits; ${passedOver.toFixed(2)} if the profile were passed over), ${inked.toFixed(2)} for ${inks.length} colours into CMYK and back`,
  );
  expect(p3).toBeLessThan(3);
  expect(passedOver).toBeGreaterThan(3);
  expect(inked).toBeLessThan(6);
});

it('the P3 files of these tests would come out wrong if their profile were passed over', async () => {
  const original = await swatch([200, 40, 60]).withIccProfile('p3').png().toBuffer();
  const numbers = await sharp(original, { ignoreIcc: true }).raw().toBuffer();
  expect(deltaE([...numbers.subarray(0, 3)], [200, 40, 60])).toBeGreaterThan(8);
});

describe('a gray picture', () => {
  it.each(['jpeg', 'png'] as const)('in %s stays gray', async (format) => {
    const original = await from(paint(20, 20, (x) => [x * 10]))
      .toColourspace('b-w')
      .toFormat(format, { quality: 100 })
      .toBuffer();
    const picture = await decode((await draw(original, 'w_20,f_png')).bytes);
    const pixel = picture.at(10, 10);
    expect(distance(pixel.slice(0, 1), [100])).toBeLessThan(4);
    for (const value of pixel.slice(0, 3)) expect(value).toBe(pixel[0]);
  });

  it('of 16 bits comes out as 8', async () => {
    const original = await swatch([90, 90, 90]).toColourspace('grey16').png().toBuffer();
    expect((await sharp(original).metadata()).depth).toBe('ushort');
    const { bytes } = await draw(original, 'w_8,f_png');
    expect((await sharp(bytes).metadata()).depth).toBe('uchar');
    expect(distance((await decode(bytes)).at(4, 4).slice(0, 1), [90])).toBeLessThan(3);
  });

  it('may be cut, turned, rounded and padded with a colour', async () => {
    const original = await from(paint(20, 20, () => [90]))
      .toColourspace('b-w')
      .png()
      .toBuffer();
    const picture = await decode((await draw(original, 'c_fill,w_10,h_10/a_20/r_2/c_pad,w_30,h_30,b_red,f_png')).bytes);
    expect(distance(picture.at(1, 1), red)).toBeLessThan(3);
    expect(distance(picture.at(15, 15), [90, 90, 90])).toBeLessThan(3);
  });
});

describe('what is transparent', () => {
  const half = () =>
    from(paint(20, 20, (x) => (x < 10 ? [...red, 255] : [0, 0, 255, 0])))
      .png()
      .toBuffer();

  it('is white in JPEG', async () => {
    const picture = await decode((await draw(await half(), 'w_20,f_jpg,q_95')).bytes);
    expect(distance(picture.at(15, 10), [255, 255, 255])).toBeLessThan(4);
    expect(distance(picture.at(3, 10), red)).toBeLessThan(8);
  });

  it('has the colour of b_ in JPEG', async () => {
    const picture = await decode((await draw(await half(), 'w_20,b_rgb:00ff00,f_jpg,q_95')).bytes);
    expect(distance(picture.at(15, 10), [0, 255, 0])).toBeLessThan(8);
  });

  it('is filled by b_ in other formats too', async () => {
    const picture = await decode((await draw(await half(), 'b_rgb:00ff00,f_png')).bytes);
    expect(distance(picture.at(15, 10), [0, 255, 0])).toBe(0);
  });

  it('is only veiled by a b_ that is see-through itself', async () => {
    const picture = await decode((await draw(await half(), 'b_rgb:00ff0080,f_png')).bytes);
    expect(picture.at(15, 10)).toEqual([0, 255, 0, 128]);
    expect(picture.at(3, 10)).toEqual([255, 0, 0, 255]);
  });

  it.each(['png', 'webp', 'avif', 'gif'])('stays so in %s', async (format) => {
    const picture = await decode((await draw(await half(), `w_20,f_${format}`)).bytes);
    expect(picture.at(15, 10)[3]).toBe(0);
    expect(picture.at(3, 10)[3]).toBe(255);
  });
});

describe('metadata', () => {
  const secret = 'N 52 31 12 E 13 24 36';
  const photograph = async () => {
    const jpeg = await from(noise(64, 48))
      .withExifMerge({
        IFD0: { Artist: 'Ada', Copyright: '(c) Ada' },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 12/1' },
      })
      .withIccProfile('p3')
      .jpeg()
      .toBuffer();
    return jpegWithExif(jpeg, exifBlock(1, secret));
  };

  it.each(['jpg', 'png', 'webp', 'avif', 'gif'])('is left behind in %s: place, maker, profile', async (format) => {
    const original = await photograph();
    expect(original.includes(secret)).toBe(true);
    const { bytes } = await draw(original, `w_32,f_${format}`);
    const found = await sharp(bytes).metadata();
    expect([found.exif, found.icc, found.xmp, found.iptc, found.orientation]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    for (const text of [secret, 'GPS', 'Ada', 'Exif']) expect(Buffer.from(bytes).includes(text)).toBe(false);
  });

  it('is left behind without any resize, too', async () => {
    const { bytes } = await draw(await photograph(), 'f_jpg');
    expect(Buffer.from(bytes).includes(secret)).toBe(false);
    expect((await sharp(bytes).metadata()).exif).toBeUndefined();
  });

  it.each(['fl_keep_attribution', 'fl_keep_iptc'])('keeps who made it, and no place, with %s', async (flag) => {
    const original = await from(noise(64, 48))
      .withExif({
        IFD0: { Artist: 'Ada', Copyright: '(c) Ada' },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 12/1' },
      })
      .jpeg()
      .toBuffer();
    const { bytes } = await draw(original, `w_32,${flag},f_jpg`);
    const { exif } = await sharp(bytes).metadata();
    expect(exif?.includes('Ada')).toBe(true);
    expect(exif?.includes('(c) Ada')).toBe(true);
    expect(exif?.includes('GPS') || exif?.includes(Buffer.from([0x25, 0x88]))).toBe(false);
  });

  it('of high dynamic range is left behind: the picture is drawn without its gain map', async () => {
    const pipeline = from(noise(64, 48));
    // sharp can, and its types do not say so.
    Reflect.apply(Reflect.get(pipeline, 'withGainMap'), pipeline, []);
    const original = await pipeline.jpeg().toBuffer();
    expect((await sharp(original).metadata()).gainMap).toBeDefined();
    const { bytes } = await draw(original, 'w_32,f_jpg');
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 32, height: 24 });
    expect((await sharp(bytes).metadata()).gainMap).toBeUndefined();
  });

  it('behind the end of a file does not come along', async () => {
    const original = Buffer.concat([
      await from(quarters(40, 20)).png().toBuffer(),
      Buffer.from('<script>trailer</script>'),
    ]);
    const { bytes } = await draw(original, 'f_png');
    expect(Buffer.from(bytes).includes('trailer')).toBe(false);
  });
});

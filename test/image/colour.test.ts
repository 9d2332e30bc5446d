import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { recordFigure } from '../support/figures.ts';
import { inkJpeg, inkTiff, patchSide } from '../support/ink-pictures.ts';
import {
  type Ink,
  inkReader,
  srgbOfInk,
  srgbWithoutProfile,
  withDarker,
  withNeutralBlack,
} from '../support/ink-profile.ts';
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

it('Display P3 comes out within 3 of the colour that went in by CIEDE2000', async () => {
  const [jpeg, png, webp] = (['jpeg', 'png', 'webp'] as const).map(
    (format) => (colour: Pixel) => swatch(colour).withIccProfile('p3').toFormat(format, { quality: 100 }).toBuffer(),
  );
  if (jpeg === undefined || png === undefined || webp === undefined) throw new Error('three formats are three');
  const p3 = Math.max(...(await Promise.all([jpeg, png, webp, deepP3].map((original) => worst(swatches, original)))));
  const passedOver = deltaE2000(lab(toP3([200, 40, 60])), lab([200, 40, 60]));
  recordFigure(
    30,
    `ΔE2000 at worst ${p3.toFixed(2)} for ${swatches.length} colours in Display P3 (JPEG, PNG, WebP, 16 bits; ${passedOver.toFixed(2)} if the profile were passed over)`,
  );
  expect(p3).toBeLessThan(3);
  expect(passedOver).toBeGreaterThan(3);
});

it('the P3 files of these tests would come out wrong if their profile were passed over', async () => {
  const original = await swatch([200, 40, 60]).withIccProfile('p3').png().toBuffer();
  const numbers = await sharp(original, { ignoreIcc: true }).raw().toBuffer();
  expect(deltaE([...numbers.subarray(0, 3)], [200, 40, 60])).toBeGreaterThan(8);
});

/** In percent, as printers count. */
const percents = [
  // Paper, each ink, each two, three, all.
  '0 0 0 0, 100 0 0 0, 0 100 0 0, 0 0 100 0, 0 0 0 100, 100 100 0 0, 0 100 100 0, 100 0 100 0, 100 100 100 0',
  '100 100 100 100',
  // Tints.
  '50 0 0 0, 0 50 0 0, 0 0 50 0, 50 50 0 0, 0 50 50 0, 50 0 50 0, 25 0 0 0, 0 25 0 0, 0 0 25 0',
  // Grays of black alone, of three inks, of four; blacks.
  '0 0 0 10, 0 0 0 25, 0 0 0 50, 0 0 0 75, 0 0 0 90, 25 16 16 0, 50 40 40 0, 75 66 66 0, 30 30 30 60, 80 70 60 70',
  '40 30 30 100, 60 40 40 100, 75 68 67 90',
  // Skin, and what else pictures are made of.
  '5 25 30 0, 10 35 40 0, 20 45 55 5, 35 60 70 30',
  '60 25 0 0, 65 15 90 5, 80 40 100 30, 20 80 90 10, 100 80 30 20, 30 100 60 30, 40 65 80 45, 10 30 90 0, 60 80 10 0',
  '80 20 40 10, 40 35 80 20, 70 50 35 20, 0 60 100 60',
];

const inks: readonly Ink[] = percents
  .flatMap((line) => line.split(', '))
  .map((ink) => ink.split(' ').map((percent) => Math.round(Number(percent) * 2.55)));

/** libvips's own, which sharp writes, and takes for what has none. All its inks together are black with a tint of blue. */
async function tintedProfile(): Promise<Buffer> {
  const { icc } = await sharp(await swatch([0, 0, 0]).withIccProfile('cmyk').jpeg().toBuffer()).metadata();
  if (icc === undefined) throw new Error('sharp writes a profile');
  return icc;
}

/** How far each ink comes out, drawn at half the size, from what its profile says. */
async function inkDifferences(original: Uint8Array, profile: Buffer): Promise<readonly number[]> {
  const side = patchSide / 2;
  const picture = await decode((await draw(original, `w_${inks.length * side},f_png`)).bytes);
  const labOf = inkReader(profile);
  return inks.map((ink, index) =>
    deltaE2000(lab(picture.at(index * side + side / 2, side / 2)), lab(srgbOfInk(labOf, ink))),
  );
}

const inkFiles: readonly (readonly [name: string, file: (profile?: Buffer) => Buffer | Promise<Buffer>])[] = [
  ['a JPEG', (profile) => inkJpeg(inks, 'cmyk', profile)],
  ['a JPEG as luma and chroma', (profile) => inkJpeg(inks, 'ycck', profile)],
  ["a JPEG without Adobe's mark", (profile) => inkJpeg(inks, 'unmarked', profile)],
  ['a TIFF', (profile) => inkTiff(inks, 8, profile)],
  ['a TIFF of 16 bits', (profile) => inkTiff(inks, 16, profile)],
];

describe('ink', () => {
  // What transicc of Little CMS 2.14 and jsColorEngine 1.6.1 both say.
  it.each([
    { ink: [0, 0, 0, 255], colour: [17.8, 3.8, 22.8] },
    { ink: [255, 255, 0, 0], colour: [31, 4.5, 119.4] },
    { ink: [128, 128, 128, 0], colour: [131.1, 112.7, 112.7] },
    { ink: [153, 102, 102, 26], colour: [99.1, 117.1, 124.9] },
    { ink: [20, 80, 90, 10], colour: [219.6, 163.2, 143.5] },
    { ink: [30, 90, 150, 60], colour: [172.7, 129.4, 90.6] },
  ])('of $ink is $colour to these tests, as it is to two other programs', async ({ ink, colour }) => {
    expect(distance(srgbOfInk(inkReader(await tintedProfile()), ink), colour)).toBeLessThan(1);
  });

  it.each(inkFiles)('in %s comes out within 3 of what its profile says', async (_, file) => {
    const profile = withNeutralBlack(await tintedProfile());
    expect(Math.max(...(await inkDifferences(await file(profile), profile)))).toBeLessThan(3);
  });

  it.each([{ darker: ['perceptual'] }, { darker: ['colorimetric', 'saturation'] }] as const)(
    "is what the perceptual intent's table says where that of $darker is another",
    async ({ darker }) => {
      const profile = withDarker(withNeutralBlack(await tintedProfile()), darker);
      const [labOf, otherLabOf] = [inkReader(profile), inkReader(profile, 'colorimetric')];
      const apart = inks.map((ink) => deltaE2000(lab(srgbOfInk(otherLabOf, ink)), lab(srgbOfInk(labOf, ink))));
      expect(Math.max(...apart)).toBeGreaterThan(10);
      expect(Math.max(...(await inkDifferences(await inkJpeg(inks, 'cmyk', profile), profile)))).toBeLessThan(3);
    },
  );

  it.each(inkFiles)(
    'in %s without a profile is what libvips takes for one, down to a lightness of 35',
    async (_, file) => {
      const profile = await tintedProfile();
      const differences = await inkDifferences(await file(), profile);
      expect(Math.max(...differences.filter((_, index) => isLight(profile, inks[index] ?? [])))).toBeLessThan(3);
    },
  );

  // Little CMS 2.19 takes such a black off every colour with its tint, where ISO 18619 takes its lightness alone: see
  // mm2/Little-CMS#599. When sharp brings one that does not, this fails, and `fails` can go.
  it.fails('is within 3 in the dark, too, where black has a tint', async () => {
    const profile = await tintedProfile();
    expect(Math.max(...(await inkDifferences(await inkJpeg(inks, 'cmyk', profile), profile)))).toBeLessThan(3);
  });

  it('comes out within 3 by CIEDE2000 one way, and would not if its profile were passed over', async () => {
    const tinted = await tintedProfile();
    const profile = withNeutralBlack(tinted);
    const files = await Promise.all(inkFiles.map(async ([, file]) => inkDifferences(await file(profile), profile)));
    const worstInk = Math.max(...files.flat());
    const ofTinted = await inkDifferences(await inkJpeg(inks, 'cmyk', tinted), tinted);
    const [light, dark] = [true, false].map((wanted) =>
      Math.max(...ofTinted.filter((_, index) => isLight(tinted, inks[index] ?? []) === wanted)),
    );
    const labOf = inkReader(profile);
    const passedOver = inks.map((ink) => deltaE2000(lab(srgbWithoutProfile(ink)), lab(srgbOfInk(labOf, ink))));
    const noticed = passedOver.filter((difference) => difference > 3).length;
    recordFigure(
      30,
      `ΔE2000 at worst ${worstInk.toFixed(2)} for ${inks.length} inks, one way, against a reader of ICC profiles of the tests' own (CMYK in JPEG with and without Adobe's mark and as YCCK, in TIFF of 8 and 16 bits; ${Math.max(...passedOver).toFixed(2)} if the profile were passed over); by libvips's own profile, whose black has a tint, ${light?.toFixed(2)} down to L* 35 and ${dark?.toFixed(2)} below`,
    );
    expect(worstInk).toBeLessThan(3);
    expect(noticed).toBeGreaterThan(inks.length / 2);
  });
});

function isLight(profile: Buffer, ink: Ink): boolean {
  const [lightness = 0] = lab(srgbOfInk(inkReader(profile), ink));
  return lightness >= 35;
}

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
    const { bytes } = await draw(original, `w_32,f_${format},cs_srgb`);
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

  it('behind the end of a file does not come along', async () => {
    const original = Buffer.concat([
      await from(quarters(40, 20)).png().toBuffer(),
      Buffer.from('<script>trailer</script>'),
    ]);
    const { bytes } = await draw(original, 'f_png');
    expect(Buffer.from(bytes).includes('trailer')).toBe(false);
  });
});

import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { avifSaying, nclx } from '../support/avif.ts';
import { distance, from, type Pixel, paint, pngChunk, pngWithChunks } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { tiffOf } from '../support/tiffs.ts';
import { type Eyes, openEyes } from './chromium.ts';
import { expectNone } from './faults.ts';
import { type Place, readByAvifdec, readByMagick } from './programs.ts';

const { renderer, draw } = startRenderer({ processes: 2 });
let eyes: Eyes;
beforeAll(async () => {
  eyes = await openEyes();
});
afterAll(() => Promise.all([renderer.close(), eyes?.close()]));

/** Eight fields beside each other, without and with alpha; the seventh is clear, the last one half so. */
const colours: readonly Pixel[] = [
  [200, 60, 60],
  [60, 160, 70],
  [50, 70, 190],
  [220, 200, 90],
  [128, 128, 128],
  [30, 30, 30],
  [240, 240, 240],
  [90, 200, 210],
];
const alphas = [255, 255, 255, 255, 255, 200, 0, 128];
const side = 16;
const width = colours.length * side;
const fieldAt = (x: number) => Math.floor(x / side);
const centres: readonly Place[] = colours.map((_, index) => [(index + 0.5) / colours.length, 0.5]);

const raw = () => paint(width, side, (x) => colours[fieldAt(x)] ?? [0, 0, 0]);
const plain = () => from(raw());
const withAlpha = () =>
  from(paint(width, side, (x) => [...(colours[fieldAt(x)] ?? [0, 0, 0]), alphas[fieldAt(x)] ?? 255]));
const grey = () => from(paint(width, side, (x) => [fieldAt(x) * 32]));
const greyWithAlpha = () =>
  from(paint(width, side, (x) => [0, 1, 2].map(() => fieldAt(x) * 32).concat(alphas[fieldAt(x)] ?? 255)));
const fromFew = (channels: 3 | 4) => (channels === 3 ? plain() : withAlpha()).png({ palette: true, colours: 16 });
const code = (...numbers: number[]) => pngChunk('cICP', Buffer.from([...numbers, 0, 1]));
const gamma = (value: number) => {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(value);
  return pngChunk('gAMA', payload);
};

/** Originals that browsers can show themselves: what they show is right. */
const shown: Readonly<Record<string, () => Promise<Buffer>>> = {
  'a JPEG': () => plain().jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(),
  'a grey JPEG': () => grey().toColourspace('b-w').jpeg({ quality: 100 }).toBuffer(),
  'a JPEG in Display P3': () =>
    plain().withIccProfile('p3').jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(),
  'a PNG': () => plain().png().toBuffer(),
  'a PNG with alpha': () => withAlpha().png().toBuffer(),
  'a grey PNG': () => grey().toColourspace('b-w').png().toBuffer(),
  'a grey PNG with alpha': () => greyWithAlpha().toColourspace('b-w').png().toBuffer(),
  'a grey PNG of 16 bits': () => grey().toColourspace('grey16').png().toBuffer(),
  'a grey PNG of 16 bits with alpha': () => greyWithAlpha().toColourspace('grey16').png().toBuffer(),
  'a PNG of 16 bits': () => plain().toColourspace('rgb16').png().toBuffer(),
  'a PNG of 16 bits with alpha': () => withAlpha().toColourspace('rgb16').png().toBuffer(),
  'a PNG in Display P3': () => plain().withIccProfile('p3').png().toBuffer(),
  'a PNG of 16 bits in Display P3': () => plain().toColourspace('rgb16').withIccProfile('p3').png().toBuffer(),
  'a PNG of 16 bits with alpha in Display P3': () =>
    withAlpha().toColourspace('rgb16').withIccProfile('p3').png().toBuffer(),
  'a PNG of few colours': () => fromFew(3).toBuffer(),
  'a PNG of few colours with alpha': () => fromFew(4).toBuffer(),
  'an interlaced PNG': () => withAlpha().png({ progressive: true }).toBuffer(),
  'a PNG of code points of Display P3': async () => pngWithChunks(await plain().png().toBuffer(), [code(12, 13)]),
  'a PNG of code points of BT.2020': async () => pngWithChunks(await plain().png().toBuffer(), [code(9, 13)]),
  'a PNG of gamma 1': async () => pngWithChunks(await plain().png().toBuffer(), [gamma(100_000)]),
  'a PNG of gamma 1.8': async () => pngWithChunks(await plain().png().toBuffer(), [gamma(55_556)]),
  'a WebP': () => plain().webp({ lossless: true }).toBuffer(),
  'a lossy WebP with alpha': () => withAlpha().webp({ quality: 100, smartSubsample: true }).toBuffer(),
  'a WebP in Display P3': () => plain().withIccProfile('p3').webp({ lossless: true }).toBuffer(),
  'an AVIF': () => plain().avif({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(),
  'an AVIF with alpha': () => withAlpha().avif({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(),
  'an AVIF of 10 bits': () => plain().avif({ quality: 100, chromaSubsampling: '4:4:4', bitdepth: 10 }).toBuffer(),
  'an AVIF of 12 bits': () => plain().avif({ quality: 100, chromaSubsampling: '4:4:4', bitdepth: 12 }).toBuffer(),
  'a grey AVIF': () => grey().toColourspace('b-w').avif({ quality: 100 }).toBuffer(),
  'an AVIF of code points of Display P3': async () =>
    avifSaying(await plain().avif({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(), {
      properties: [nclx(12, 13)],
    }),
  'an AVIF in Display P3': () =>
    plain().withIccProfile('p3').avif({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(),
  'an AVIF whose alpha is multiplied in': async () => {
    const multiplied = paint(width, side, (x) => {
      const alpha = alphas[fieldAt(x)] ?? 255;
      return [...(colours[fieldAt(x)] ?? []).map((value) => Math.round((value * alpha) / 255)), alpha];
    });
    return avifSaying(await from(multiplied).avif({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(), {
      reference: 'prem',
    });
  },
  'a GIF': () => plain().gif().toBuffer(),
  'a GIF with a clear colour': () => withAlpha().gif().toBuffer(),
};

/** Originals that no browser shows: what ImageMagick reads is right. */
const tiffs: Readonly<Record<string, () => Promise<Buffer>>> = {
  'a TIFF': () => plain().tiff({ compression: 'none' }).toBuffer(),
  'a TIFF packed by LZW, with alpha': () => withAlpha().tiff({ compression: 'lzw' }).toBuffer(),
  'a TIFF packed by deflate in tiles': () => plain().tiff({ compression: 'deflate', tile: true }).toBuffer(),
  'a TIFF packed as JPEG': () => plain().tiff({ compression: 'jpeg', quality: 100 }).toBuffer(),
  'a grey TIFF': () => grey().toColourspace('b-w').tiff({ compression: 'lzw' }).toBuffer(),
  'a TIFF of 16 bits': () => plain().toColourspace('rgb16').tiff({ compression: 'none' }).toBuffer(),
  'a grey TIFF of 16 bits': () => grey().toColourspace('grey16').tiff({ compression: 'none' }).toBuffer(),
  'a big-endian TIFF': async () => tiffOf([{ pixels: raw() }], { order: 'MM' }),
  'a BigTIFF': async () => tiffOf([{ pixels: raw() }], { isBig: true }),
};

/** How far a colour may be off in each format: GIF has 256 colours and no half clear ones. */
const formats: Readonly<Record<string, number>> = { png: 4, 'webp,q_100': 8, 'avif,q_100': 8, 'jpg,q_100': 8, gif: 14 };

const white: Pixel = [255, 255, 255, 255];

/** As it looks before something, which is what people see of what is half clear. */
function before([red = 0, green = 0, blue = 0, alpha = 255]: Pixel, ground: Pixel): Pixel {
  const share = alpha / 255;
  return [red, green, blue].map((value, index) => Math.round(value * share + (ground[index] ?? 0) * (1 - share)));
}

/** What somebody would say is wrong with a field, looking at it before black and before white. */
function difference(right: Pixel, seen: Pixel, format: string): number {
  if (format.startsWith('jpg')) return distance(before(right, white), before(seen, white));
  // One threshold for all of GIF's alpha: what is half clear may be either.
  if (format === 'gif' && (right[3] ?? 255) > 0 && (right[3] ?? 255) < 255) return 0;
  return Math.max(...[white, [0, 0, 0]].map((ground) => distance(before(right, ground), before(seen, ground))));
}

/** Ways through the program that touch colours. */
const paths = [
  '',
  `c_scale,w_${width / 2}/`,
  `c_crop,w_${width},h_8,y_4/`,
  `a_180/a_180/`,
  `c_scale,w_${width},e_sharpen:1/c_scale,w_${width}/`,
];

/** The fields as people see them: by Chromium, whose stretched alpha of AVIF is no measure, or else by ImageMagick. */
async function shownOf(kind: string, original: Buffer): Promise<readonly Pixel[]> {
  const measure = /AVIF.*alpha/.test(kind) ? await withAlpha().png().toBuffer() : original;
  const files = new Map([[kind, measure]]);
  const read = kind in tiffs ? await readByMagick(files, centres) : await eyes.look(files, centres);
  return read.get(kind)?.points ?? [];
}

describe('the colours and the alpha that others show of an original', () => {
  it.each(Object.entries({ ...shown, ...tiffs }))('are those of every answer made of %s', async (kind, make) => {
    const original = await make();
    const right = await shownOf(kind, original);
    expect(right.length).toBe(colours.length);
    const files = new Map<string, Uint8Array>();
    for (const path of paths) {
      for (const format of Object.keys(formats)) {
        if (path.includes('sharpen') && format === 'gif') continue;
        files.set(`${path} ${format}`, (await draw(original, `${path}f_${format}`)).bytes);
      }
    }
    const avifs = new Map([...files].filter(([name]) => name.includes(' avif')));
    const readers = {
      Chromium: await eyes.look(files, centres),
      ImageMagick: await readByMagick(files, centres),
      libavif: await readByAvifdec(avifs, centres),
    };
    const wrong = [...files.keys()].flatMap((name) => {
      const format = name.split(' ')[1] ?? '';
      const limit = (formats[format] ?? 0) + (name.includes('sharpen') ? 4 : 0);
      return Object.entries(readers).flatMap(([who, readings]) =>
        centres.flatMap((_place, index) => {
          const [wanted = [], seen] = [right[index], readings.get(name)?.points[index]];
          // The alpha of AVIF is for libavif to read: ImageMagick reads none, nor its profile, and Chromium another.
          const isUnread = wanted[3] !== 255 || (who === 'ImageMagick' && /Display P3/.test(kind));
          const isLeftOut = avifs.has(name) ? who !== 'libavif' && isUnread : who === 'libavif';
          if (isLeftOut) return [];
          const opaque = who === 'ImageMagick' && avifs.has(name) ? [...(seen ?? []).slice(0, 3), 255] : (seen ?? []);
          return difference(wanted, opaque, format) <= limit
            ? []
            : [`${name}: field ${index} is ${seen} for ${who}, not ${wanted}`];
        }),
      );
    });
    expectNone(wrong);
  });
});

describe('a colour that the URL names', () => {
  const originals = Object.entries(shown).filter(([kind]) => !/code points|gamma|GIF|interlaced|12 bits/.test(kind));
  const places: readonly Place[] = [
    [0.5, 0.04],
    [0.5, 0.96],
  ];

  it.each(originals)('is that colour round %s', async (_, make) => {
    const original = await make();
    const files = new Map<string, Uint8Array>();
    const asked: readonly Pixel[] = [
      [255, 0, 0],
      [0, 0, 255],
      [200, 60, 60],
    ];
    for (const colour of asked) {
      const hex = Buffer.from(colour).toString('hex');
      for (const format of ['png', 'jpg,q_100', 'webp,q_100', 'avif,q_100']) {
        files.set(
          `${colour} padded ${format}`,
          (await draw(original, `c_pad,w_${width},h_64,b_rgb:${hex}/f_${format}`)).bytes,
        );
        files.set(`${colour} framed ${format}`, (await draw(original, `bo_6px_solid_rgb:${hex}/f_${format}`)).bytes);
        files.set(
          `${colour} after grey ${format}`,
          (await draw(original, `e_grayscale/c_pad,w_${width},h_64,b_rgb:${hex}/f_${format}`)).bytes,
        );
      }
    }
    const seen = await eyes.look(files, places);
    const wrong = [...files.keys()].flatMap((name) => {
      const colour = name.split(' ')[0]?.split(',').map(Number) ?? [];
      const points = seen.get(name)?.points ?? [];
      return points.length === 2 && points.every((point) => distance(colour, point) <= 8 && point[3] === 255)
        ? []
        : [`${name}: ${points.join(' and ')}`];
    });
    expectNone(wrong);
  });

  it('is that colour behind what is clear', async () => {
    for (const kind of [
      'a PNG with alpha',
      'a grey PNG with alpha',
      'a PNG of 16 bits with alpha',
      'a PNG of few colours with alpha',
      'a GIF with a clear colour',
      'an AVIF with alpha',
      'a lossy WebP with alpha',
      'a PNG of 16 bits with alpha in Display P3',
    ]) {
      const original = (await shown[kind]?.()) ?? Buffer.alloc(0);
      const files = new Map<string, Uint8Array>();
      for (const text of ['b_rgb:c83c3c,f_jpg,q_100', 'b_rgb:c83c3c,f_png', 'c_scale,w_64,b_rgb:c83c3c,f_webp,q_100'])
        files.set(text, (await draw(original, text)).bytes);
      const seen = await eyes.look(files, [centres[6] ?? [0, 0]]);
      for (const [text, { points }] of seen) {
        expect([kind, text, distance([200, 60, 60], points[0] ?? []) <= 8]).toEqual([kind, text, true]);
      }
    }
  });
});

it('sharp, which makes the originals of this file, is no judge in it', async () => {
  // A picture that sharp and ImageMagick and Chromium read alike, so that a broken reader is seen as one.
  const original = await plain().png().toBuffer();
  const files = new Map([['original', original]]);
  const byChromium = (await eyes.look(files, centres)).get('original')?.points ?? [];
  const byMagick = (await readByMagick(files, centres)).get('original')?.points ?? [];
  const { data } = await sharp(original).raw().toBuffer({ resolveWithObject: true });
  for (const [index, colour] of colours.entries()) {
    expect(byChromium[index]).toEqual([...colour, 255]);
    expect(byMagick[index]).toEqual([...colour, 255]);
    const at = ((side / 2) * width + index * side + side / 2) * 3;
    expect([...data.subarray(at, at + 3)]).toEqual(colour);
  }
});

import sharp, { type Sharp } from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { createKeptPixels } from '../../src/image/drawing/open/kept-pixels.ts';
import { mostKeptBytes } from '../../src/image/processes/memory-fit.ts';
import { renderAnswerSchema } from '../../src/image/protocol/answer.ts';
import { likeness, lumaOf } from '../support/likeness.ts';
import { from, noise, type Pixel, paint, pngChunk, pngWithChunks } from '../support/pictures.ts';
import { startRenderer, type TestRenderer } from '../support/renderer.ts';

/** All pixels of an original lie in memory for its next pictures; nobody is to see that but by the time it takes. */
const keeping = startRenderer();
const inOnePipeline = startRenderer({ maxKeptBytes: 0 });
afterAll(() => Promise.all([keeping, inOnePipeline].map(({ renderer }) => renderer.close())));

const [width, height] = [640, 420];

/** Slopes, edges and a little noise: whatever is scaled or read otherwise comes out otherwise. */
const colourAt = (x: number, y: number): Pixel => [
  (x * 255) / width,
  ((x >> 5) + (y >> 5)) % 2 === 0 ? 40 : 200,
  (y * 7 + x * 13) % 97,
];
const seeThrough = (x: number, y: number): Pixel => [...colourAt(x, y), (x + y) % 256];

const opaque = () => from(paint(width, height, colourAt));
const clear = () => from(paint(width, height, seeThrough));
/** Takes no longer than it must: the bytes are what counts. */
const quick = { effort: 0 } as const;

type Originals = Readonly<Record<string, () => Promise<Buffer>>>;

const kept: Originals = {
  'a PNG': () => opaque().png().toBuffer(),
  'a see-through PNG': () => clear().png().toBuffer(),
  'a PNG with a see-through palette': () => clear().png({ palette: true, colours: 60, progressive: true }).toBuffer(),
  'a PNG of Display P3': () => opaque().withIccProfile('p3').png().toBuffer(),
  'a PNG that says its resolution': () => opaque().withDensity(300).png().toBuffer(),
  'an AVIF': () => opaque().avif(quick).toBuffer(),
  'a see-through AVIF of Display P3': () => clear().withIccProfile('p3').avif(quick).toBuffer(),
  'a see-through TIFF': () => clear().tiff({ compression: 'lzw' }).toBuffer(),
  'a WebP': () => opaque().webp(quick).toBuffer(),
  'a see-through WebP': () => clear().webp(quick).toBuffer(),
  'a TIFF in tiles, of JPEG': () => opaque().tiff({ compression: 'jpeg', tile: true, quality: 90 }).toBuffer(),
};

const notKept: Originals = {
  'a PNG with a gamma': async () => pngWithChunks(await opaque().png().toBuffer(), [gamma(1)]),
  'a PNG of 16 bits': () => opaque().toColourspace('rgb16').png().toBuffer(),
  'a gray PNG': () => opaque().grayscale().toColourspace('b-w').png().toBuffer(),
  'a PNG that lies on its side': () => lying(opaque()).png().toBuffer(),
  'an AVIF of 10 bits': () =>
    opaque()
      .avif({ ...quick, bitdepth: 10 })
      .toBuffer(),
  'a TIFF that lies on its side': () => lying(opaque()).tiff({ compression: 'lzw' }).toBuffer(),
  'a JPEG': () => opaque().jpeg().toBuffer(),
};

function gamma(value: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(value * 100_000);
  return pngChunk('gAMA', payload);
}

function lying(picture: Sharp): Sharp {
  return picture.withMetadata({ orientation: 6 });
}

const transformations = [
  'c_scale,w_300,f_jpg',
  'c_scale,w_128,f_webp',
  'c_scale,w_77,f_png',
  'c_scale,w_64,f_avif',
  'c_scale,w_200,f_gif',
  'w_120,h_120,c_fill,f_jpg',
  'w_120,h_300,c_fill,g_north_west,f_webp',
  'w_120,h_120,c_fill,g_auto,f_jpg',
  'w_200,h_40,c_thumb,g_xy_center,x_200,y_90,f_jpg',
  'w_200,h_200,c_pad,b_rgb:336699,f_jpg',
  'w_200,h_200,c_pad,b_auto,f_png',
  'w_200,h_200,c_pad,f_png',
  'c_limit,w_250,f_jpg/e_blur:300',
  'c_fit,w_250,h_250,f_webp/e_grayscale/r_max',
  'c_scale,w_250/a_90/e_sharpen,f_jpg',
  'c_scale,w_250,a_hflip,f_jpg',
  'c_scale,w_250,a_17,f_png',
  'c_scale,w_250,o_40,f_webp',
  'c_scale,w_250,e_trim,f_jpg',
  'c_scale,w_0.3,h_100,f_jpg',
  'c_scale,w_250,q_auto,f_jpg',
  'c_scale,w_250,f_png,q_60',
  'c_scale,w_250,f_png,fl_png8',
  'c_scale,w_250,f_png,fl_png32',
  'c_scale,w_250,f_png,dn_72',
  'c_scale,w_250,f_jpg,fl_force_icc',
  'c_scale,w_250,fl_keep_attribution,f_jpg',
  'c_crop,w_300,h_200,g_south_east,f_jpg/c_scale,w_100',
  'c_crop,w_300,h_200,f_png',
  'c_scale,w_700,f_jpg',
  'e_trim/c_scale,w_100,f_jpg',
  'c_scale,w_120,fl_getinfo',
  'f_webp,q_30',
];

/** The bytes, or why there are none. */
async function outcomeOf(by: TestRenderer, original: Buffer, text: string, fingerprint: string) {
  return by.draw(original, text, { fingerprint }).then(({ bytes }) => Buffer.from(bytes).toString('base64'), String);
}

/** Another picture in a file of the same build: whoever draws what was there before has not decoded it. */
function spoilt(original: Buffer): Buffer {
  const idat = original.indexOf('IDAT');
  const at = idat > 0 ? idat + 1_000 : original.length >> 1;
  return Buffer.from(original).fill(0x55, at, at + 100);
}

/** Has the one process draw another original, so that it has no file of before: what it has kept of one is pixels. */
async function forgetFile(by: TestRenderer): Promise<void> {
  await by.draw(
    await from(paint(8, 8, colourAt))
      .png()
      .toBuffer(),
    'w_4',
  );
}

/** Draws each at hand, with nothing at hand, and in one pipeline; returns those of which the bytes differ. */
async function differing(original: Buffer, texts: readonly string[], name: string): Promise<readonly string[]> {
  const different: string[] = [];
  for (const text of texts) {
    const direct = await outcomeOf(inOnePipeline, original, text, name);
    const alone = await outcomeOf(keeping, original, text, `${name} for ${text}`);
    const later = await outcomeOf(keeping, original, text, name);
    if (direct !== alone || alone !== later) different.push(text);
  }
  return different;
}

describe.each(Object.entries(kept))('pictures of %s', (name, make) => {
  it('have the bytes of one pipeline, whether its pixels were at hand or not', async () => {
    const original = await make();
    expect(await differing(original, transformations, name)).toEqual([]);
    const drawn = await outcomeOf(keeping, original, 'c_scale,w_90,f_jpg', name);
    await forgetFile(keeping);
    expect(await outcomeOf(keeping, spoilt(original), 'c_scale,w_90,f_jpg', name)).toBe(drawn);
  });
});

describe.each(Object.entries(notKept))('pictures of %s', (name, make) => {
  it('are drawn in one pipeline, each from the file', async () => {
    const original = await make();
    expect(await differing(original, transformations.slice(0, 6), name)).toEqual([]);
    const drawn = await outcomeOf(keeping, original, 'c_scale,w_90,f_jpg', name);
    await forgetFile(keeping);
    expect(await outcomeOf(keeping, spoilt(original), 'c_scale,w_90,f_jpg', name)).not.toBe(drawn);
  });
});

const text = 'c_scale,w_90,f_jpg';
const layered = 'c_scale,w_90/l_badge,w_20/fl_layer_apply,g_south/f_png';
const png = () => opaque().png().toBuffer();

describe('the pixels of an original', () => {
  const pixelBytes = width * height * 3;

  it('are kept under its name in its version, and under no other', async () => {
    const original = await png();
    const drawn = await outcomeOf(keeping, original, text, 'v1');
    expect(await outcomeOf(keeping, spoilt(original), text, 'v2')).not.toBe(drawn);
  });

  it('are not kept of a file that had to be mended', async () => {
    const original = await png();
    // It ends within the checksum of its pixels.
    const odd = original.subarray(0, -14);
    const drawn = await outcomeOf(keeping, odd, text, 'mended');
    expect(drawn).toBe(await outcomeOf(inOnePipeline, original, text, 'sound'));
    await forgetFile(keeping);
    expect(await outcomeOf(keeping, spoilt(odd), text, 'mended')).not.toBe(drawn);
  });

  it('give way to those of others when they take too much, the longest unused first', async () => {
    const original = await png();
    const roomForTwo = startRenderer({ maxKeptBytes: 2.5 * pixelBytes + original.length });
    const drawn = await outcomeOf(roomForTwo, original, text, 'one');
    for (const name of ['two', 'one', 'three']) await outcomeOf(roomForTwo, original, text, name);
    const others = [];
    for (const name of ['one', 'three', 'two']) {
      await forgetFile(roomForTwo);
      others.push(await outcomeOf(roomForTwo, spoilt(original), text, name));
    }
    await roomForTwo.renderer.close();
    expect(others.map((bytes) => bytes === drawn)).toEqual([true, true, false]);
  });

  it('are never more than there is memory for', async () => {
    const tight = startRenderer({ maxKeptBytes: pixelBytes - 1 });
    const original = await png();
    const drawn = await outcomeOf(tight, original, text, 'one');
    await forgetFile(tight);
    expect(await outcomeOf(tight, spoilt(original), text, 'one')).not.toBe(drawn);
    await tight.renderer.close();
  });

  it('take an eighth of what renders have, and never so much that their process would be replaced for it', () => {
    const megabyte = 1024 ** 2;
    const keptWith = (megabytes: number, processes: number) =>
      mostKeptBytes({ processes, maxMemoryBytes: megabytes * megabyte }) / megabyte;
    expect(keptWith(1_024, 2)).toBe(54);
    expect(keptWith(2_048, 4)).toBe(54);
    expect(keptWith(160, 2)).toBe(0);
    expect(keptWith(65_536, 2)).toBe(128);
  });

  it('bring its next pictures to the process that has them', async () => {
    const two = startRenderer({ processes: 2 });
    const [original, other] = [await png(), await from(noise(1_500, 1_500)).jpeg().toBuffer()];
    // The first process is busy, so that it is the second which has the pixels.
    const long = two.draw(other, 'f_avif,q_60');
    await two.seen('started', 2);
    const drawn = await outcomeOf(two, original, text, 'one');
    await long;
    expect(await outcomeOf(two, spoilt(original), text, 'one')).toBe(drawn);
    const both = await Promise.all([1, 2].map(() => outcomeOf(two, original, text, 'one')));
    expect(both).toEqual([drawn, drawn]);
    await two.renderer.close();
  });
});

describe('a WebP that is made much smaller', () => {
  /** Brightness of a picture of that width, scaled by one kernel from all pixels, or as it was drawn. */
  async function lumaAt(file: Uint8Array, resized: number) {
    const whole = sharp(file).resize(resized, null, { fastShrinkOnLoad: false }).removeAlpha();
    const { data, info } = await whole.raw().toBuffer({ resolveWithObject: true });
    return lumaOf(data, info, info.channels);
  }

  it.each([160, 106, 80])('to %i of 640 pixels is as sharp as if all of its pixels had been scaled', async (to) => {
    const original = await opaque().webp({ quality: 90 }).toBuffer();
    const drawn = await keeping.draw(original, `c_scale,w_${to},f_png`);
    const all = await lumaAt(original, to);
    const missed = 1 - likeness(await lumaAt(drawn.bytes, to), all);
    expect(missed).toBeLessThan(0.005);
    // What its decoder makes of it is less so.
    const ofDecoder = await sharp(original).resize(to).png().toBuffer();
    expect(missed).toBeLessThan(1 - likeness(await lumaAt(ofDecoder, to), all));
  });

  it('shares a decode with other sizes of a range, and is the same without', async () => {
    const original = await clear().webp(quick).toBuffer();
    await outcomeOf(keeping, original, 'c_scale,w_80,f_jpg', 'range');
    await forgetFile(keeping);
    for (const [width, isShared] of [
      [60, true],
      [160, false],
    ] as const) {
      const textOf = `c_scale,w_${width},f_png`;
      const [kept, direct] = [
        await outcomeOf(keeping, spoilt(original), textOf, 'range'),
        await outcomeOf(inOnePipeline, original, textOf, 'range'),
      ];
      expect(kept === direct).toBe(isShared);
    }
  });
});

describe('several pictures of one original at once', () => {
  const widths = [90, 91, 92, 93];

  /** Whoever decodes another file than the first comes to other pixels. */
  async function together(by: TestRenderer, original: Buffer, textOf: (width: number) => string) {
    const [first, ...others] = widths.map((width, index) =>
      outcomeOf(by, index === 0 ? original : spoilt(original), textOf(width), 'at once'),
    );
    return Promise.all([first, ...others]);
  }

  async function alone(original: Buffer, textOf: (width: number) => string) {
    const drawn: string[] = [];
    for (const width of widths) drawn.push(await outcomeOf(inOnePipeline, original, textOf(width), 'alone'));
    return drawn;
  }

  it('share one decode, though another process is free', async () => {
    const two = startRenderer({ processes: 2 });
    const original = await opaque().avif(quick).toBuffer();
    await two.seen('started', 2);
    const textOf = (width: number) => `c_scale,w_${width},f_jpg`;
    expect(await together(two, original, textOf)).toEqual(await alone(original, textOf));
    await two.renderer.close();
  });

  it('are drawn by two processes where that takes much longer than to decode it twice', async () => {
    const two = startRenderer({ processes: 2 });
    const original = await png();
    await two.seen('started', 2);
    const textOf = (width: number) => `c_scale,w_${width + 200},f_avif`;
    const [drawn, direct] = [await together(two, original, textOf), await alone(original, textOf)];
    expect(drawn[0]).toBe(direct[0]);
    expect(drawn).not.toEqual(direct);
    await two.renderer.close();
  });

  it('do not go with the one whose process is lost', async () => {
    const two = startRenderer({ processes: 2, timeoutMs: 3_000 });
    const original = await opaque().avif(quick).toBuffer();
    const { pid = 0 } = await two.seen('started');
    await two.seen('started', 2);
    // Whichever of the two: one draws it, and the others wait for that one.
    process.kill(pid, 'SIGSTOP');
    const outcomes = await Promise.allSettled(widths.map((width) => two.draw(original, `c_scale,w_${width},f_jpg`)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(3);
    await two.renderer.close();
  });
});

describe('the file of an original', () => {
  const jpeg = () => opaque().jpeg().toBuffer();

  it('stays in the process that drew it last, for the next pictures of it', async () => {
    const original = await jpeg();
    await outcomeOf(keeping, original, 'c_scale,w_90,f_jpg', 'file');
    // Sent again, it would be another.
    const next = await outcomeOf(keeping, spoilt(original), 'c_scale,w_70,f_webp', 'file');
    expect(next).toBe(await outcomeOf(inOnePipeline, original, 'c_scale,w_70,f_webp', 'file'));
  });

  it('is there beside other pictures for its layers than the last had', async () => {
    const original = await jpeg();
    const layers = new Map([
      [
        'badge',
        await from(paint(9, 9, colourAt))
          .png()
          .toBuffer(),
      ],
    ]);
    const draw = (by: TestRenderer, text: string) => by.draw(original, text, { fingerprint: 'layered', layers });
    await draw(keeping, 'c_scale,w_90,f_png');
    const [kept, sent] = [await draw(keeping, layered), await draw(inOnePipeline, layered)];
    expect(Buffer.from(kept.bytes).equals(sent.bytes)).toBe(true);
  });

  it('goes when another comes, and is not kept past the memory for it', async () => {
    const original = await jpeg();
    const tight = startRenderer({ maxKeptBytes: original.length - 1 });
    for (const by of [keeping, tight]) {
      const drawn = await outcomeOf(by, original, text, 'gone');
      if (by === keeping) await forgetFile(by);
      expect(await outcomeOf(by, spoilt(original), text, 'gone')).not.toBe(drawn);
    }
    await tight.renderer.close();
  });

  it('leaves its room for the next, which counts in what is kept beside it', async () => {
    const png = await opaque().png().toBuffer();
    const large = withWords(await jpeg(), 9 * 1024 * 1024);
    const pixelBytes = width * height * 3;
    for (const [maxKeptBytes, fits] of [
      [large.length + pixelBytes, true],
      [large.length + pixelBytes - 1, false],
    ] as const) {
      const by = startRenderer({ maxKeptBytes });
      await by.draw(large, text, { fingerprint: 'large' });
      const drawn = await outcomeOf(by, png, text, 'small');
      await by.draw(await jpeg(), text, { fingerprint: 'another' });
      expect((await outcomeOf(by, spoilt(png), text, 'small')) === drawn).toBe(fits);
      await by.renderer.close();
    }
  });
});

it('keeps the pixels of no more originals than an answer may name, and lets go of the oldest', () => {
  const pixels = createKeptPixels();
  const raster = { data: Buffer.alloc(3), size: { width: 1, height: 1 }, frames: 1, channels: 3 } as const;
  for (let index = 0; index < 1_500; index += 1) pixels.keep(`original ${index}`, raster);
  const answer = { outcome: 'drawn', width: 1, height: 1, frames: 1, rssBytes: 1, holds: pixels.names() };
  expect(renderAnswerSchema.safeParse(answer).success).toBe(true);
  expect(pixels.find('original 1499')).toBe(raster);
  expect(pixels.find('original 0')).toBeUndefined();
});
/** So much longer by comments, which nobody reads. */
function withWords(jpeg: Buffer, bytes: number): Buffer {
  const comment = Buffer.alloc(65_535, 'x');
  comment.set([0xff, 0xfe, 0xff, 0xfd]);
  const comments = Array.from({ length: Math.ceil(bytes / comment.length) }, () => comment);
  return Buffer.concat([jpeg.subarray(0, 2), ...comments, jpeg.subarray(2)]);
}

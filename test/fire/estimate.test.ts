import { readFileSync } from 'node:fs';
import sharp, { type Sharp } from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { inspect } from '../../src/image/index.ts';
import { sourcePixels, whileDecoded } from '../../src/image/plan/by-pixels.ts';
import { estimateBytes } from '../../src/image/plan/estimate.ts';
import { decideFormat, drawnFrames } from '../../src/image/plan/output-format.ts';
import { estimateWorkMs } from '../../src/image/plan/work.ts';
import { workloadOf } from '../../src/image/plan/workload.ts';
import { asDrawn } from '../../src/image/protocol/vector-size.ts';
import { avifSaying, nclx } from '../support/avif.ts';
import { bmp, ico } from '../support/bmps.ts';
import { heicFile } from '../support/heif.ts';
import { jxlFile } from '../support/jxl.ts';
import { animate, from, noise, type Pixels, paint, pngChunk, pngWithChunks } from '../support/pictures.ts';
import { startRenderer, transformOf } from '../support/renderer.ts';
import { blurredLight, groupsInGroups, longPath, manyLines } from '../support/svgs.ts';

// A fresh process for every render: what one leaves behind would hide what the next one takes.
const pool = startRenderer({ timeoutMs: 60_000, maxRendersPerProcess: 1 });
afterAll(() => pool.renderer.close());

type Layers = ReadonlyMap<string, Buffer>;

const megabyte = 1024 ** 2;
const sides = { width: 3_000, height: 2_000 };
let cached: Pixels | undefined;
const opaque = () => {
  cached ??= paint(sides.width, sides.height, (x, y) => [(x >> 4) & 255, (y >> 4) & 255, ((x ^ y) >> 3) & 255]);
  return cached;
};
const clear = () => from(opaque()).ensureAlpha(0.5);

/** Bytes that the next process grew by at its largest, beside what it had when it had started. */
async function peakOf(original: Buffer, text: string, layers: Layers = new Map()): Promise<number> {
  const index = pool.events.filter((event) => event.type === 'render-process' && event.event === 'started').length;
  const { pid } = await pool.seen('started', Math.max(1, index));
  const read = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
  const before = read('VmRSS');
  let peak = before;
  // The process ends with its render: its peak has to be read while it draws.
  const timer = setInterval(() => {
    try {
      peak = Math.max(peak, read('VmHWM'));
    } catch {
      clearInterval(timer);
    }
  }, 2);
  const started = pool.seen('started', Math.max(1, index) + 1);
  await pool.draw(original, text, { layers });
  clearInterval(timer);
  await started;
  return peak - before;
}

async function costOf(original: Buffer, text: string, layers: Layers = new Map()) {
  const transform = transformOf(text);
  const facts = asDrawn(await inspect(original), transform);
  const { steps, flags, page } = transform;
  const format = decideFormat({ target: transform.format, facts, steps, flags, page, output: sides });
  const frames = drawnFrames(format, facts, page);
  const ofLayers = await Promise.all([...layers].map(async ([id, bytes]) => [id, await inspect(bytes)] as const));
  const workload = workloadOf(transform, facts.size, new Map(ofLayers));
  return { facts, transform, format, frames, inputBytes: original.length, workload };
}

async function estimateOf(original: Buffer, text: string, layers?: Layers): Promise<number> {
  const cost = await costOf(original, text, layers);
  const pixels = sourcePixels({ ...cost, mostBytes: Number.POSITIVE_INFINITY });
  return estimateBytes(cost) + whileDecoded * (pixels?.bytes ?? 0);
}

/** Milliseconds of CPU that a process has taken, all threads. */
function cpuOf(pid: number): number {
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const fields = rest.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

describe.runIf(process.platform === 'linux')('a render takes no more memory than it was reckoned with:', () => {
  const small = () => from(noise(600, 400)).png().toBuffer();
  const of = (pipeline: () => Sharp) => () => pipeline().toBuffer();
  const animation = (side: number) => () =>
    animate(
      side,
      side,
      Array.from({ length: 12 }, (_, index) => [index * 20, 100, 255 - index * 20]),
    )
      .gif()
      .toBuffer();
  const ofWideAvif = async () =>
    avifSaying(await from(opaque()).avif({ effort: 0, chromaSubsampling: '4:2:0' }).toBuffer(), {
      properties: [nclx(12, 13)],
    });
  const ofMultipliedAvif = async () =>
    avifSaying(await clear().avif({ effort: 0, chromaSubsampling: '4:2:0' }).toBuffer(), { reference: 'prem' });
  const ofDeepGamma = async () =>
    pngWithChunks(await from(opaque()).toColourspace('rgb16').png({ compressionLevel: 1 }).toBuffer(), [
      pngChunk('gAMA', Buffer.from([0, 1, 0x86, 0xa0])),
    ]);
  const bmpWithAlpha = () => {
    const masks = [0xff0000, 0xff00, 0xff, 0xff000000];
    const pixels = Buffer.alloc(4 * sides.width * sides.height, 77);
    return bmp({ ...sides, bits: 32, compression: 3, masks, pixels });
  };
  const largeIcon = async () => ico([[0, 32, await clear().png({ compressionLevel: 1 }).toBuffer()]]);
  const cases: readonly (readonly [string, () => Promise<Buffer>, string])[] = [
    ['a baseline JPEG', of(() => from(opaque()).jpeg()), 'w_320,f_jpg'],
    ['a progressive JPEG', of(() => from(opaque()).jpeg({ progressive: true })), 'w_320,f_jpg'],
    [
      'a progressive JPEG in full colour',
      of(() => from(opaque()).jpeg({ progressive: true, chromaSubsampling: '4:4:4' })),
      'w_320,f_jpg',
    ],
    ['a PNG', of(() => from(opaque()).png({ compressionLevel: 1 })), 'w_320,f_jpg'],
    ['an interlaced PNG', of(() => from(opaque()).png({ compressionLevel: 1, progressive: true })), 'w_320,f_jpg'],
    [
      'an interlaced PNG of 16 bits with alpha',
      of(() => clear().toColourspace('rgb16').png({ compressionLevel: 1, progressive: true })),
      'w_320,f_jpg',
    ],
    ['a lossy WebP', of(() => from(opaque()).webp({ effort: 0 })), 'w_320,f_jpg'],
    ['a lossy WebP with alpha', of(() => clear().webp({ effort: 0 })), 'w_320,f_png'],
    ['a lossless WebP', of(() => from(opaque()).webp({ effort: 0, lossless: true })), 'w_320,f_jpg'],
    ['a GIF', of(() => from(opaque()).gif({ effort: 1, dither: 0 })), 'w_320,f_jpg'],
    ['an AVIF', of(() => from(opaque()).avif({ effort: 0, chromaSubsampling: '4:2:0' })), 'w_320,f_jpg'],
    ['an AVIF in full colour', of(() => from(opaque()).avif({ effort: 0, chromaSubsampling: '4:4:4' })), 'w_320,f_jpg'],
    ['an AVIF of other colours', ofWideAvif, 'w_320,f_jpg'],
    ['an AVIF of other colours at full size', ofWideAvif, 'f_jpg'],
    ['an AVIF with its alpha multiplied in', ofMultipliedAvif, 'w_320,f_png'],
    ['a PNG of 16 bits and another gamma at full size', ofDeepGamma, 'f_jpg'],
    ['a TIFF', of(() => from(opaque()).tiff({ compression: 'lzw' })), 'w_320,f_jpg'],
    ['a JPEG drawn large', small, 'c_scale,w_3000,h_2000,f_jpg'],
    ['a PNG drawn large', small, 'c_scale,w_3000,h_2000,f_png'],
    ['a palette chosen for a drawing', of(() => from(opaque()).png({ compressionLevel: 1 })), 'f_png,fl_png8'],
    ['a quality searched for', small, 'c_scale,w_1500,h_1000,f_webp,q_auto'],
    ['a quality searched for in a large picture', of(() => from(opaque()).jpeg()), 'f_jpg,q_auto'],
    ['a palette chosen for noise', small, 'c_scale,w_1600,h_1000,f_png,fl_lossy'],
    ['a palette kept', of(() => from(opaque()).png({ palette: true, effort: 4 })), 'c_scale,w_2000,f_png'],
    ['a palette that fits', of(() => from(opaque()).png({ palette: true, effort: 4 })), 'a_180/f_png'],
    ['a WebP drawn large', small, 'c_scale,w_3000,h_2000,f_webp'],
    ['a GIF drawn large', small, 'c_scale,w_2000,h_1000,f_gif'],
    ['an AVIF drawn large', small, 'c_scale,w_1600,h_1000,f_avif'],
    ['a blur at full size', of(() => from(opaque()).png({ compressionLevel: 1 })), 'e_blur:100/w_320,f_jpg'],
    ['a turn at full size', of(() => clear().webp({ effort: 0 })), 'a_17/w_320,f_png'],
    ['an outline at full size', of(() => clear().webp({ effort: 0 })), 'e_outline:20:200/f_jpg'],
    ['several effects at full size', of(() => clear().webp({ effort: 0 })), 'e_blur/a_17/r_20/w_320,f_png'],
    ['an animation', animation(500), 'a_17,f_webp'],
    ['an animation made a little smaller', animation(1000), 'c_scale,w_900,f_webp'],
    ['an animation made much smaller', animation(1000), 'c_fill,w_90,h_50,f_gif'],
    ['an animation made larger', animation(300), 'c_scale,w_1000,f_webp'],
    ['an animation in squares', animation(1000), 'e_pixelate:7,f_webp'],
    ['a BMP with alpha', () => Promise.resolve(bmpWithAlpha()), 'w_320,f_png'],
    ['an icon that is a large PNG', largeIcon, 'w_320,f_png'],
    ['a HEIC', () => Promise.resolve(heicFile('photo')), 'f_png'],
    ['a JPEG XL', () => Promise.resolve(jxlFile('photo')), 'f_png'],
    ['an SVG', () => Promise.resolve(groupsInGroups('')), 'c_scale,w_3000,f_png'],
    ['an SVG of groups in groups', () => Promise.resolve(groupsInGroups('opacity="0.9"')), 'c_scale,w_3000,f_png'],
    ['an SVG of many elements', () => Promise.resolve(manyLines(20_000)), 'w_200,f_png'],
    ['an SVG of a long path', () => Promise.resolve(longPath(100_000)), 'w_200,f_png'],
    ['an SVG with a filter', () => Promise.resolve(blurredLight()), 'c_scale,w_2000,f_png'],
    ['a cut by content', of(() => from(opaque()).jpeg()), 'c_crop,w_500,h_500,g_auto,f_jpg'],
    ['a cut by content, scaled', of(() => from(opaque()).jpeg()), 'c_fill,w_2900,h_500,g_auto,f_jpg'],
    ['a cut by content, made larger', of(() => from(opaque()).jpeg()), 'c_fill,w_3100,h_500,g_auto,f_jpg'],
    ['a part that is blurred', of(() => clear().webp({ effort: 0 })), 'e_blur_region:2000/w_320,f_png'],
    ['a colour that is replaced', of(() => clear().webp({ effort: 0 })), 'e_replace_color:red:50:blue/w_320,f_png'],
    ['a WebP with alpha at full size', of(() => clear().webp({ effort: 0 })), 'f_webp'],
    ['a lossless WebP with alpha at full size', of(() => clear().webp({ effort: 0, lossless: true })), 'f_webp'],
    ['a PNG with alpha as a WebP', of(() => clear().png({ compressionLevel: 1 })), 'f_webp'],
    ['a JPEG of few bytes', small, 'c_scale,w_3000,h_2000,f_jpg,mb_100'],
    ['a WebP of few bytes', small, 'c_scale,w_3000,h_2000,f_webp,mb_100'],
    ['a WebP with alpha of few bytes', of(() => clear().png({ compressionLevel: 1 })), 'f_webp,mb_100'],
    ['an AVIF of few bytes', small, 'c_scale,w_1600,h_1000,f_avif,mb_100'],
    ['an animation of few bytes', animation(700), 'f_webp,mb_100'],
    ['an animation whose quality is searched for', animation(700), 'f_webp,q_auto'],
  ];

  it.each(cases)('%s', async (_, make, text) => {
    const original = await make();
    const [estimate, peak] = [await estimateOf(original, text), await peakOf(original, text)];
    expect(peak / megabyte).toBeLessThanOrEqual(estimate / megabyte);
    // Nor is it reckoned with so much more that hardly anything would be let in.
    expect(estimate / megabyte).toBeLessThanOrEqual(4 * (peak / megabyte) + 80);
  });
});

describe.runIf(process.platform === 'linux')(
  'layers and text take no more memory than they were reckoned with:',
  () => {
    const font = 'DejaVu%20Sans';
    it.each([
      ['a layer scaled up', 'l_logo.png/c_scale,w_3000,h_2000/fl_layer_apply/f_jpg'],
      ['a layer with effects', 'l_logo.png/c_scale,w_3000,h_2000/e_blur:200/a_17/fl_layer_apply/f_jpg'],
      ['large text', `l_text:${font}_400:Large%20Text/fl_layer_apply/f_png`],
      ['wide letters', `l_text:${font}_40_letter_spacing_150:${'spaced'.repeat(5)}/fl_layer_apply/f_png`],
      ['high lines', `l_text:${font}_40_line_spacing_300:${Array(12).fill('line').join('%250A')}/fl_layer_apply/f_png`],
    ])('%s', async (_, text) => {
      const logo = await from(noise(300, 200)).png().toBuffer();
      const base = await from(noise(600, 400)).png().toBuffer();
      const layers = new Map([['logo.png', logo]]);
      const [estimate, peak] = [await estimateOf(base, text, layers), await peakOf(base, text, layers)];
      expect(peak / megabyte).toBeLessThanOrEqual(estimate / megabyte);
    });
  },
);

describe.runIf(process.platform === 'linux')('a render takes no more of a core than it was reckoned with:', () => {
  const lasting = startRenderer({ timeoutMs: 60_000 });
  afterAll(() => lasting.renderer.close());
  const drawing = () => from(opaque());
  const clearNoise = () =>
    from({ ...noise(1000, 800), width: 600, height: 1000, channels: 4 })
      .png()
      .toBuffer();
  const movingNoise = () =>
    sharp(noise(200, 2000).data, { raw: { width: 200, height: 2000, channels: 3, pageHeight: 200 } })
      .webp({ loop: 0, delay: Array(10).fill(100) })
      .toBuffer();
  it.each([
    ['a JPEG made small', () => drawing().jpeg().toBuffer(), 'w_320,f_jpg'],
    ['a PNG made small', () => drawing().png().toBuffer(), 'w_320,f_jpg'],
    ['an AVIF made small', () => drawing().avif({ effort: 0 }).toBuffer(), 'w_320,f_jpg'],
    ['noise as PNG', () => from(noise(2000, 1000)).jpeg().toBuffer(), 'f_png'],
    ['noise as WebP', () => from(noise(2000, 1000)).jpeg().toBuffer(), 'f_webp'],
    ['noise as AVIF', () => from(noise(1000, 1000)).jpeg().toBuffer(), 'f_avif'],
    ['noise as a small AVIF', () => from(noise(640, 960)).jpeg().toBuffer(), 'f_avif'],
    ['noise as GIF', () => from(noise(1000, 1000)).jpeg().toBuffer(), 'f_gif'],
    ['noise in a palette', () => from(noise(1000, 1000)).jpeg().toBuffer(), 'f_png,fl_png8'],
    ['clear noise in a palette', clearNoise, 'f_png,fl_png8'],
    ['a palette kept', () => drawing().png({ palette: true, effort: 4 }).toBuffer(), 'c_scale,w_2000,f_png'],
    ['a palette that fits', () => drawing().png({ palette: true, effort: 4 }).toBuffer(), 'a_180/f_png'],
    ...['webp', 'jpg', 'avif'].flatMap((format) =>
      [480, 1000].map(
        (width) =>
          [
            `a quality searched for, ${width} px, ${format}`,
            () => drawing().jpeg().toBuffer(),
            `c_scale,w_${width},q_auto,f_${format}`,
          ] as const,
      ),
    ),
    ...[
      ...['blur:2000', 'sharpen', 'vibrance:40', 'improve', 'trim', 'unsharp_mask', 'sepia', 'auto_contrast'],
      ...['outline:20', 'make_transparent:100', 'oil_paint:100', 'cartoonify'],
    ].map((effect) => [`e_${effect}`, () => drawing().jpeg().toBuffer(), `e_${effect}/f_jpg`] as const),
    ['a JPEG XL', () => jxlFile('photo'), 'f_png'],
    ['an SVG of many elements', () => manyLines(20_000), 'w_200,f_png'],
    ['an SVG of a long path', () => longPath(100_000), 'w_200,f_png'],
    ['an SVG with a filter', () => blurredLight(), 'c_scale,w_1000,f_png'],
    ['a part that is blurred', () => drawing().jpeg().toBuffer(), 'e_blur_region:2000/f_jpg'],
    ['a JPEG of few bytes', () => from(noise(2000, 1000)).jpeg().toBuffer(), 'f_jpg,mb_100'],
    ['a WebP of few bytes', () => from(noise(1000, 1000)).jpeg().toBuffer(), 'f_webp,mb_100'],
    ['an animation of few bytes', movingNoise, 'f_webp,mb_100'],
    ['a turn', () => drawing().jpeg().toBuffer(), 'a_17/f_jpg'],
    ['round corners', () => drawing().jpeg().toBuffer(), 'r_50/f_jpg'],
    ['a blurred background', () => drawing().jpeg().toBuffer(), 'c_pad,b_blurred,w_3000,h_3000/f_jpg'],
    ['a picture made large', () => from(noise(600, 400)).png().toBuffer(), 'c_scale,w_3000,h_2000,f_jpg'],
  ] as const)('%s', async (name, make, text) => {
    const original = await make();
    const { pid } = await lasting.seen('started');
    // Under another name: nothing of it is to be at hand.
    await lasting.draw(original, 'w_10,f_jpg', { fingerprint: `${name}, before` });
    if (pid === undefined) throw new Error('a process that has started has a number');
    const before = cpuOf(pid);
    await lasting.draw(original, text);
    const [took, reckoned] = [cpuOf(pid) - before, estimateWorkMs(await costOf(original, text))];
    expect(took).toBeLessThanOrEqual(Math.max(100, reckoned));
    // Nor so much more that honest pictures would be refused.
    expect(reckoned).toBeLessThanOrEqual(12 * took + 300);
  });
});

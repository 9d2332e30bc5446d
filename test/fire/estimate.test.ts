import { readFileSync } from 'node:fs';
import type { Sharp } from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { estimateBytes } from '../../src/image/estimate.ts';
import { inspect } from '../../src/image/index.ts';
import { decideFormat, drawnFrames } from '../../src/image/output-format.ts';
import { avifSaying, nclx } from '../support/avif.ts';
import { animate, from, noise, type Pixels, paint, pngChunk, pngWithChunks } from '../support/pictures.ts';
import { startRenderer, transformOf } from '../support/renderer.ts';

// A fresh process for every render: what one leaves behind would hide what the next one takes.
const pool = startRenderer({ timeoutMs: 60_000, maxRendersPerProcess: 1 });
afterAll(() => pool.renderer.close());

const megabyte = 1024 ** 2;
const sides = { width: 3_000, height: 2_000 };
let cached: Pixels | undefined;
const opaque = () => {
  cached ??= paint(sides.width, sides.height, (x, y) => [(x >> 4) & 255, (y >> 4) & 255, ((x ^ y) >> 3) & 255]);
  return cached;
};
const clear = () => from(opaque()).ensureAlpha(0.5);

/** Bytes that the next process grew by at its largest, beside what it had when it had started. */
async function peakOf(original: Buffer, text: string): Promise<number> {
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
  await pool.draw(original, text);
  clearInterval(timer);
  await started;
  return peak - before;
}

async function estimateOf(original: Buffer, text: string): Promise<number> {
  const facts = await inspect(original);
  const transform = transformOf(text);
  const { steps, flags, page } = transform;
  const format = decideFormat({ target: transform.format, facts, steps, flags, page, output: sides });
  const frames = drawnFrames(format, facts, page);
  return estimateBytes({ facts, transform, format, frames, inputBytes: original.length });
}

describe.runIf(process.platform === 'linux')('a render takes no more memory than it was reckoned with:', () => {
  const small = () => from(noise(600, 400)).png().toBuffer();
  const of = (pipeline: () => Sharp) => () => pipeline().toBuffer();
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
    ['a WebP drawn large', small, 'c_scale,w_3000,h_2000,f_webp'],
    ['a GIF drawn large', small, 'c_scale,w_2000,h_1000,f_gif'],
    ['an AVIF drawn large', small, 'c_scale,w_1600,h_1000,f_avif'],
    ['a blur at full size', of(() => from(opaque()).png({ compressionLevel: 1 })), 'e_blur:100/w_320,f_jpg'],
    ['a turn at full size', of(() => clear().webp({ effort: 0 })), 'a_17/w_320,f_png'],
    ['several effects at full size', of(() => clear().webp({ effort: 0 })), 'e_blur/a_17/r_20/w_320,f_png'],
    [
      'an animation',
      () =>
        animate(
          500,
          500,
          Array.from({ length: 12 }, (_, index) => [index * 20, 100, 255 - index * 20]),
        )
          .gif()
          .toBuffer(),
      'a_17,f_webp',
    ],
  ];

  it.each(cases)('%s', async (_, make, text) => {
    const original = await make();
    const [estimate, peak] = [await estimateOf(original, text), await peakOf(original, text)];
    expect(peak / megabyte).toBeLessThanOrEqual(estimate / megabyte);
    // Nor is it reckoned with so much more that hardly anything would be let in.
    expect(estimate / megabyte).toBeLessThanOrEqual(4 * (peak / megabyte) + 80);
  });
});

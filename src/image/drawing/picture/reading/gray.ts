import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { pngChunk, pngSignature } from '../../../containers/png-chunk.ts';
import { grayCurve } from './gray-curve.ts';
import { srgbTable, stepOf } from './light.ts';
import type { Curve } from './profile-curve.ts';
import type { Reading, Samples } from './reading.ts';

/** Whether a profile is one of gray (ICC.1:2010, 7.2.6). */
export function isOfGray(profile: Buffer): boolean {
  return profile.toString('latin1', 16, 20) === 'GRAY';
}

/**
 * Reads grays by their profile where sharp passes over it. A curve is read here: Little CMS, as libvips asks it, is several
 * steps of 255 off in the shadows of a linear one. Where the profile has none, Little CMS is asked what the 256 grays of
 * a picture of 8 bits are, and those between them lie on a line.
 */
export async function grayReading(profile: Buffer, depth: Reading['depth']): Promise<Reading> {
  const curve = grayCurve(profile);
  const table = curve === undefined ? tableOfSteps(await stepsOf(profile)) : tableOfCurve(curve);
  return { depth, canScaleFirst: true, toPixels: readerOf(table, depth === 'uchar' ? 257 : 1) };
}

function stepsOf(profile: Buffer): Promise<Buffer> {
  return sharp(rampWith(profile), { failOn: 'none' }).toColourspace('srgb').raw().toBuffer();
}

/** Three bytes of sRGB for each number of 16 bits, as those below. */
function tableOfCurve(curve: Curve): Buffer {
  const numbers = srgbTable();
  const table = Buffer.allocUnsafe(3 * 65_536);
  for (let number = 0; number < 65_536; number += 1) {
    table.fill(numbers[stepOf(curve(number / 65_535))] ?? 0, 3 * number, 3 * number + 3);
  }
  return table;
}

/** A picture of 256 × 1 pixels, every gray once. */
function rampWith(profile: Buffer): Buffer {
  const header = Buffer.from([0, 0, 1, 0, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  const row = Buffer.from([0, ...Array.from({ length: 256 }, (_, gray) => gray)]);
  return Buffer.concat([
    pngSignature,
    pngChunk('IHDR', header),
    pngChunk('iCCP', Buffer.concat([Buffer.from('gray\0\0', 'latin1'), deflateSync(profile)])),
    pngChunk('IDAT', deflateSync(row)),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

function tableOfSteps(steps: Buffer): Buffer {
  const table = Buffer.allocUnsafe(3 * 65_536);
  for (let number = 0; number < 65_536; number += 1) {
    const low = Math.min(254, Math.floor(number / 257));
    const share = number / 257 - low;
    for (let channel = 0; channel < 3; channel += 1) {
      const [one = 0, next = 0] = [steps[3 * low + channel], steps[3 * low + 3 + channel]];
      table[3 * number + channel] = Math.round(one + share * (next - one));
    }
  }
  return table;
}

/** The three colours of each pixel are one gray, which that factor brings to 16 bits. */
function readerOf(table: Buffer, factor: 1 | 257): Reading['toPixels'] {
  return (samples: Samples, channels) => {
    const pixels = Buffer.allocUnsafe(samples.length);
    for (let at = 0; at < samples.length; at += channels) {
      const from = 3 * factor * (samples[at] ?? 0);
      for (let channel = 0; channel < 3; channel += 1) pixels[at + channel] = table[from + channel] ?? 0;
      if (channels === 4) pixels[at + 3] = Math.round(((samples[at + 3] ?? 0) * factor) / 257);
    }
    return pixels;
  };
}

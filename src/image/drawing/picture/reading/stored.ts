import { canScaleAsStored, type Storage } from '../../../containers/facts.ts';
import type { Reading, Samples } from './reading.ts';

/**
 * Reads samples whose ends lie elsewhere, or colours that are multiplied by their alpha (which sharp would multiply once
 * more in order to scale them), and then as what they mean besides; without that they are sRGB.
 */
export function storedReading(facts: Storage, depth: Reading['depth'], meaning: Reading | undefined): Reading {
  const { isPremultiplied, range, alphaRange } = facts;
  const highest = depth === 'uchar' ? 255 : 65_535;
  return {
    depth,
    canScaleFirst: canScaleAsStored(facts),
    toPixels: (samples, channels) => {
      if (range !== undefined) [0, 1, 2].forEach(widening(samples, { channels, highest, ...range }));
      if (alphaRange !== undefined && channels === 4) widening(samples, { channels, highest, ...alphaRange })(3);
      if (isPremultiplied && channels === 4) divideByAlpha(samples, highest);
      return meaning === undefined ? inBytes(samples, highest) : meaning.toPixels(samples, channels);
    },
  };
}

interface Widening {
  readonly channels: number;
  readonly highest: number;
  readonly black: number;
  readonly white: number;
}

/** In place, one channel of a pixel. */
function widening(samples: Samples, { channels, highest, black, white }: Widening): (channel: number) => void {
  const wide = new Uint16Array(highest + 1).map((_, value) =>
    Math.round(highest * Math.min(1, Math.max(0, (value / highest - black) / (white - black)))),
  );
  return (channel) => {
    for (let at = channel; at < samples.length; at += channels) samples[at] = wide[samples[at] ?? 0] ?? 0;
  };
}

/** In place. Where nothing is to be seen nothing is divided. */
function divideByAlpha(samples: Samples, highest: number): void {
  for (let at = 0; at < samples.length; at += 4) {
    const alpha = samples[at + 3] ?? 0;
    if (alpha === 0 || alpha === highest) continue;
    for (let channel = at; channel < at + 3; channel += 1) {
      samples[channel] = Math.min(highest, Math.round(((samples[channel] ?? 0) * highest) / alpha));
    }
  }
}

function inBytes(samples: Samples, highest: number): Buffer {
  if (samples instanceof Uint8Array) return Buffer.from(samples.buffer, samples.byteOffset, samples.length);
  const pixels = Buffer.allocUnsafe(samples.length);
  for (let at = 0; at < samples.length; at += 1) pixels[at] = Math.round(((samples[at] ?? 0) / highest) * 255);
  return pixels;
}

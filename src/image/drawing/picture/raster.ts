import type { Size } from '../../containers/facts.ts';

/** Raw pixels: 8 bits a channel, frames one below the other. */
export interface Raster {
  readonly data: Buffer;
  /** Of one frame. */
  readonly size: Size;
  readonly frames: number;
  readonly channels: 1 | 2 | 3 | 4;
  /** Of Display P3, if they are numbers of that, and not of sRGB. */
  readonly profile?: Buffer;
}

/** The same pixels with three colour channels. */
export function coloured(raster: Raster): Raster {
  const { data, channels } = raster;
  if (channels >= 3) return raster;
  const wider = channels === 1 ? 3 : 4;
  const wide = Buffer.allocUnsafe((data.length / channels) * wider);
  for (let from = 0, to = 0; from < data.length; from += channels, to += wider) {
    wide.fill(data[from] ?? 0, to, to + 3);
    if (wider === 4) wide[to + 3] = data[from + 1] ?? 255;
  }
  return { ...raster, data: wide, channels: wider };
}

/** Pixels of so many samples, three of colour, a fourth of alpha, and others that are left out. */
export function withoutOthers(data: Buffer, samples: number): Buffer {
  const narrow = Buffer.allocUnsafe((data.length / samples) * 4);
  for (let from = 0, to = 0; from < data.length; from += samples, to += 4) data.copy(narrow, to, from, from + 4);
  return narrow;
}

/** The same pixels with colour and alpha, all of it where there was none. */
export function withAlpha(raster: Raster): Raster {
  const { data, channels } = coloured(raster);
  if (channels === 4) return { ...raster, data, channels };
  const wide = Buffer.allocUnsafe((data.length / 3) * 4);
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    data.copy(wide, to, from, from + 3);
    wide[to + 3] = 255;
  }
  return { ...raster, data: wide, channels: 4 };
}

/** The same pixels without their alpha. */
export function opaque(raster: Raster): Raster {
  const { data, channels } = raster;
  if (channels !== 4) return raster;
  const narrow = Buffer.allocUnsafe((data.length / 4) * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) data.copy(narrow, to, from, from + 3);
  return { ...raster, data: narrow, channels: 3 };
}

import type { Plane } from './blur.ts';

/** Linear light of sRGB's numbers (IEC 61966-2-1). */
const linear = Float32Array.from({ length: 256 }, (_, number) => {
  const share = number / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
});

/** Red, green and blue in linear light, or the three channels of XYB. */
export type Channels = readonly [Plane, Plane, Plane];

/** 8-bit sRGB, three channels interleaved. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A part of a picture, in pixels. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The pixels of a part; the same planes where it is all of them. */
export function cut(channels: Channels, area: Area): Channels {
  const [red, green, blue] = channels;
  if (area.width === red.width && area.height === red.height) return channels;
  return [cutPlane(red, area), cutPlane(green, area), cutPlane(blue, area)];
}

function cutPlane(plane: Plane, { left, top, width, height }: Area): Plane {
  const values = new Float32Array(width * height);
  for (let y = 0; y < height; y += 1) {
    const from = (top + y) * plane.width + left;
    values.set(plane.values.subarray(from, from + width), y * width);
  }
  return { width, height, values };
}

function emptyChannels(width: number, height: number): Channels {
  const plane = (): Plane => ({ width, height, values: new Float32Array(width * height) });
  return [plane(), plane(), plane()];
}

export function linearOf({ data, width, height }: Pixels): Channels {
  const channels = emptyChannels(width, height);
  for (const [channel, { values }] of channels.entries()) {
    for (let place = 0, at = channel; place < values.length; place += 1, at += 3) {
      values[place] = linear[data[at] ?? 0] ?? 0;
    }
  }
  return channels;
}

/** Half of each side, rounded up: the mean of four, of which those outside are the last ones inside. */
export function halved(channels: Channels): Channels {
  const { width, height } = channels[0];
  const half = emptyChannels((width + 1) >> 1, (height + 1) >> 1);
  for (const [channel, { values }] of half.entries()) halve(channels[channel as 0 | 1 | 2], values);
  return half;
}

function halve({ width, height, values }: Plane, half: Float32Array): void {
  let to = 0;
  for (let y = 0; y < height; y += 2) {
    const row = y * width;
    const below = y + 1 < height ? row + width : row;
    for (let x = 0; x < width; x += 2, to += 1) {
      const beside = x + 1 < width ? x + 1 : x;
      half[to] =
        ((values[row + x] ?? 0) +
          (values[row + beside] ?? 0) +
          (values[below + x] ?? 0) +
          (values[below + beside] ?? 0)) /
        4;
    }
  }
}

/** What is added to a cone's light before its root is taken: how dark an eye still sees (libjxl). */
const dark = 0.0037930732552754493;
const darkRoot = Math.cbrt(dark);

/**
 * XYB of linear light, as JPEG XL defines it: roots of what the three kinds of cones take in, by way of difference, mean and
 * blue; moved and stretched so that all are positive and count alike, as SSIMULACRA 2 does.
 */
export function xybOf([red, green, blue]: Channels): Channels {
  const channels = emptyChannels(red.width, red.height);
  const [{ values: xs }, { values: ys }, { values: bs }] = channels;
  for (let at = 0; at < xs.length; at += 1) {
    const [r, g, b] = [red.values[at] ?? 0, green.values[at] ?? 0, blue.values[at] ?? 0];
    const long = Math.cbrt(0.3 * r + 0.622 * g + 0.078 * b + dark) - darkRoot;
    const medium = Math.cbrt(0.23 * r + 0.692 * g + 0.078 * b + dark) - darkRoot;
    const short =
      Math.cbrt(0.24342268924547819 * r + 0.20476744424496821 * g + 0.5518098665095535 * b + dark) - darkRoot;
    const mean = (long + medium) / 2;
    xs[at] = 7 * (long - medium) + 0.42;
    ys[at] = mean + 0.01;
    bs[at] = short - mean + 0.55;
  }
  return channels;
}

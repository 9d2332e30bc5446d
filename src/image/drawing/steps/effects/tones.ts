import type { Effect } from '../../../../grammar/index.ts';
import type { Picture } from '../../picture/picture.ts';
import {
  type ColourMatrix,
  channelsOf,
  luma,
  mapAlpha,
  mapChannels,
  mapColours,
  mixColours,
  tableOf,
} from './pixels.ts';

/** Strengths as `grammar` takes them; each effect grows with its own, and 0 changes nothing where it may be written. */
export type DrawEffect = (picture: Picture, amount: number, effect: Effect) => Promise<Picture>;

function everyChannel(picture: Picture, change: (value: number) => number): Promise<Picture> {
  const table = tableOf(change);
  return mapChannels(picture, [table, table, table]);
}

/** −99 leaves a hundredth of the light, 100 doubles it. */
export const brightness: DrawEffect = (picture, amount) => everyChannel(picture, (value) => value * (1 + amount / 100));

/** Of one channel: −100 leaves none of it, 100 doubles it. */
export function ofChannel(channel: 0 | 1 | 2): DrawEffect {
  return (picture, amount) => {
    const same = tableOf((value) => value);
    const changed = tableOf((value) => value * (1 + amount / 100));
    return mapChannels(picture, [
      channel === 0 ? changed : same,
      channel === 1 ? changed : same,
      channel === 2 ? changed : same,
    ]);
  };
}

/** Distances from the middle grey: −100 leaves none, 100 doubles them. */
export const contrast: DrawEffect = (picture, amount) =>
  everyChannel(picture, (value) => 127.5 + (value - 127.5) * (1 + amount / 100));

/** −50 squares each value, 150 takes its 2.5th root (of 0 to 1). */
export const gamma: DrawEffect = (picture, amount) =>
  everyChannel(picture, (value) => 255 * (value / 255) ** (1 / (1 + amount / 100)));

export const negate: DrawEffect = (picture) => everyChannel(picture, (value) => 255 - value);

/** Distances from the grey of the same brightness: −100 leaves none, 100 doubles them. */
export const saturation: DrawEffect = (picture, amount) => mixColours(picture, saturating(1 + amount / 100));

function saturating(factor: number): ColourMatrix {
  const rest = 1 - factor;
  const row = (own: number): [number, number, number, number] => {
    const shares: [number, number, number, number] = [0.2126 * rest, 0.7152 * rest, 0.0722 * rest, 0];
    shares[own] = (shares[own] ?? 0) + factor;
    return shares;
  };
  return [row(0), row(1), row(2)];
}

/** Turns the colour wheel: ±100 is half round. The matrix of SVG's hueRotate. */
export const hue: DrawEffect = (picture, amount) => {
  const [cosine, sine] = [Math.cos((amount * Math.PI) / 100), Math.sin((amount * Math.PI) / 100)];
  return mixColours(picture, [
    [
      0.213 + cosine * 0.787 - sine * 0.213,
      0.715 - cosine * 0.715 - sine * 0.715,
      0.072 - cosine * 0.072 + sine * 0.928,
      0,
    ],
    [
      0.213 - cosine * 0.213 + sine * 0.143,
      0.715 + cosine * 0.285 + sine * 0.14,
      0.072 - cosine * 0.072 - sine * 0.283,
      0,
    ],
    [
      0.213 - cosine * 0.213 - sine * 0.787,
      0.715 - cosine * 0.715 + sine * 0.715,
      0.072 + cosine * 0.928 + sine * 0.072,
      0,
    ],
  ]);
};

/** Like saturation, but weak colours gain most and full ones nothing. */
export const vibrance: DrawEffect = (picture, amount) =>
  mapColours(picture, (pixels, at) => {
    const red = pixels[at] ?? 0;
    const green = pixels[at + 1] ?? 0;
    const blue = pixels[at + 2] ?? 0;
    const strongest = Math.max(red, green, blue);
    if (strongest === 0) return;
    const factor = 1 + (amount / 100) * (Math.min(red, green, blue) / strongest);
    const grey = luma(red, green, blue);
    pixels[at] = grey + (red - grey) * factor;
    pixels[at + 1] = grey + (green - grey) * factor;
    pixels[at + 2] = grey + (blue - grey) * factor;
  });

/** The usual brown: the matrix of CSS's sepia(), mixed in by per cent. */
export const sepia: DrawEffect = (picture, amount) => {
  const rest = 1 - amount / 100;
  return mixColours(picture, [
    [0.393 + 0.607 * rest, 0.769 * (1 - rest), 0.189 * (1 - rest), 0],
    [0.349 * (1 - rest), 0.686 + 0.314 * rest, 0.168 * (1 - rest), 0],
    [0.272 * (1 - rest), 0.534 * (1 - rest), 0.131 + 0.869 * rest, 0],
  ]);
};

/** White where a pixel is brighter than this share: 0 makes all white, 100 all black. */
export const blackwhite: DrawEffect = (picture, amount) => {
  const threshold = amount * 2.55;
  return mapColours(picture, (pixels, at) => {
    const isWhite = amount === 0 || luma(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0) > threshold;
    pixels.fill(isWhite ? 255 : 0, at, at + 3);
  });
};

/** Mixes a colour into every pixel by per cent. */
export const colorize: DrawEffect = (picture, amount, { colour = '808080' }) => {
  const share = amount / 100;
  const [red, green, blue] = channelsOf(colour);
  const mixed = (own: number) => tableOf((value) => value + (own - value) * share);
  return mapChannels(picture, [mixed(red), mixed(green), mixed(blue)]);
};

/** What is at least so opaque (per cent) becomes wholly so, everything else clear. */
export const opacityThreshold: DrawEffect = (picture, amount) =>
  mapAlpha(
    picture,
    tableOf((value) => (value >= amount * 2.55 ? 255 : 0)),
  );

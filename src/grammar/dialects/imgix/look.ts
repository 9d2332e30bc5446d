import { component, refuse } from '../dialect.ts';
import { colourIn } from './colours.ts';
import { densityOf } from './size.ts';
import { type ImgixName, type ImgixValues, isOn, numberOf, wordOf } from './words.ts';

type Values = Readonly<Record<string, string | undefined>>;

/** An effect that takes a number: its limits there, and what they come to here, within ours. */
interface Adjustment {
  readonly name: ImgixName;
  readonly effect: string;
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  /** What one step there is here. */
  readonly factor?: number;
}

const percent: readonly [number, number] = [-100, 100];

/** In the order in which they are worked. */
const adjustments: readonly Adjustment[] = [
  { name: 'bri', effect: 'brightness', from: percent, to: [-99, 100] },
  { name: 'con', effect: 'contrast', from: percent, to: percent },
  { name: 'gam', effect: 'gamma', from: percent, to: [-50, 100] },
  { name: 'sat', effect: 'saturation', from: percent, to: percent },
  { name: 'vib', effect: 'vibrance', from: percent, to: percent },
  { name: 'sharp', effect: 'sharpen', from: [0, 100], to: [1, 2000], factor: 10 },
  { name: 'blur', effect: 'blur', from: [0, 2000], to: [1, 2000] },
  { name: 'face-blur', effect: 'blur_faces', from: [0, 100], to: [1, 2000], factor: 20 },
  { name: 'face-pixel', effect: 'pixelate_faces', from: [0, 100], to: [1, 2000] },
  { name: 'px', effect: 'pixelate', from: [0, 100], to: [1, 2000] },
  { name: 'sepia', effect: 'sepia', from: [0, 100], to: [1, 100] },
];

/** The effects of a URL, in order. */
export function effectsOf(values: ImgixValues): readonly (string | Values | undefined)[] {
  const automatic = (values.get('auto') ?? '').split(',');
  return [
    automatic.includes('enhance') ? 'improve' : undefined,
    ...adjustments.map((one) => adjusted(values, one)),
    hue(values),
    unsharp(values),
    isOn(values, 'invert') ? 'negate' : undefined,
    ...monochrome(values),
  ];
}

function adjusted(values: ImgixValues, { name, effect, from, to: [min, max], factor = 1 }: Adjustment) {
  const amount = Math.round((numberOf(values, name, from) ?? 0) * factor);
  return amount === 0 ? undefined : `${effect}:${Math.min(max, Math.max(min, amount))}`;
}

/** Degrees there; half a turn is 100 here. */
function hue(values: ImgixValues): string | undefined {
  const degrees = (numberOf(values, 'hue', [0, 360]) ?? 0) % 360;
  const amount = Math.round((degrees > 180 ? degrees - 360 : degrees) / 1.8);
  return amount === 0 ? undefined : `hue:${amount}`;
}

function unsharp(values: ImgixValues): string | undefined {
  const amount = numberOf(values, 'usm', percent) ?? 0;
  if (amount < 0) throw refuse(values.program, `usm=${amount}`, 'it only sharpens here');
  return amount === 0 ? undefined : `unsharp_mask:${Math.round(amount * 10)}`;
}

function monochrome(values: ImgixValues): readonly (string | undefined)[] {
  const written = colourIn(values, 'monochrome');
  if (written === undefined) return [];
  return ['grayscale', `tint:100:${written}`];
}

/** Turns and flips: `orient` says what a camera would have said, `rot` turns within the frame. */
export function turnOf(values: ImgixValues): string | undefined {
  const rotation = numberOf(values, 'rot', [-360, 360]) ?? 0;
  if (rotation % 180 !== 0) {
    throw refuse(values.program, `rot=${rotation}`, 'within its frame a picture is turned by 180; orient turns both');
  }
  const words = [
    wordOf(values, 'orient', orientations),
    rotation % 360 === 0 ? undefined : '180',
    wordOf(values, 'flip', { h: 'hflip', v: 'vflip', hv: 'hflip.vflip', vh: 'hflip.vflip' }),
  ].filter((word) => word !== undefined);
  return words.length === 0 ? undefined : words.join('.');
}

const orientations = {
  '0': 'ignore',
  '1': 'ignore',
  '2': 'ignore.hflip',
  '3': 'ignore.180',
  '4': 'ignore.vflip',
  '5': 'ignore.hflip.270',
  '6': 'ignore.90',
  '7': 'ignore.hflip.90',
  '8': 'ignore.270',
  '90': 'ignore.90',
  '180': 'ignore.180',
  '270': 'ignore.270',
};

/** Borders of one colour: that of the corner, or one that is named. */
export function trimOf(values: ImgixValues): string | undefined {
  const mode = wordOf(values, 'trim', { auto: 'auto', color: 'color', colour: 'color' });
  if (mode === undefined) return undefined;
  const tolerance = numberOf(values, 'trim-tol', [0, 255]);
  const written = mode === 'color' ? colourIn(values, 'trim-color') : undefined;
  const amount = tolerance === undefined ? 10 : Math.min(100, Math.round(tolerance / 2.55));
  return `trim:${amount}${written === undefined ? '' : `:${written}`}`;
}

/** Corners and ellipses that are cut out, and what is behind them. */
export function maskOf(values: ImgixValues): string | undefined {
  const mask = wordOf(values, 'mask', { ellipse: 'max', corners: 'corners' });
  if (mask === undefined) return undefined;
  return component({ r: mask === 'max' ? 'max' : corners(values), b: colourIn(values, 'mask-bg') });
}

function corners(values: ImgixValues): string {
  const text = values.get('corner-radius');
  const dpr = densityOf(values);
  if (text !== undefined) {
    const radii = text.split(',', 5);
    if (![1, 4].includes(radii.length) || !radii.every((radius) => /^\d{1,5}$/.test(radius))) {
      throw refuse(values.program, `corner-radius=${text}`, 'expected pixels, for all corners or for each of four');
    }
    return radii.map((radius) => Math.round(Number(radius) * dpr)).join(':');
  }
  const sides = [numberOf(values, 'w', [0, 1e6]) ?? 0, numberOf(values, 'h', [0, 1e6]) ?? 0];
  const least = Math.min(...sides);
  // A fifth of the smaller side, which is known where both are.
  if (least > 1 && !['clip', 'max', undefined].includes(values.get('fit')))
    return String(Math.round(least * dpr * 0.2));
  throw refuse(values.program, 'mask=corners', 'it needs corner-radius where not both sides are known');
}

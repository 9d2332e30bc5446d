import { nearest } from '../../nearest.ts';
import { colourNames } from './colours.ts';
import { effectNames } from './effects.ts';
import { componentFlags, deliveryFlags, ignoredFlags, outputFlags } from './flags.ts';
import type { Parameter } from './parameter.ts';
import { type ParameterName, parameters } from './table.ts';
import { isProblem, meaningIn } from './values.ts';

/** Longer values than this are no slip of a pen. */
const maxLength = 64;

/** Words that a parameter takes beside those of its closed set. */
const moreWords: Readonly<Partial<Record<ParameterName, readonly string[]>>> = {
  gravity: ['xy_center', 'custom:auto'],
  background: [...colourNames, 'blurred', 'auto:predominant'],
  colour: colourNames,
  angle: ['ignore', 'auto_left', 'auto_right'],
  effect: effectNames,
  colourSpace: ['srgb', 'copy'],
  width: ['auto'],
  dpr: ['auto'],
  flags: [...outputFlags, ...componentFlags, ...deliveryFlags, ...ignoredFlags, 'attachment'],
};

/** What CSS and other programs call it. */
const otherWords: Readonly<Partial<Record<ParameterName, Readonly<Record<string, string>>>>> = {
  gravity: {
    top: 'north',
    bottom: 'south',
    left: 'west',
    right: 'east',
    middle: 'center',
    top_left: 'north_west',
    top_right: 'north_east',
    bottom_left: 'south_west',
    bottom_right: 'south_east',
    topleft: 'north_west',
    topright: 'north_east',
    bottomleft: 'south_west',
    bottomright: 'south_east',
    n: 'north',
    s: 'south',
    w: 'west',
    e: 'east',
    nw: 'north_west',
    ne: 'north_east',
    sw: 'south_west',
    se: 'south_east',
    smart: 'auto',
    entropy: 'auto',
    attention: 'auto',
  },
  crop: {
    cover: 'fill',
    contain: 'fit',
    inside: 'limit',
    stretch: 'scale',
    resize: 'scale',
    clip: 'fit',
    max: 'limit',
    thumbnail: 'thumb',
  },
  effect: {
    gray: 'grayscale',
    grey: 'grayscale',
    monochrome: 'grayscale',
    desaturate: 'grayscale',
    invert: 'negate',
    bw: 'blackwhite',
  },
  quality: {
    best: 'auto:best',
    high: 'auto:best',
    good: 'auto:good',
    medium: 'auto:good',
    eco: 'auto:eco',
    low: 'auto:low',
    'auto:high': 'auto:best',
    'auto:medium': 'auto:good',
  },
  angle: { flip: 'vflip', flop: 'hflip', left: '270', right: '90' },
  radius: { full: 'max', circle: 'max', round: 'max' },
};

/** The value that was probably meant, as a URL spells it: one that the parameter takes; undefined for what is like nothing. */
export function meantValue(name: ParameterName, written: string): string | undefined {
  if (written.length > maxLength) return undefined;
  const parameter: Parameter<unknown> = parameters[name];
  const takes = (text: string | undefined) => {
    if (text === undefined || text === written) return false;
    const value = parameter.parse(text, text);
    return value !== undefined && !isProblem(value);
  };
  return readings(name, parameter, written.trim().toLowerCase()).find(takes);
}

/** What it may have been meant for, likeliest first; not all of it is taken. */
function readings(name: ParameterName, parameter: Parameter<unknown>, text: string): readonly (string | undefined)[] {
  const { closed } = parameter;
  const words = [...(closed?.kind === 'values' ? closed.values : []), ...(moreWords[name] ?? [])];
  const others = otherWords[name] ?? {};
  const dashless = text.replaceAll('-', '_');
  return [
    text,
    meaningIn(others, dashless),
    dashless,
    withoutUnit(name, text),
    name === 'aspectRatio' ? text.replace(/^(\d+)[x_](\d+)$/, '$1:$2') : undefined,
    /^#?[0-9a-f]{3,8}$/.test(text) ? `rgb:${text.replace('#', '')}` : undefined,
    name === 'flags'
      ? nearestFlags(text, words)
      : nearest(
          text,
          words.filter((word) => !/^\d/.test(word)),
        ),
    wholeNumber(name, text),
    closestNumber(text, parameter.range),
  ];
}

/** What takes a share of the picture or of its size: of anything else a per cent is a number, or means nothing. */
const shares: readonly ParameterName[] = ['width', 'height', 'x', 'y', 'dpr'];

/** `300px` as 300; `50%` as a share, or as the 50 of what goes to 100. */
function withoutUnit(name: ParameterName, text: string): string | undefined {
  const [, number, unit] = /^(-?\d+(?:\.\d+)?)(px|deg|degrees|°|%|x|dpr|dpi)$/.exec(text) ?? [];
  if (number === undefined) return undefined;
  if (unit !== '%') return number;
  if (shares.includes(name)) return String(Number(number) / 100);
  return name === 'quality' || name === 'opacity' ? number : undefined;
}

/** `400.5` where pixels are whole, and half of an opacity that goes to 100. */
function wholeNumber(name: ParameterName, text: string): string | undefined {
  if (!/^-?\d{1,9}\.\d{1,9}$/.test(text)) return undefined;
  const value = Number(text);
  return String(Math.round(name === 'opacity' && value < 1 ? value * 100 : value));
}

function nearestFlags(text: string, words: readonly string[]): string {
  return text
    .split('.')
    .map((flag) => nearest(flag, words) ?? flag)
    .join('.');
}

/** Of the ends of a range, as the reference words it, the one that a number lies beyond. */
function closestNumber(text: string, range: string): string | undefined {
  if (!/^-?\d{1,9}(?:\.\d{1,9})?$/.test(text)) return undefined;
  const value = Number(text);
  const [, low = '', high = ''] = /(-?[\d.]+) to (-?[\d.]+)/.exec(range) ?? [];
  if (high === '') return undefined;
  if (value > Number(high)) return high;
  return value < Number(low) ? low : undefined;
}

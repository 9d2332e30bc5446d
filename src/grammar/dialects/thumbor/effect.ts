import type { GrammarOptions } from '../../grammar-options.ts';
import { component, meaningIn, refuse } from '../dialect.ts';
import { blurStrength } from '../drawing.ts';
import { type Filter, numberOf } from './filters.ts';
import type { Ask } from './path.ts';
import type { ShapeRules, Shaping } from './shape.ts';

/** What a URL says of the file that is written. */
export interface Outcome {
  readonly format?: string;
  readonly quality?: number;
  readonly maxBytes?: number;
  readonly page?: number;
  readonly flags?: readonly string[];
  readonly isRaw?: boolean;
  readonly expires?: number;
  readonly filename?: string;
  readonly isAttachment?: boolean;
}

/** What a filter comes to: something that is drawn in its turn, or a word on the size or the file. */
export interface Effect {
  readonly drawn?: readonly string[];
  readonly shaping?: Shaping;
  readonly outcome?: Outcome;
  /** The picture may have another size than the path says. */
  readonly isResized?: boolean;
  /** Width and height have changed places. */
  readonly isTurned?: boolean;
}

/** What a filter is read with. */
export interface Context {
  readonly ask: Ask;
  readonly options: GrammarOptions;
  readonly rules: ShapeRules;
  /** A filter before this one has changed the size. */
  readonly isResized: boolean;
  readonly isTurned: boolean;
}

export type FilterReader = (filter: Filter, context: Context) => Effect;

const nothing: Effect = {};
/** For what is so anyway. */
export const anyway: FilterReader = () => nothing;

export function drawing(...components: readonly (string | undefined)[]): Effect {
  return { drawn: components.filter((one) => one !== undefined) };
}

/** What is known and not drawn. */
export function refusing(why: string): FilterReader {
  return (filter, { rules }) => {
    throw refuse(rules.program, filter.text, why);
  };
}

/** An effect whose strength is a per cent on both sides. */
function percent(name: string, min = -100): FilterReader {
  return (filter, { rules }) => {
    const amount = numberOf(filter, rules.program, { min: -1000, max: 1000, standard: 0 });
    const kept = Math.min(100, Math.max(min, Math.round(amount)));
    return kept === 0 ? nothing : drawing(`e_${name}:${kept}`);
  };
}

/** By a Gaussian deviation. */
export function blurOf(deviation: number): string | undefined {
  if (deviation <= 0) return undefined;
  return `e_blur:${blurStrength(deviation)}`;
}

const formats: Readonly<Record<string, string>> = {
  jpg: 'jpg',
  jpeg: 'jpg',
  png: 'png',
  webp: 'webp',
  avif: 'avif',
  gif: 'gif',
};

function readFormat(filter: Filter, { rules }: Context): Effect {
  const format = meaningIn(formats, filter.args[0]?.toLowerCase() ?? '');
  if (format !== undefined) return { outcome: { format } };
  throw refuse(rules.program, filter.text, 'the formats are jpeg, png, webp, avif and gif');
}

/** Counter-clockwise, as they do it. */
export function readRotate(filter: Filter, { rules }: Context): Effect {
  const degrees = numberOf(filter, rules.program, { min: -36_000, max: 36_000, standard: 0 });
  if (degrees % 90 !== 0) throw refuse(rules.program, filter.text, 'only quarter turns are taken');
  const clockwise = (((-degrees % 360) + 360) % 360) + 0;
  if (clockwise === 0) return nothing;
  return { ...drawing(component({ a: String(clockwise) })), isResized: true, isTurned: clockwise !== 180 };
}

function readQuality(filter: Filter, { rules }: Context): Effect {
  const quality = Math.round(numberOf(filter, rules.program, { min: 0, max: 100, standard: 0 }));
  return quality === 0 ? nothing : { outcome: { quality } };
}

function readMaxBytes(filter: Filter, { rules }: Context): Effect {
  const maxBytes = Math.round(numberOf(filter, rules.program, { min: 0, max: 999_999_999, standard: 0 }));
  return maxBytes === 0 ? nothing : { outcome: { maxBytes } };
}

/** `focal(10x20:110x220)`, and of imagor a point. */
function readFocal(filter: Filter, { rules }: Context): Effect {
  const numbers = filter.args.join(',').split(/[x:,]/).map(Number);
  const [left = 0, top = 0, right = left + 1, bottom = top + 1] = numbers;
  const isRead = numbers.length === 4 || numbers.length === 2;
  if (!isRead || numbers.some((value) => !(value >= 0 && value <= 1e6)) || right <= left || bottom <= top) {
    throw refuse(rules.program, filter.text, 'expected edges, as in focal(10x20:110x220)');
  }
  const isShares = filter.text.includes('.') && left < 1 && top < 1 && numbers.every((value) => value <= 1);
  const isPoint = numbers.length === 2;
  const middle = isPoint ? { x: left, y: top } : { x: (left + right) / 2, y: (top + bottom) / 2 };
  return { shaping: { focus: { ...middle, isShares } } };
}

/** Filters that all who read such paths have in common. */
export const commonFilters: Readonly<Record<string, FilterReader>> = {
  background_color: (filter) => drawing(component({ b: colourText(filter.args[0] ?? '') })),
  brightness: percent('brightness', -99),
  contrast: percent('contrast'),
  grayscale: () => drawing('e_grayscale'),
  saturation: percent('saturation'),
  focal: readFocal,
  format: readFormat,
  max_bytes: readMaxBytes,
  quality: readQuality,
  rotate: readRotate,
  no_upscale: () => ({ shaping: { isBounded: true } }),
  upscale: () => ({ shaping: { isUpscaled: true } }),
  stretch: () => ({ shaping: { isStretched: true } }),
  strip_exif: anyway,
  strip_icc: () => ({ outcome: { flags: ['strip_profile'] } }),
  convolution: refusing('it is not supported'),
  rgb: refusing('the channels are changed together'),
};

/** A colour by name or digits; of transparency there are two words. */
export function colourText(text: string): string | undefined {
  const word = text.toLowerCase().replace(/^#/, '');
  if (word === '') return undefined;
  if (word === 'none') return 'transparent';
  return /^(?:[0-9a-f]{3}|[0-9a-f]{6})$/.test(word) ? `rgb:${word}` : word;
}

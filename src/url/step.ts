import { type OutputExtension, outputExtensions } from '../formats.ts';
import type { CompassPoint, ComponentValues, CropMode, EffectName, QualityLevel } from '../grammar/index.ts';
import { nearest } from '../nearest.ts';

type KnownOrAny<Known extends string> = Known | (string & {});

/** Whole pixels (`128`), a share of the picture (`0.5`, `'1.0'`), or arithmetic (`'iw_div_2'`). */
export type StepSize = number | string;

/** Another picture by its key, or text. */
export type StepLayer =
  | string
  | { readonly text: string; readonly font: string; readonly size: number; readonly styles?: readonly string[] };

/** What a URL may ask to be sent as. */
const formats: readonly ('auto' | OutputExtension)[] = ['auto', ...outputExtensions];

/** Throws a TypeError for what is none. */
export function formatOf(text: unknown): (typeof formats)[number] {
  const format = formats.find((known) => known === text);
  if (format === undefined) throw new TypeError(`format: expected ${formats.join(', ')}; got "${text}".`);
  return format;
}

/** Parameters whose values are numbers and nothing else. */
type NumberName = {
  [Name in keyof ComponentValues]: ComponentValues[Name] extends number ? Name : never;
}[keyof ComponentValues];
type StepNumbers = { readonly [Name in Exclude<NumberName, 'aspectRatio'>]?: number };

/**
 * One step of a transformation: each works on the result of the one before. Of parameters that are plain numbers (`opacity`,
 * `page`, `zoom`, …) only the names stand below, in `keys`.
 */
export interface Step extends StepNumbers {
  /** Degrees clockwise, `hflip`, `vflip`, `ignore`, joined by `.`. */
  readonly angle?: number | KnownOrAny<'hflip' | 'vflip' | 'ignore' | 'auto_left' | 'auto_right'>;
  /** `'16:9'` or a number. */
  readonly aspectRatio?: number | string;
  /** A colour (`'#fff'`, `'white'`), or `auto` or `blurred`. */
  readonly background?: KnownOrAny<'auto' | 'auto:predominant' | 'blurred' | 'white'>;
  readonly border?: { readonly width: number; readonly colour: string };
  readonly colour?: string;
  readonly colourSpace?: ComponentValues['colourSpace'];
  readonly crop?: CropMode;
  /** Key of the picture to show when this one is missing. */
  readonly defaultImage?: string;
  readonly dpr?: number | 'auto';
  /** Its strength after `:`, as in `'blur:200'`. */
  readonly effect?: KnownOrAny<EffectName>;
  readonly equalTrim?: ComponentValues['equalTrim'];
  readonly flags?: readonly string[];
  readonly format?: (typeof formats)[number];
  readonly gravity?: KnownOrAny<CompassPoint | 'xy_center' | 'auto' | 'face' | 'faces' | 'custom'>;
  readonly height?: StepSize;
  readonly mask?: ComponentValues['mask'];
  readonly overlay?: StepLayer;
  readonly presets?: readonly string[];
  /** 1 to 100, or `auto`. */
  readonly quality?: number | KnownOrAny<'auto' | `auto:${QualityLevel}`>;
  /** Pixels, corners as in CSS (`[10, 20]`), or `max`. */
  readonly radius?: number | readonly number[] | 'max';
  readonly underlay?: StepLayer;
  readonly width?: StepSize | 'auto';
  readonly x?: StepSize;
  readonly y?: StepSize;
}

/** The parameter of the URL behind each name: complete by type, and held to the option table by a test. */
export const keys = {
  angle: 'a',
  aspectRatio: 'ar',
  background: 'b',
  boundedDpr: 'ldpr',
  border: 'bo',
  colour: 'co',
  colourSpace: 'cs',
  crop: 'c',
  defaultImage: 'd',
  density: 'dn',
  dpr: 'dpr',
  effect: 'e',
  equalTrim: 'te',
  flags: 'fl',
  format: 'f',
  gravity: 'g',
  height: 'h',
  mask: 'msk',
  maxBytes: 'mb',
  minHeight: 'mh',
  minWidth: 'mw',
  opacity: 'o',
  overlay: 'l',
  page: 'pg',
  presets: 't',
  quality: 'q',
  radius: 'r',
  underlay: 'u',
  width: 'w',
  x: 'x',
  y: 'y',
  zoom: 'z',
} as const satisfies { readonly [Name in keyof ComponentValues]: string } & { readonly [Name in keyof Step]: string };

/** What is nothing at all, or turned round, below one of its smallest units: millionths, as they are written. */
const positive: readonly string[] = [
  'aspectRatio',
  'boundedDpr',
  'density',
  'dpr',
  'height',
  'maxBytes',
  'minHeight',
  'minWidth',
  'page',
  'quality',
  'width',
  'zoom',
] satisfies readonly (keyof Step)[];

/** Options of the whole URL, or of several at once: of a step they are refused, and named where they were meant. */
const others = ['base', 'densities', 'formats', 'sign', 'sizes', 'steps', 'version', 'widths'];

function noOption(name: string): string {
  const names = Object.keys(keys);
  // By the URL's own letters first, as in `{ w: 300 }`.
  const meant = names.find((known) => keys[known as keyof Step] === name) ?? nearest(name, [...names, ...others]);
  const remedy =
    meant === undefined || meant === name ? ` here: expected ${names.join(', ')}.` : `; did you mean "${meant}"?`;
  return `There is no option "${name}"${remedy}`;
}

/** Types say the same, to who has them. Throws a TypeError that names the option. */
function check(step: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(step)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(keys, name)) throw new TypeError(noOption(name));
    if (value === null || !['number', 'string', 'object'].includes(typeof value)) {
      throw new TypeError(`${name}: expected a number, a text or a list, got ${value}.`);
    }
    if (name === 'format') formatOf(value);
    if (positive.includes(name) && Number(value) < 5e-7) {
      throw new TypeError(`${name}: expected more than 0, got ${value}.`);
    }
  }
}

/** One component of the URL, its parameters sorted; empty when the step says nothing. */
export function writeStep(step: Step): string {
  check({ ...step });
  const parts: string[] = [];
  for (const name of Object.keys(keys) as (keyof Step)[]) {
    const value = step[name];
    if (value !== undefined) parts.push(`${keys[name]}_${writeValue(name, value)}`);
  }
  return parts.sort().join(',');
}

function writeValue(name: keyof Step, value: NonNullable<Step[keyof Step]>): string {
  if (typeof value === 'number') return writeNumber(value);
  if (typeof value === 'string') return writeText(name, value);
  if ('text' in value) return writeTextLayer(value);
  if ('width' in value) return `${value.width}px_solid_${colour(value.colour)}`;
  if (name === 'flags') return value.map((flag) => writeFlag(String(flag))).join('.');
  return value.map((part) => escapeText(String(part))).join(name === 'radius' ? ':' : '.');
}

function writeText(name: keyof Step, value: string): string {
  if (name === 'overlay' || name === 'underlay' || name === 'defaultImage') {
    return value.split('/').map(encodeURIComponent).join(':');
  }
  return name === 'background' || name === 'colour' ? colour(value) : escapeText(value);
}

/** No exponent: the grammar has none. A share keeps its point, without which it would be pixels. */
function writeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`A number of a URL must be finite, got ${value}.`);
  return Number.isInteger(value) ? String(value) : value.toFixed(6).replace(/(\.\d+?)0+$/, '$1');
}

/** A colon has its meaning in values, and is a plain character of paths. */
function escapeText(text: string): string {
  return encodeURIComponent(text).replaceAll('%3A', ':');
}

function colour(text: string): string {
  return text.startsWith('#') ? `rgb:${text.slice(1)}` : escapeText(text);
}

/** A dot separates flags, so one in a file name is escaped. */
function writeFlag(flag: string): string {
  const [name = '', ...value] = flag.split(':');
  const text = value.join(':');
  if (name !== 'attachment' || text === '') return escapeText(flag);
  return `${name}:${encodeURIComponent(text).replaceAll('.', '%2E')}`;
}

function writeTextLayer({ text, font, size, styles = [] }: Exclude<StepLayer, string>): string {
  const look = [font, String(size), ...styles].map(encodeURIComponent).join('_');
  // Twice: the text is decoded once with its component and once more on its own.
  return `text:${look}:${encodeURIComponent(encodeURIComponent(text))}`;
}

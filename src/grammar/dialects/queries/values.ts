import { refuse, valuesOf } from '../dialect.ts';

type Values = Readonly<Record<string, string | undefined>>;

/** How one program's queries are written. */
export interface QueryLanguage {
  readonly program: string;
  /** What is drawn. */
  readonly drawn: readonly string[];
  /** What it knows and we do not draw. */
  readonly refused: readonly string[];
}

/** The options of one query, and the ways of reading them; each refuses what it cannot read. */
export interface QueryValues {
  readonly size: number;
  readonly text: (name: string) => string | undefined;
  readonly number: (name: string, limits: readonly [min: number, max: number]) => number | undefined;
  readonly word: (name: string, words: Values) => string | undefined;
  readonly colour: (name: string) => string | undefined;
}

/** What its program knows of a query; what it does not know says nothing, nor does what is empty. */
export function queryValues({ program, drawn, refused }: QueryLanguage, query: string): QueryValues {
  const values = new Map<string, string>();
  for (const [name, value] of valuesOf(query)) {
    if (refused.includes(name)) throw refuse(program, name, 'it is not supported');
    if (drawn.includes(name) && value !== '') values.set(name, value);
  }
  const text = (name: string) => values.get(name);
  return {
    size: values.size,
    text,
    number: (name, limits) => numberIn(program, name, text(name), limits),
    word: (name, words) => wordIn(program, name, text(name), words),
    colour: (name) => colourIn(program, name, text(name)),
  };
}

function numberIn(program: string, name: string, text: string | undefined, [min, max]: readonly [number, number]) {
  if (text === undefined) return undefined;
  const value = /^-?(?:\d{1,7}(?:\.\d{0,9})?|\.\d{1,9})$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw refuse(program, `${name}=${text}`, `expected a number from ${min} to ${max}`);
}

function wordIn(program: string, name: string, text: string | undefined, words: Values): string | undefined {
  if (text === undefined) return undefined;
  if (Object.hasOwn(words, text)) return words[text];
  throw refuse(program, `${name}=${text}`, `it takes ${Object.keys(words).join(', ')} here`);
}

function colourIn(program: string, name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const digits = text.toLowerCase().replace(/^(?:#|rgb:)/, '');
  if (/^(?:[0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})$/.test(digits)) return `rgb:${digits}`;
  if (/^[a-z]{3,32}$/.test(digits)) return digits;
  throw refuse(program, `${name}=${text}`, 'expected a colour such as ff0000 or red');
}

const bounded: readonly string[] = ['limit', 'lfill', 'lpad', 'loutside', 'lscale', 'fill_down'];

/** A mode with the sides that there are, in pixels; one side alone asks for no shape. */
export function sized(
  c: string,
  [width, height]: readonly [number | undefined, number | undefined],
  more: Values = {},
): Values | undefined {
  const side = (value: number | undefined) => (value ? String(Math.max(1, Math.round(value))) : undefined);
  const [w, h] = [side(width), side(height)];
  if (w === undefined && h === undefined) return undefined;
  if (w === undefined || h === undefined) return { c: bounded.includes(c) ? 'limit' : 'fit', w, h };
  return { c, w, h, ...more };
}

/** A quality of whole numbers from 1. */
export function qualityOf(values: QueryValues, name: string): string | undefined {
  const value = values.number(name, [0, 100]);
  return value === undefined ? undefined : String(Math.max(1, Math.round(value)));
}

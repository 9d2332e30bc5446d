import { type Parsed, parseInteger, parseNumber, writeNumber } from './values.ts';

/**
 * One parameter of the URL: it reads, writes and documents itself, and says what unsigned URLs may ask of it. `parse`,
 * `write` and `isNeutral` are methods, so that a table of parameters with different values can be worked through by one
 * function.
 */
export interface Parameter<Value> {
  readonly key: string;
  /** One sentence. */
  readonly doc: string;
  /** What may be written, in words. */
  readonly range: string;
  readonly example: string;
  /** What an unsigned URL may say with it under `ladder`; without a rule nothing. */
  readonly closed?: ClosedRule;
  /** `text` is decoded once; `raw` is as received, for values with a structure of their own. */
  parse(text: string, raw: string): Parsed<Value>;
  write(value: Value): string;
  /** True for a value that leaves the picture as it is. */
  isNeutral?(value: Value): boolean;
}

/**
 * What an unsigned URL may say with one parameter under `ladder`: values as a URL spells them; `held` to the ladder of
 * widths; a rule in words that is kept elsewhere (`free`); or nothing, unless it is signed or in a preset.
 */
export type ClosedRule =
  | { readonly kind: 'values'; readonly values: readonly string[] }
  | { readonly kind: 'held' | 'free'; readonly says: string }
  | { readonly kind: 'signed' };

/** The rule that these values, as a URL spells them, need no signature. */
export function oneOf(...values: readonly string[]): ClosedRule {
  return { kind: 'values', values };
}

interface NumberRow extends Pick<Parameter<number>, 'key' | 'doc' | 'example' | 'closed'> {
  readonly min: number;
  readonly max: number;
  /** What the number counts, where its name does not say it. */
  readonly unit?: string;
  /** The value that leaves the picture as it is, if there is one. */
  readonly neutral?: number;
}

/** A parameter that takes a whole number. */
export function wholeNumberRow({ min, max, unit, neutral, ...row }: NumberRow): Parameter<number> {
  return {
    ...row,
    range: `a whole number from ${min} to ${max}${unit === undefined ? '' : ` (${unit})`}`,
    parse: (text) => parseInteger(text, min, max),
    write: String,
    isNeutral: (value) => value === neutral,
  };
}

/** A parameter that takes a number with or without a fraction. */
export function decimalRow({ min, max, unit, neutral, ...row }: NumberRow): Parameter<number> {
  return {
    ...row,
    range: `a number from ${min} to ${max}${unit === undefined ? '' : ` (${unit})`}`,
    parse: (text) => parseNumber(text, min, max),
    write: writeNumber,
    isNeutral: (value) => value === neutral,
  };
}

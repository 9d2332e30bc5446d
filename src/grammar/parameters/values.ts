/** Why a value was refused, in words for the client; `undefined` in its place means "outside the documented range". */
export interface Problem {
  readonly problem: string;
}

/** What reading one value gives. */
export type Parsed<T> = T | Problem | undefined;

/** True for a refusal that explains itself. */
export function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'problem' in value;
}

/** The largest whole number any parameter takes; what may be rendered is limited later and lower. */
export const maxInteger = 65_535;

/** A chain of more components than this is an attack or a mistake. */
export const maxComponents = 64;

/** A whole number within the limits, both included. */
export function parseInteger(text: string, min: number, max: number): number | undefined {
  if (!/^-?\d{1,9}$/.test(text)) return undefined;
  const value = Number(text) + 0;
  return value >= min && value <= max ? value : undefined;
}

/** A number with or without a fraction, kept to six decimals. */
export function parseNumber(text: string, min: number, max: number): number | undefined {
  if (!/^-?(?:\d{1,6}|\d{0,6}\.\d{1,20})$/.test(text)) return undefined;
  const value = roundToMillionths(Number(text));
  return value >= min && value <= max ? value : undefined;
}

/** The nearest whole number to one that may have a fraction, within the limits, both included. */
export function parseRounded(text: string, min: number, max: number): number | undefined {
  const value = parseNumber(text, min, max);
  return value === undefined ? undefined : Math.round(value);
}

/** The canonical form of a number: no exponent, no trailing zeros. */
export function writeNumber(value: number): string {
  const text = value.toFixed(6);
  let end = text.length;
  while (text[end - 1] === '0') end -= 1;
  if (text[end - 1] === '.') end -= 1;
  return text.slice(0, end);
}

function roundToMillionths(value: number): number {
  return Math.round(value * 1e6) / 1e6 + 0;
}

/** What a table of words has for one that a URL writes; undefined for what only every object has, such as `constructor`. */
export function meaningIn<Meaning>(words: Readonly<Record<string, Meaning>>, written: string): Meaning | undefined {
  return Object.hasOwn(words, written) ? words[written] : undefined;
}

import { refuse } from '../dialect.ts';

export const program = 'ImageKit';

/** More parts than any transformation has. */
const maxParts = 256;

/** One part of a step: `w-300` by its name, its value and as it was written. */
export interface Part {
  readonly name: string;
  readonly value: string;
  readonly text: string;
}

/** A layer: what it is (`image`, `text`), what describes it, and the steps that are made of it. */
export interface Layer {
  readonly kind: string;
  readonly steps: readonly Step[];
}

/** Parts that are drawn in one go, and the layers that are laid over what comes of them. */
export interface Step {
  readonly parts: readonly Part[];
  readonly layers: readonly Layer[];
}

/** The steps of a transformation: parts joined by commas, steps by colons; a layer reaches from `l-…` to `l-end`. */
export function stepsOf(text: string): readonly Step[] {
  const tokens = text.split(/([,:])/, 2 * maxParts);
  if (tokens.length >= 2 * maxParts) throw refuse(program, text, 'it is too long');
  const reader = { tokens, at: 0 };
  const steps = readSteps(reader, 0);
  if (reader.at < tokens.length) throw refuse(program, 'l-end', 'it ends no layer');
  return steps;
}

interface Reader {
  readonly tokens: readonly string[];
  at: number;
}

/** Layers within layers are not drawn, so that one level is all there is. */
const maxDepth = 1;

function readSteps(reader: Reader, depth: number): readonly Step[] {
  const steps: { parts: Part[]; layers: Layer[] }[] = [{ parts: [], layers: [] }];
  while (reader.at < reader.tokens.length) {
    const token = reader.tokens[reader.at] ?? '';
    if (token === 'l-end') return steps;
    reader.at += 1;
    if (token === ':') steps.push({ parts: [], layers: [] });
    else if (token.startsWith('l-')) steps.at(-1)?.layers.push(readLayer(token, reader, depth + 1));
    else if (token !== ',' && token !== '') steps.at(-1)?.parts.push(partOf(token));
  }
  return steps;
}

function readLayer(token: string, reader: Reader, depth: number): Layer {
  if (depth > maxDepth) throw refuse(program, token, 'a layer in a layer is not drawn');
  const steps = readSteps(reader, depth);
  if (reader.tokens[reader.at] !== 'l-end') throw refuse(program, token, 'a layer ends with l-end');
  reader.at += 1;
  return { kind: token.slice('l-'.length), steps };
}

function partOf(text: string): Part {
  const dash = text.indexOf('-');
  if (dash < 0) return { name: text, value: '', text };
  return { name: text.slice(0, dash), value: text.slice(dash + 1), text };
}

/** A number, of which `N` before it says that it is negative. */
export function numberIn({ value, text }: Part, [min, max]: readonly [number, number]): number {
  const plain = value.replace(/^N/, '-');
  const number = /^-?(?:\d{1,7}(?:\.\d{0,9})?|\.\d{1,9})$/.test(plain) ? Number(plain) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw refuse(program, text, `expected a number from ${min} to ${max}`);
}

export function isTrue(value: string): boolean {
  return value === 'true' || value === '1';
}

/** What is transparent of a colour is said there by two digits more, from 00 to 99. */
export function colourIn(value: string, text: string): string {
  const digits = value.replace(/^#/, '');
  if (/^(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(digits)) return `rgb:${digits}`;
  const [, rgb = '', opacity = ''] = /^([0-9a-f]{6})(\d{2})$/i.exec(digits) ?? [];
  if (rgb !== '') {
    const alpha = Math.round((Math.min(99, Number(opacity)) / 99) * 255);
    return alpha === 255 ? `rgb:${rgb}` : `rgb:${rgb}${alpha.toString(16).padStart(2, '0')}`;
  }
  if (/^[a-z]{3,32}$/i.test(digits)) return digits.toLowerCase();
  throw refuse(program, text, 'expected a colour such as FF0000 or red');
}

/** A path in which `@@` stands for a slash; a leading one says nothing. */
export function pathOf(value: string): string {
  return value.replaceAll('@@', '/').replace(/^\/+/, '');
}

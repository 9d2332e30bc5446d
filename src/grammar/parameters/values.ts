import type { ArithmeticOperator, Length, Operand, SizeVariable } from '../transform.ts';

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

/** A larger share than this is a mistake (`w_128.0`), not a wish. */
const maxShare = 100;

/** A whole number within the limits, both included. */
export function parseInteger(text: string, min: number, max: number): number | undefined {
  if (!/^-?\d{1,6}$/.test(text)) return undefined;
  const value = Number(text) + 0;
  return value >= min && value <= max ? value : undefined;
}

/** A number with or without a fraction, kept to six decimals. */
export function parseNumber(text: string, min: number, max: number): number | undefined {
  if (!/^-?(?:\d{1,6}|\d{0,6}\.\d{1,20})$/.test(text)) return undefined;
  const value = roundToMillionths(Number(text));
  return value >= min && value <= max ? value : undefined;
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

const sizeVariables = ['iw', 'ih', 'iar', 'w', 'h', 'ar'] as const satisfies readonly SizeVariable[];
const operators = ['add', 'sub', 'mul', 'div', 'mod', 'pow'] as const satisfies readonly ArithmeticOperator[];

/** An expression longer than this says nothing a shorter one could not. */
const maxOperands = 16;

/** Whole pixels, a share (has a decimal point), or arithmetic; sizes must be above 0, offsets may be negative. */
export function parseLength(text: string, kind: 'size' | 'offset'): Parsed<Length> {
  const pixels = parseInteger(text, kind === 'size' ? 1 : -maxInteger, maxInteger);
  if (pixels !== undefined) return { unit: 'pixels', value: pixels };
  if (text.includes('.')) {
    const share = parseNumber(text, kind === 'size' ? 0.000001 : -maxShare, maxShare);
    if (share !== undefined) return { unit: 'share', value: share };
  }
  if (text.startsWith('$') || text.includes('_$')) return { problem: 'variables ($name) are not supported' };
  return parseExpression(text);
}

function parseExpression(text: string): Length | undefined {
  const tokens = text.split('_', 2 * maxOperands + 1);
  if (tokens.length % 2 === 0 || tokens.length > 2 * maxOperands) return undefined;
  const first = parseOperand(tokens[0] ?? '');
  if (first === undefined || (tokens.length === 1 && typeof first === 'number')) return undefined;
  const rest: { operator: ArithmeticOperator; operand: Operand }[] = [];
  for (let index = 1; index < tokens.length; index += 2) {
    const operator = operators.find((name) => name === tokens[index]);
    const operand = parseOperand(tokens[index + 1] ?? '');
    if (operator === undefined || operand === undefined) return undefined;
    rest.push({ operator, operand });
  }
  return { unit: 'expression', first, rest };
}

function parseOperand(text: string): Operand | undefined {
  return sizeVariables.find((name) => name === text) ?? parseNumber(text, 0, maxInteger);
}

/** The canonical form of a length; a share always shows its decimal point. */
export function writeLength(length: Length): string {
  if (length.unit === 'pixels') return String(length.value);
  if (length.unit === 'share') {
    const text = writeNumber(length.value);
    return text.includes('.') ? text : `${text}.0`;
  }
  const operations = length.rest.map(({ operator, operand }) => `_${operator}_${writeOperand(operand)}`);
  return writeOperand(length.first) + operations.join('');
}

function writeOperand(operand: Operand): string {
  return typeof operand === 'number' ? writeNumber(operand) : operand;
}

/** Width over height, from `16:9`, `1.91:1` or `1.5`. */
export function parseAspectRatio(text: string): number | undefined {
  const colon = text.indexOf(':');
  const width = parseNumber(colon < 0 ? text : text.slice(0, colon), 0.000001, maxInteger);
  const height = colon < 0 ? 1 : parseNumber(text.slice(colon + 1), 0.000001, maxInteger);
  if (width === undefined || height === undefined) return undefined;
  const ratio = width / height;
  return ratio >= 0.001 && ratio <= 1000 ? ratio : undefined;
}

/** `a:b` in whole numbers where such a pair gives exactly the same ratio, else the digits. */
export function writeAspectRatio(ratio: number): string {
  let [previous, current] = [
    { over: 0, under: 1 },
    { over: 1, under: 0 },
  ];
  let rest = ratio;
  // Continued fractions: each turn gives the nearest pair with a denominator of that size.
  while (current.under < maxInteger) {
    const whole = Math.floor(rest);
    [previous, current] = [
      current,
      { over: whole * current.over + previous.over, under: whole * current.under + previous.under },
    ];
    if (current.over / current.under === ratio) return `${current.over}:${current.under}`;
    if (rest === whole) break;
    rest = 1 / (rest - whole);
  }
  return String(ratio);
}

import { maxInteger, type Parsed, parseInteger, parseNumber, writeNumber } from './values.ts';

/** Quantities a size expression may name: of the original (`i…`) or of the current picture. */
export type SizeVariable = 'iw' | 'ih' | 'iar' | 'w' | 'h' | 'ar';
export type ArithmeticOperator = 'add' | 'sub' | 'mul' | 'div' | 'mod' | 'pow';
export type Operand = number | SizeVariable;

/** A length as written: whole pixels, a share of the current picture (`0.5`), or left-to-right arithmetic (`iw_div_2`). */
export type Length =
  | { readonly unit: 'pixels'; readonly value: number }
  | { readonly unit: 'share'; readonly value: number }
  | {
      readonly unit: 'expression';
      readonly first: Operand;
      readonly rest: readonly { readonly operator: ArithmeticOperator; readonly operand: Operand }[];
    };

/** A larger share than this is a mistake (`w_128.0`), not a wish. */
const maxShare = 100;

const sizeVariables = ['iw', 'ih', 'iar', 'w', 'h', 'ar'] as const satisfies readonly SizeVariable[];
export const operators = ['add', 'sub', 'mul', 'div', 'mod', 'pow'] as const satisfies readonly ArithmeticOperator[];

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

import { maxInteger, parseNumber, writeNumber } from './values.ts';

export type ArithmeticOperator = 'add' | 'sub' | 'mul' | 'div' | 'mod' | 'pow';
export const operators = ['add', 'sub', 'mul', 'div', 'mod', 'pow'] as const satisfies readonly ArithmeticOperator[];

/** Worked out from left to right: what it begins with, and what is done to it in turn. */
export interface Arithmetic<Quantity extends string> {
  readonly first: number | Quantity;
  readonly rest: readonly { readonly operator: ArithmeticOperator; readonly operand: number | Quantity }[];
}

/** Arithmetic longer than this says nothing a shorter one could not. */
const maxOperands = 16;

/** Reads words such as `iw`, `div`, `2`, of which every second is an operator; undefined where they are anything else. */
export function parseArithmetic<Quantity extends string>(
  words: readonly string[],
  quantities: readonly Quantity[],
): Arithmetic<Quantity> | undefined {
  if (words.length % 2 === 0 || words.length > 2 * maxOperands) return undefined;
  const operandOf = (text = '') => quantities.find((name) => name === text) ?? parseNumber(text, 0, maxInteger);
  const first = operandOf(words[0]);
  if (first === undefined) return undefined;
  const rest: Arithmetic<Quantity>['rest'][number][] = [];
  for (let index = 1; index < words.length; index += 2) {
    const operator = operators.find((name) => name === words[index]);
    const operand = operandOf(words[index + 1]);
    if (operator === undefined || operand === undefined) return undefined;
    rest.push({ operator, operand });
  }
  return { first, rest };
}

export function writeArithmetic({ first, rest }: Arithmetic<string>): string {
  return writeOperand(first) + rest.map(({ operator, operand }) => `_${operator}_${writeOperand(operand)}`).join('');
}

function writeOperand(operand: number | string): string {
  return typeof operand === 'number' ? writeNumber(operand) : operand;
}

/** What it comes to, once each quantity has a number; not finite where it has no result. */
export function workOut<Quantity extends string>(
  { first, rest }: Arithmetic<Quantity>,
  valueFor: (quantity: Quantity) => number,
): number {
  const numberOf = (operand: number | Quantity) => (typeof operand === 'number' ? operand : valueFor(operand));
  return rest.reduce((result, { operator, operand }) => operate(result, operator, numberOf(operand)), numberOf(first));
}

export function operate(left: number, operator: ArithmeticOperator, right: number): number {
  switch (operator) {
    case 'add':
      return left + right;
    case 'sub':
      return left - right;
    case 'mul':
      return left * right;
    case 'div':
      return left / right;
    case 'mod':
      return left % right;
    case 'pow':
      return left ** right;
  }
}

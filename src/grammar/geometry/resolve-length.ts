import { Failure } from '../../failure.ts';
import { type ArithmeticOperator, type Length, type Operand, writeLength } from '../parameters/lengths.ts';

/** Whole pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What a length may refer to. */
export interface Quantities {
  readonly current: Size;
  readonly original: Size;
  /** What shares of a width or height are of: the current picture, for `fl_relative` layers the base. */
  readonly shares: Size;
}

/** A width or height in pixels, not rounded; always above 0. */
export function resolveSize(length: Length, side: 'width' | 'height', quantities: Quantities): number {
  const value = resolveLength(length, side, quantities);
  if (value > 0) return value;
  throw new Failure(
    'invalid',
    `The ${side} ${writeLength(length)} comes to ${value} for this picture; it must be above 0.`,
  );
}

/** A length in pixels, not rounded. */
export function resolveLength(length: Length, side: 'width' | 'height', quantities: Quantities): number {
  if (length.unit === 'pixels') return length.value;
  if (length.unit === 'share') return length.value * quantities.shares[side];
  const start = resolveOperand(length.first, quantities);
  const value = length.rest.reduce(
    (result, { operator, operand }) => operate(result, operator, resolveOperand(operand, quantities)),
    start,
  );
  if (Number.isFinite(value)) return value;
  throw new Failure('invalid', `The ${side} ${writeLength(length)} has no result for this picture.`);
}

function resolveOperand(operand: Operand, { current, original }: Quantities): number {
  if (typeof operand === 'number') return operand;
  return {
    iw: original.width,
    ih: original.height,
    iar: original.width / original.height,
    w: current.width,
    h: current.height,
    ar: current.width / current.height,
  }[operand];
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

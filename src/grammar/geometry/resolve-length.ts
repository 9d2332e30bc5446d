import { Failure } from '../../failure.ts';
import { workOut } from '../parameters/arithmetic.ts';
import { type Length, type SizeVariable, writeLength } from '../parameters/lengths.ts';

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
  const value = workOut(length, (quantity) => quantityOf(quantity, quantities));
  if (Number.isFinite(value)) return value;
  throw new Failure('invalid', `The ${side} ${writeLength(length)} has no result for this picture.`);
}

/** What the name of a quantity stands for. */
export function quantityOf(
  quantity: SizeVariable,
  { current, original }: Pick<Quantities, 'current' | 'original'>,
): number {
  switch (quantity) {
    case 'iw':
      return original.width;
    case 'ih':
      return original.height;
    case 'iar':
      return original.width / original.height;
    case 'w':
      return current.width;
    case 'h':
      return current.height;
    case 'ar':
      return current.width / current.height;
  }
}

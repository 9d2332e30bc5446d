import { type Arithmetic, parseArithmetic, writeArithmetic } from './arithmetic.ts';
import { maxInteger, type Parsed, parseInteger, parseNumber, writeNumber } from './values.ts';

/** Quantities a size expression may name: of the original (`i…`) or of the current picture. */
export type SizeVariable = 'iw' | 'ih' | 'iar' | 'w' | 'h' | 'ar';

/** A length as written: whole pixels, a share of the current picture (`0.5`), or left-to-right arithmetic (`iw_div_2`). */
export type Length =
  | { readonly unit: 'pixels'; readonly value: number }
  | { readonly unit: 'share'; readonly value: number }
  | ({ readonly unit: 'expression' } & Arithmetic<SizeVariable>);

/** A larger share than this is a mistake (`w_128.0`), not a wish. */
const maxShare = 100;

export const sizeVariables = ['iw', 'ih', 'iar', 'w', 'h', 'ar'] as const satisfies readonly SizeVariable[];

/** Whole pixels, a share (has a decimal point), or arithmetic; sizes must be above 0, offsets may be negative. */
export function parseLength(text: string, kind: 'size' | 'offset'): Parsed<Length> {
  const pixels = parseInteger(text, kind === 'size' ? 1 : -maxInteger, maxInteger);
  if (pixels !== undefined) return { unit: 'pixels', value: pixels };
  if (text.includes('.')) {
    const share = parseNumber(text, kind === 'size' ? 0.000001 : -maxShare, maxShare);
    if (share !== undefined) return { unit: 'share', value: share };
  }
  const arithmetic = parseArithmetic(text.split('_', 64), sizeVariables);
  const isBareNumber = arithmetic?.rest.length === 0 && typeof arithmetic.first === 'number';
  return arithmetic === undefined || isBareNumber ? undefined : { unit: 'expression', ...arithmetic };
}

/** The canonical form of a length; a share always shows its decimal point. */
export function writeLength(length: Length): string {
  if (length.unit === 'pixels') return String(length.value);
  if (length.unit === 'expression') return writeArithmetic(length);
  const text = writeNumber(length.value);
  return text.includes('.') ? text : `${text}.0`;
}

import type { Box, Size } from '../facts.ts';
import type { QualifiedTag } from './xml.ts';

/** CSS pixels that a unit is, at 96 to the inch (CSS Values 3, 6.2); of a font as large as browsers begin with. */
const units: Readonly<Record<string, number>> = {
  '': 1,
  px: 1,
  pt: 96 / 72,
  pc: 16,
  in: 96,
  cm: 96 / 2.54,
  mm: 96 / 25.4,
  q: 96 / 101.6,
  em: 16,
  rem: 16,
  ex: 8,
  ch: 8,
};

/** What browsers give a picture that says nothing of its size (CSS 2.2, 10.3.2). */
const usual: Size = { width: 300, height: 150 };

/**
 * How large a picture is as a browser shows it by itself, in CSS pixels, not rounded: by its width and height, else in the shape of its
 * `viewBox` (SVG 2, 7.2, and CSS Images 3, 5.3: what is a share of something is not known).
 */
export function naturalSize(root: QualifiedTag): Size {
  const [width, height] = [lengthOf(root, 'width'), lengthOf(root, 'height')];
  if (width !== undefined && height !== undefined) return { width, height };
  const box = viewBoxOf(root);
  if (box === undefined) return { width: width ?? usual.width, height: height ?? usual.height };
  if (width !== undefined) return { width, height: (width * box.height) / box.width };
  if (height !== undefined) return { width: (height * box.width) / box.height, height };
  return { width: box.width, height: box.height };
}

/** In whole pixels. */
export function wholeSize({ width, height }: Size): Size {
  return { width: Math.max(1, Math.round(width)), height: Math.max(1, Math.round(height)) };
}

/** What of its own units it shows; undefined where it does not say. */
export function viewBoxOf(root: QualifiedTag): Box | undefined {
  const numbers = (attributeOf(root, 'viewBox') ?? '')
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  const [left = 0, top = 0, width = 0, height = 0] = numbers;
  const isBox = numbers.length === 4 && numbers.every(Number.isFinite) && width > 0 && height > 0;
  return isBox ? { left, top, width, height } : undefined;
}

/** The value of an attribute without a namespace. */
export function attributeOf({ attributes }: QualifiedTag, name: string): string | undefined {
  return Object.hasOwn(attributes, name) ? attributes[name]?.value : undefined;
}

/** What a length has at most: an expression may look at each part of it in many ways. */
const mostLetters = 64;

function lengthOf(root: QualifiedTag, name: 'width' | 'height'): number | undefined {
  const written = attributeOf(root, name) ?? '';
  if (written.length > mostLetters) return undefined;
  const match = /^\s*\+?(\d*\.?\d+(?:e[+-]?\d{1,2})?)\s*([a-z]*)\s*$/i.exec(written);
  const [, number = '', unit = ''] = match ?? [];
  const pixels = Number(number) * (units[unit.toLowerCase()] ?? Number.NaN);
  return match !== null && Number.isFinite(pixels) && pixels > 0 ? pixels : undefined;
}

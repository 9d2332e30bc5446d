import { maxInteger, parseNumber } from './values.ts';

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

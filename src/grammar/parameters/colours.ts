/// <reference path="./color-name.d.ts" />
import cssColours from 'color-name';

/** Lower-case hexadecimal `rrggbb`, or `rrggbbaa` when not opaque. */
export type Colour = string;

// The names of CSS Color Module Level 4, and a word of CSS that is none of them.
const namedColours: ReadonlyMap<string, Colour> = new Map([
  ...Object.entries(cssColours).map(([name, channels]): [string, Colour] => [name, channels.map(hexByte).join('')]),
  ['transparent', '00000000'],
]);

export const colourNames: readonly string[] = [...namedColours.keys()];

function hexByte(channel: number): string {
  return channel.toString(16).padStart(2, '0');
}

/** A CSS name or `rgb:` with 3, 4, 6 or 8 hexadecimal digits, as lower-case `rrggbb`, with `aa` only when not opaque. */
export function parseColour(text: string): Colour | undefined {
  const lower = text.toLowerCase();
  const named = namedColours.get(lower);
  if (named !== undefined) return named;
  const digits = hexDigits(lower);
  if (digits === undefined) return undefined;
  const full = digits.length <= 4 ? Array.from(digits, (digit) => digit + digit).join('') : digits;
  return full.length === 8 && full.endsWith('ff') ? full.slice(0, 6) : full;
}

// Besides `rgb:` and `#`, @nuxt/image writes `rgb_`.
function hexDigits(text: string): string | undefined {
  const prefix = ['rgb:', 'rgb_', '#'].find((known) => text.startsWith(known));
  if (prefix === undefined) return undefined;
  const digits = text.slice(prefix.length);
  return /^(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/.test(digits) ? digits : undefined;
}

/** The canonical form of a colour. */
export function writeColour(colour: Colour): string {
  return `rgb:${colour}`;
}

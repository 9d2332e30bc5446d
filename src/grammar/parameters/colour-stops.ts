import { type Colour, parseColour, writeColour } from './colours.ts';
import { parseInteger } from './values.ts';

/** A colour, and where it is between the darkest (0) and the lightest (100). */
export interface ColourStop {
  readonly colour: Colour;
  readonly at: number;
}

/** More shades than anybody tells apart. */
export const maxStops = 12;
/** Of a colour alone, which has black and white at its sides. */
export const standardPlace = 50;

/** Colours in the value of an effect may do without `rgb:`. */
export function parseBareColour(text: string): Colour | undefined {
  return parseColour(text) ?? parseColour(`rgb:${text}`);
}

/** Reads `red`, `rgb:ff0000` and `ff0000`, each with its place behind it (`20p`) or without: then they are as far apart. */
export function parseStops(words: readonly string[]): readonly ColourStop[] | undefined {
  const stops: { colour: Colour; at: number | undefined }[] = [];
  for (const word of words) {
    const last = stops.at(-1);
    if (word === 'rgb') continue;
    const at = word.endsWith('p') ? parseInteger(word.slice(0, -1), 0, 100) : undefined;
    const colour = parseBareColour(word);
    if (at !== undefined && last !== undefined && last.at === undefined) last.at = at;
    else if (colour !== undefined && at === undefined) stops.push({ colour, at: undefined });
    else return undefined;
  }
  if (stops.length > maxStops) return undefined;
  const apart = stops.length === 1 ? [standardPlace] : stops.map((_, index) => (100 * index) / (stops.length - 1));
  return stops.map(({ colour, at }, index) => ({ colour, at: at ?? Math.round(apart[index] ?? 0) }));
}

export function writeStop({ colour, at }: ColourStop): string {
  return `${writeColour(colour)}:${at}p`;
}

import { type Colour, parseColour, writeColour } from './colours.ts';
import { maxInteger, type Parsed, parseInteger, parseRounded } from './values.ts';

export type Background =
  | { readonly kind: 'colour'; readonly colour: Colour }
  /** The dominant colour of the border (or of the whole picture: `predominant`). */
  | { readonly kind: 'auto'; readonly from: 'border' | 'predominant' }
  | { readonly kind: 'blurred'; readonly intensity: number; readonly brightness: number };

export type Radius =
  | { readonly kind: 'max' }
  /** Pixels, clockwise from the top left. */
  | { readonly kind: 'corners'; readonly corners: readonly [number, number, number, number] };

/** Shapes that a picture is cut to; those on a point stand on it where nothing turns them over. */
export const maskShapes = [
  'circle',
  'triangle',
  'triangle-180',
  'pentagon',
  'pentagon-180',
  'hexagon',
  'square',
  'star',
  'heart',
] as const;
export type MaskShape = (typeof maskShapes)[number];

export interface Border {
  readonly width: number;
  readonly colour: Colour;
}

/** Reads `b_`. */
export function parseBackground(text: string): Parsed<Background> {
  const [first = '', second, third, ...others] = text.split(':', 8);
  if (first === 'gen_fill') return { problem: 'the background gen_fill is not supported' };
  if (first === 'auto') return { kind: 'auto', from: second?.startsWith('predominant') ? 'predominant' : 'border' };
  if (first === 'blurred') {
    const intensity = second === undefined ? 100 : parseInteger(second, 1, 2000);
    const brightness = third === undefined ? 0 : parseInteger(third, -300, 100);
    if (intensity === undefined || brightness === undefined || others.length > 0) {
      return { problem: 'b_blurred takes an intensity from 1 to 2000 and a brightness from -300 to 100' };
    }
    return { kind: 'blurred', intensity, brightness };
  }
  const colour = parseColour(text);
  return colour === undefined ? undefined : { kind: 'colour', colour };
}

/** The canonical form of a background. */
export function writeBackground(background: Background): string {
  if (background.kind === 'colour') return writeColour(background.colour);
  if (background.kind === 'auto') return `auto:${background.from}`;
  return `blurred:${background.intensity}:${background.brightness}`;
}

/** Reads `r_`: `max`, or one to four lengths in the order of CSS. */
export function parseRadius(text: string): Radius | undefined {
  if (text === 'max') return { kind: 'max' };
  const parts = text.split(':', 5);
  const lengths = parts.map((part) => parseRounded(part, 0, maxInteger)).filter((part) => part !== undefined);
  if (lengths.length !== parts.length || lengths.length > 4) return undefined;
  const [topLeft = 0, topRight = topLeft, bottomRight = topLeft, bottomLeft = topRight] = lengths;
  return { kind: 'corners', corners: [topLeft, topRight, bottomRight, bottomLeft] };
}

/** The canonical form of a radius: the shortest of CSS. */
export function writeRadius(radius: Radius): string {
  if (radius.kind === 'max') return 'max';
  const [topLeft, topRight, bottomRight, bottomLeft] = radius.corners;
  if (bottomLeft !== topRight) return radius.corners.join(':');
  if (bottomRight !== topLeft) return [topLeft, topRight, bottomRight].join(':');
  return topRight === topLeft ? String(topLeft) : `${topLeft}:${topRight}`;
}

/** Reads `bo_`: `4px_solid_<colour>`. */
export function parseBorder(text: string): Parsed<Border> {
  const end = text.indexOf('px_solid_');
  if (end < 0) return undefined;
  const width = parseInteger(text.slice(0, end), 0, maxInteger);
  const colour = parseColour(text.slice(end + 'px_solid_'.length));
  return width === undefined || colour === undefined ? undefined : { width, colour };
}

/** The canonical form of a border. */
export function writeBorder(border: Border): string {
  return `${border.width}px_solid_${writeColour(border.colour)}`;
}

import { formatOfExtension, isImageFormat } from '../../formats.ts';
import type { Background, Border, Quality, QualityLevel, Radius, RequestedFormat } from '../transform.ts';
import { parseColour, writeColour } from './colours.ts';
import { maxInteger, type Parsed, parseInteger } from './values.ts';

const automaticFormats: ReadonlyMap<string, RequestedFormat> = new Map([
  ['auto', 'auto'],
  ['auto:image', 'auto'],
  ['auto:animated', 'auto'],
  ['auto:video', 'auto'],
  ['auto:avif', 'auto-avif'],
  ['auto:webp', 'auto-webp'],
  ['auto:basic', 'auto-basic'],
]);

/** Reads `f_`. */
export function parseFormat(text: string): Parsed<RequestedFormat> {
  const format = formatOfExtension(text);
  if (isImageFormat(format)) return format;
  return automaticFormats.get(text) ?? { problem: 'the output formats are auto, jpg, png, webp, avif and gif' };
}

/** The canonical form of a format. */
export function writeFormat(format: RequestedFormat): string {
  return format.replace('auto-', 'auto:');
}

const levels = ['best', 'good', 'eco', 'low'] as const satisfies readonly QualityLevel[];

/** Reads `q_`. */
export function parseQuality(text: string): Parsed<Quality> {
  const [first = '', second, ...others] = text.split(':', 4);
  if (others.length > 0) return undefined;
  if (first === 'auto') {
    if (second === undefined || second === 'sensitive') return { kind: 'auto', level: 'good' };
    const level = levels.find((known) => known === second);
    return level === undefined ? undefined : { kind: 'auto', level };
  }
  if (['jpegmini', 'jpegmini:best', 'jpegmini:high', 'jpegmini:medium'].includes(text)) {
    return { kind: 'auto', level: 'good' };
  }
  const value = parseInteger(first, 1, 100);
  if (value === undefined) return undefined;
  if (second === undefined) return { kind: 'fixed', value };
  return second === '420' || second === '444' ? { kind: 'fixed', value, chroma: second } : undefined;
}

/** The canonical form of a quality. */
export function writeQuality(quality: Quality): string {
  if (quality.kind === 'auto') return `auto:${quality.level}`;
  return quality.chroma === undefined ? String(quality.value) : `${quality.value}:${quality.chroma}`;
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
  const lengths = parts.map((part) => parseInteger(part, 0, maxInteger)).filter((part) => part !== undefined);
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

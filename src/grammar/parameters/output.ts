import { extensionOf, formatOfExtension, type ImageFormat, imageFormats, isImageFormat } from '../../formats.ts';
import { type Parsed, parseInteger } from './values.ts';

/**
 * What the output format is decided to be. `auto-…` names the best the client takes; which of its family is written
 * (PNG for alpha, GIF or WebP for animation, JPEG else) follows from the original alone, so equal targets mean equal
 * bytes. `source` keeps the stored format where we can write it, and else the nearest one that loses nothing.
 */
export type TargetFormat = ImageFormat | 'auto-avif' | 'auto-webp' | 'auto-basic' | 'source';

/** What a URL may ask for as the output format. */
export type RequestedFormat = Exclude<TargetFormat, 'source'> | 'auto';

export type ColourSpace = 'srgb' | 'copy';

export type QualityLevel = 'best' | 'good' | 'eco' | 'low';
export type Quality =
  | { readonly kind: 'fixed'; readonly value: number; readonly chroma?: '420' | '444' }
  | { readonly kind: 'auto'; readonly level: QualityLevel }
  /** A number for each of some formats; any other has what is usual. */
  | { readonly kind: 'by-format'; readonly values: Readonly<Partial<Record<ImageFormat, number>>> };

/** A quality once the format is known. */
export type SettledQuality = Exclude<Quality, { readonly kind: 'by-format' }>;

/** What a quality comes to in one format. */
export function qualityIn(quality: Quality | undefined, format: ImageFormat): SettledQuality | undefined {
  if (quality?.kind !== 'by-format') return quality;
  const value = quality.values[format];
  return value === undefined ? undefined : { kind: 'fixed', value };
}

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

/** More than there are formats. */
const maxQualities = 16;

const levels = ['best', 'good', 'eco', 'low'] as const satisfies readonly QualityLevel[];

/** Reads `q_`. */
export function parseQuality(text: string): Parsed<Quality> {
  const [first = '', second, ...others] = text.split(':', 4);
  if (text.includes('.')) return parseQualities(text);
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
  if (value === undefined) return parseQualities(text);
  if (second === undefined) return { kind: 'fixed', value };
  return second === '420' || second === '444' ? { kind: 'fixed', value, chroma: second } : undefined;
}

/** `jpg:85.webp:70`: of a format that is written twice the last counts. */
function parseQualities(text: string): Parsed<Quality> {
  const values: Partial<Record<ImageFormat, number>> = {};
  for (const part of text.split('.', maxQualities)) {
    const [name = '', number = ''] = part.split(':', 2);
    const format = formatOfExtension(name);
    const value = parseInteger(number, 1, 100);
    if (!isImageFormat(format) || value === undefined || part !== `${name}:${number}`) return undefined;
    values[format] = value;
  }
  return { kind: 'by-format', values };
}

/** The canonical form of a quality. */
export function writeQuality(quality: Quality): string {
  if (quality.kind === 'by-format') {
    const known = imageFormats.filter((format) => quality.values[format] !== undefined);
    return known.map((format) => `${extensionOf(format)}:${quality.values[format]}`).join('.');
  }
  if (quality.kind === 'auto') return `auto:${quality.level}`;
  return quality.chroma === undefined ? String(quality.value) : `${quality.value}:${quality.chroma}`;
}

/** Reads `cs_`. */
export function parseColourSpace(text: string): Parsed<ColourSpace> {
  if (text === 'srgb' || text === 'tinysrgb' || text === 'no_cmyk') return 'srgb';
  return text === 'copy' || text === 'keep_cmyk' ? 'copy' : undefined;
}

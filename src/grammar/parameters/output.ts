import { extensionOf, formatOfExtension, type ImageFormat, imageFormats, isImageFormat } from '../../formats.ts';
import { maxInteger, type Parsed, parseInteger, parseRounded } from './values.ts';

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
  /** Without a chroma it is halved, as everywhere. */
  | { readonly kind: 'auto'; readonly level: QualityLevel; readonly chroma?: '444' }
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
  if (first === 'auto') return others.length > 1 ? undefined : automaticQuality(second, others[0]);
  if (first === 'jpegmini') {
    const isKnown = others.length === 0 && (second === undefined || jpegminiLevels.includes(second));
    return isKnown ? { kind: 'auto', level: 'good' } : undefined;
  }
  const value = parseRounded(first, 1, 100);
  if (value === undefined) return parseQualities(text);
  if (others.length > 0) return undefined;
  if (second === undefined || isTopOfVideos(second)) return { kind: 'fixed', value };
  return second === '420' || second === '444' ? { kind: 'fixed', value, chroma: second } : undefined;
}

const jpegminiLevels = ['0', '1', '2', 'best', 'high', 'medium'];

/** `auto`, `auto:low`, `auto:444` and `auto:low:444`. */
function automaticQuality(first: string | undefined, second: string | undefined): Quality | undefined {
  const isChroma = second === undefined && (first === '420' || first === '444');
  const [word = 'good', chroma] = isChroma ? [undefined, first] : [first, second];
  const level = word === 'sensitive' ? 'good' : levels.find((known) => known === word);
  if (level === undefined || (chroma !== undefined && chroma !== '420' && chroma !== '444')) return undefined;
  return chroma === '444' ? { kind: 'auto', level, chroma } : { kind: 'auto', level };
}

/** `qmax_90`, which bounds the quantiser of videos. */
function isTopOfVideos(word: string): boolean {
  return word.startsWith('qmax_') && parseInteger(word.slice('qmax_'.length), 1, 100) !== undefined;
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
  if (quality.kind === 'auto')
    return `auto:${quality.level}${quality.chroma === undefined ? '' : `:${quality.chroma}`}`;
  return quality.chroma === undefined ? String(quality.value) : `${quality.value}:${quality.chroma}`;
}

/** A list such as `2-4;6` has more places than any file has pages that somebody would name. */
const maxPageList = 255;

/** Reads `pg_`: one page, or of a list the first that it names. */
export function parsePage(text: string): number | undefined {
  if (text.length > maxPageList || !/^[-\d;]+$/.test(text)) return undefined;
  const firsts = text.split(';').map((range) => {
    const [from = '', to = '', ...others] = range.split('-');
    const isRange = range.includes('-') && others.length === 0 && from + to !== '';
    if (!isRange && (from === '' || from !== range)) return undefined;
    const isEnd = to === '' || parseInteger(to, 1, maxInteger) !== undefined;
    return isEnd ? parseInteger(from === '' ? '1' : from, 1, maxInteger) : undefined;
  });
  return firsts.includes(undefined) ? undefined : firsts[0];
}

/** Reads `cs_`. */
export function parseColourSpace(text: string): Parsed<ColourSpace> {
  // `srgb:truecolor` keeps a PNG from a palette that nothing here puts it into unasked.
  if (['srgb', 'srgb:truecolor', 'tinysrgb', 'no_cmyk'].includes(text)) return 'srgb';
  return text === 'copy' || text === 'keep_cmyk' ? 'copy' : undefined;
}

import { refuse } from '../dialect.ts';
import { type ImgixValues, isOn, numberOf, wordOf } from './words.ts';

type Values = Readonly<Record<string, string | undefined>>;

const formats = {
  auto: 'auto',
  avif: 'avif',
  gif: 'gif',
  jpg: 'jpg',
  jpeg: 'jpg',
  pjpg: 'jpg',
  png: 'png',
  png8: 'png',
  png32: 'png',
  webp: 'webp',
} as const;

const flagsOfFormat: Readonly<Record<string, string>> = { pjpg: 'progressive', png8: 'png8', png32: 'png32' };

/** What the file is, once it is drawn. */
export function outputOf(values: ImgixValues): Values {
  const automatic = automaticWords(values);
  const format = wordOf(values, 'fm', formats);
  return {
    cs: wordOf(values, 'cs', { srgb: 'srgb', tinysrgb: 'srgb', origin: 'copy', strip: '' }) || undefined,
    dn: whole(values, 'dpi', [1, 2400]),
    // Beside it a format is what those get who take no better one.
    f: automatic.has('format') || automatic.has('true') ? 'auto' : format,
    fl: flags(values),
    pg: whole(values, 'page', [1, 65_535]),
    q: quality(values, automatic),
  };
}

function automaticWords(values: ImgixValues): ReadonlySet<string> {
  const words = (values.get('auto') ?? '').toLowerCase().split(',');
  const unknown = words.find((word) => !['', 'format', 'compress', 'enhance', 'true', 'webp', 'avif'].includes(word));
  if (unknown !== undefined)
    throw refuse(values.program, `auto=${unknown}`, 'it takes format, compress and enhance here');
  return new Set(words.map((word) => (word === 'webp' || word === 'avif' ? 'format' : word)));
}

function whole(values: ImgixValues, name: 'dpi' | 'page', limits: readonly [number, number]): string | undefined {
  const value = numberOf(values, name, limits);
  return value === undefined ? undefined : String(Math.round(value));
}

/** What is usual there when only the chroma is said. */
const usualQuality = 75;

function quality(values: ImgixValues, automatic: ReadonlySet<string>): string | undefined {
  if (isOn(values, 'lossless')) throw refuse(values.program, 'lossless', 'it is not supported');
  const written = numberOf(values, 'q', [0, 100]);
  const chroma = wordOf(values, 'chromasub', { '444': ':444', '420': ':420' });
  const number = written ?? (chroma === undefined ? undefined : usualQuality);
  if (number !== undefined) return `${Math.max(1, Math.round(number))}${chroma ?? ''}`;
  return automatic.has('compress') || automatic.has('true') ? 'auto' : undefined;
}

function flags(values: ImgixValues): string | undefined {
  const progressive = wordOf(values, 'jpg-progressive', {
    true: 'progressive',
    '1': 'progressive',
    false: 'progressive:none',
    '0': 'progressive:none',
  });
  const words = [
    flagsOfFormat[values.get('fm')?.toLowerCase() ?? ''],
    progressive,
    values.get('cs')?.toLowerCase() === 'strip' ? 'strip_profile' : undefined,
    values.get('iptc') === 'allow' ? 'keep_iptc' : undefined,
  ].filter((word) => word !== undefined);
  return words.length === 0 ? undefined : words.join('.');
}

/** `dl=name`: the browser saves the file under it. */
export function attachmentOf(values: ImgixValues): string | undefined {
  const name = values.get('dl')?.replace(/\.[A-Za-z0-9]{1,5}$/, '');
  if (name === undefined) return undefined;
  return `fl_attachment:${encodeURIComponent(name).replaceAll('.', '%2E')}`;
}

/** Client hints: what a browser says of itself decides where the URL does not. */
export function hintsOf(values: ImgixValues): Values | undefined {
  const hints = (values.get('ch') ?? '').toLowerCase().split(',');
  const isSized = values.has('w') || values.has('h');
  if (hints.includes('width') && !isSized) return { c: 'fit', w: 'auto' };
  return undefined;
}

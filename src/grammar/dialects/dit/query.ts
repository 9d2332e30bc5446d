import { pairsOf, refuse } from '../dialect.ts';
import { type Json, program, wrong } from './json.ts';

/** What a query says: edits, how long it may be asked, and its signature with the text that it is of. */
export interface Asked {
  readonly edits: Json;
  readonly signature: string | undefined;
  /** Seconds since 1970. */
  readonly expires: number | undefined;
  /** Of all but the signature, decoded and sorted; undefined where that could be the text of another query. */
  readonly text: string | undefined;
  /** No name of it says anything here. */
  readonly isEmpty: boolean;
}

/** Names of version 7 that are parts of `resize`. */
const sides: readonly string[] = ['width', 'height', 'fit'];
/** Those that it reads as switches. */
const switches: readonly string[] = ['flip', 'flop', 'grayscale', 'greyscale'];
/** Of version 8, which writes parts behind a dot. */
const whole: readonly string[] = [
  ...['format', 'rotate', 'quality', 'animated', 'flatten', 'blur', 'extract', 'normalize', 'normalise', 'tint'],
  ...['sharpen', 'stripExif', 'stripIcc', 'watermark', 'smartCrop', 'convolve', 'contentModeration'],
];
const parted: readonly string[] = ['resize', 'sharpen', 'smartCrop', 'convolve', 'contentModeration'];

/** Names that it does not know say nothing, as there. */
export function readAsked(query: string): Asked {
  const values = pairsOf(query)
    .filter((pair) => pair !== '')
    .map((pair) => decodedPair(pair))
    .toSorted(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
  let edits: Json = {};
  for (const [name, value] of values) edits = { ...edits, ...editOf(name, value, edits) };
  const find = (wanted: string) => values.findLast(([name]) => name === wanted)?.[1];
  const expires = find('expires');
  return {
    edits: arranged(edits),
    signature: find('signature'),
    expires: expires === undefined ? undefined : endOf(expires),
    text: textOf(values.filter(([name]) => name !== 'signature')),
    isEmpty: Object.keys(edits).length === 0 && expires === undefined && find('signature') === undefined,
  };
}

/**
 * It signs what a query says once that is decoded, so that `a=1%26expires=…` has the signature of `a=1&expires=…`: what holds such a
 * mark inside a part is not signed at all.
 */
function textOf(values: readonly (readonly [name: string, value: string])[]): string | undefined {
  if (values.some(([name, value]) => /[&=]/.test(name) || value.includes('&'))) return undefined;
  return values.map(([name, value]) => `${name}=${value}`).join('&');
}

function decodedPair(pair: string): readonly [name: string, value: string] {
  const equals = pair.indexOf('=');
  const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
  return [decodeURIComponent(name), decodeURIComponent(value.replaceAll('+', ' '))];
}

function editOf(name: string, value: string, edits: Json): Json {
  const [group = '', part] = name.split('.', 2);
  if (sides.includes(name)) return { resize: { ...partsOf(edits, 'resize'), [name]: sideOf(value) } };
  if (switches.includes(name)) return { [name]: !['', '0', 'false'].includes(value.toLowerCase()) };
  if (part !== undefined && parted.includes(group)) {
    return { [group]: { ...partsOf(edits, group), [part]: scalarOf(value) } };
  }
  if (!whole.includes(name)) return {};
  if (name === 'format') return { toFormat: value };
  if (name === 'stripExif' || name === 'stripIcc') return {};
  if (name === 'extract') return { extract: areaOf(value) };
  return { [name]: listOf(value) ?? scalarOf(value) };
}

function partsOf(edits: Json, name: string): Json {
  const parts = edits[name];
  return typeof parts === 'object' && parts !== null ? { ...parts } : {};
}

/** Nothing and 0 leave a side to the other. */
function sideOf(value: string): unknown {
  return value === '' || value === '0' ? undefined : value;
}

function scalarOf(value: string): unknown {
  if (value === '' || value === 'null') return null;
  return value === 'true' || value === 'false' ? value === 'true' : value;
}

/** `a,b` and `[a,[b,c]]`; of the parts of lists no more than two levels. */
function listOf(value: string): readonly unknown[] | undefined {
  if (!value.includes(',')) return undefined;
  const inner = /^(.*?),?\[([^[\]]*)\]$/.exec(value.replace(/^\[(.*)\]$/, '$1'));
  const plain = (text: string) => text.split(',', 25).map((part) => scalarOf(part.trim()));
  if (inner === null) return plain(value.replace(/^\[(.*)\]$/, '$1'));
  return [...(inner[1] ? plain(inner[1]) : []), plain(inner[2] ?? '')];
}

/** Edges, of which the last two are right and bottom. */
function areaOf(value: string): Json {
  const [left = 0, top = 0, right = 0, bottom = 0, ...more] = value
    .replace(/^\[|\]$/g, '')
    .split(',', 5)
    .map(Number);
  if (more.length > 0 || !(right > left && bottom > top)) throw wrong('extract', 'left, top, right and bottom');
  return { left, top, width: right - left, height: bottom - top };
}

/** What is cut out is sized, however they are written. */
function arranged(edits: Json): Json {
  const { smartCrop, extract, resize, ...others } = edits;
  if (extract !== undefined && smartCrop !== undefined) {
    throw refuse(program, 'smartCrop', 'beside extract it is not supported');
  }
  return {
    ...(smartCrop !== undefined && { smartCrop }),
    ...(extract !== undefined && { extract }),
    ...others,
    ...(resize !== undefined && { resize }),
  };
}

/** `20301231T235959Z`, in UTC. */
function endOf(text: string): number {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(time)) throw wrong('expires', 'a time as in 20301231T235959Z');
  return time / 1000;
}

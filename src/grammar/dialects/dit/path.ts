import type { GrammarOptions } from '../../grammar-options.ts';
import { decodeOnce } from '../../ids/ids.ts';
import { refuse } from '../dialect.ts';
import { isBucketKnown, type NamedPicture, pictureAt, pictureInBucket } from '../source.ts';
import { type Filter, filtersIn } from '../thumbor/filters.ts';
import { type Json, program } from './json.ts';

/** No URL has as many words before its picture. */
const maxWords = 32;

/** What the words before a picture say, in any order. */
interface Words {
  readonly crop: Json | undefined;
  readonly resize: Json | undefined;
  readonly isFitIn: boolean;
  readonly filters: readonly Filter[];
  readonly buckets: readonly string[];
  /** As it was written. */
  readonly picture: string;
}

const none: Words = { crop: undefined, resize: undefined, isFitIn: false, filters: [], buckets: [], picture: '' };

/** With a dash where a rewrite of its documents makes a colon of it. */
const filtersBegin = /^filters(?::|%3a|-(?=[a-z_]{1,40}\())/i;
const crop = /^(\d{1,6})x(\d{1,6}):(\d{1,6})x(\d{1,6})$/;
const size = /^(\d{1,6})x(\d{1,6})$/;

/** True for a path that begins with a word. */
export function isWordy(segments: readonly string[]): boolean {
  const [first = ''] = segments;
  if (segments.length < 2) return false;
  return filtersBegin.test(first) || first === 'unsafe' || wordOf(first.replace(/%3a/gi, ':'), none) !== undefined;
}

/** The edits that thumbor's words come to there, and the picture behind them. */
export function readWords(
  path: string,
  options: GrammarOptions,
): { readonly edits: Json; readonly filters: readonly Filter[]; readonly picture: NamedPicture } {
  const words = wordsIn(path.replace(/^unsafe\//, ''));
  const { crop: cut, resize, isFitIn, filters } = words;
  const sized = resize === undefined && !isFitIn ? undefined : { ...resize, ...(isFitIn && { fit: 'inside' }) };
  const edits = { ...(cut && { crop: cut }), ...(sized && { resize: sized }) };
  return { edits, filters, picture: pictureOf(words, options) };
}

function wordsIn(path: string): Words {
  let words: Words = { ...none, picture: path };
  for (let count = 0; ; count += 1) {
    const next = nextWord(words);
    if (next === undefined) return words;
    if (count === maxWords) throw refuse(program, path, `at most ${maxWords} words come before a picture`);
    words = next;
  }
}

/** The last part is the picture, whatever it is called. */
function nextWord(words: Words): Words | undefined {
  const { picture } = words;
  if (filtersBegin.test(picture)) {
    const [filters, rest] = filtersIn(picture.replace(filtersBegin, ''), program);
    return { ...words, filters: [...words.filters, ...filters], picture: rest };
  }
  const slash = picture.indexOf('/');
  if (slash < 0) return undefined;
  const found = wordOf(picture.slice(0, slash).replace(/%3a/gi, ':'), words);
  return found && { ...found, picture: picture.slice(slash + 1) };
}

/** The first of each kind counts, but for buckets, of which one may be known. */
function wordOf(text: string, words: Words): Words | undefined {
  if (text === 'fit-in') return { ...words, isFitIn: true };
  if (/^s3:[\w.-]{1,63}$/.test(text)) return { ...words, buckets: [...words.buckets, text.slice('s3:'.length)] };
  const [, left, top, right, bottom] = crop.exec(text) ?? [];
  if (left !== undefined && top !== undefined) {
    const box = { left, top, width: Number(right) - Number(left), height: Number(bottom) - Number(top) };
    return { ...words, crop: words.crop ?? box };
  }
  const [, width, height] = size.exec(text) ?? [];
  if (width === undefined || height === undefined) return undefined;
  const isFree = Number(width) === 0 || Number(height) === 0;
  const sides = { width: Number(width) || null, height: Number(height) || null, ...(isFree && { fit: 'inside' }) };
  return { ...words, resize: words.resize ?? sides };
}

function pictureOf({ buckets, picture }: Words, options: GrammarOptions): NamedPicture {
  const key = decodeOnce(picture.replace(/^\/+/, ''));
  if (key === '') throw refuse(program, 'the picture', 'none is named behind what is made of it');
  if (buckets.length === 0) return pictureAt(key, 'key', options);
  const bucket = buckets.find((one) => isBucketKnown(one, options)) ?? buckets[0] ?? '';
  return pictureInBucket(bucket, key, options);
}

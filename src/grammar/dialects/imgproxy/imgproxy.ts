import { Failure, isFailure } from '../../../failure.ts';
import type { GrammarOptions } from '../../grammar-options.ts';
import { extensionFormat } from '../../ids/extension.ts';
import {
  chain,
  component,
  type Dialect,
  type NamedPicture,
  refuse,
  substituteOf,
  type Translation,
} from '../dialect.ts';
import { pictureAt } from '../source.ts';
import { base64Text } from './arguments.ts';
import { drawn } from './draw.ts';
import { isOption, program, readOption } from './options.ts';
import { wishesOf } from './read.ts';
import { watermarked } from './watermark.ts';
import type { Wishes } from './wishes.ts';

/** No URL has as many. */
const maxOptions = 64;

/** What signs a URL, where no key asks for a signature: these words stand for none. */
const unsignedWords: readonly string[] = ['unsafe', 'insecure', '_', '-'];
const signature = /^[A-Za-z0-9_-]{1,43}={0,2}$/;
/** A signature of 16 bytes: a folder is seldom called so. */
const leastWholeSignature = 22;

/**
 * imgproxy: `/<signature>/rs:fill:300:200/g:sm/plain/<source>@webp`, the source in base64 or encrypted as well. It is known by
 * options before such a source, or by a signature before a source that can be nothing else. Without a signature at all it
 * is taken, too, where an option comes first.
 */
export const readImgproxy: Dialect = ({ segments, query }, options) => {
  if (query !== '' || segments.length < 2) return undefined;
  const { argumentsSeparator: separator } = options.imgproxy;
  const [first = '', second = ''] = segments;
  if (!signature.test(first)) {
    if (isOption(first, separator) && endsInSource(segments, separator)) return read(segments, undefined, options);
    if (isOption(second, separator))
      throw refuse(program, first, 'the signature comes first, or a word such as unsafe');
    return undefined;
  }
  if (first === 'plain' && isSource(second)) return read(segments, undefined, options);
  const rest = segments.slice(1);
  const isMarked = second.includes(separator)
    ? (isSignature(first) && isClear(second, separator)) || (isNamed.test(second) && endsInSource(rest, separator))
    : isBareSource(first, rest);
  return isMarked ? read(rest, { value: first, text: `/${rest.join('/')}` }, options) : undefined;
};

const isNamed = /^[a-z_-]{1,32}[^a-z0-9_-]/;

/** The words that stand for none among them. */
function isSignature(segment: string): boolean {
  return unsignedWords.includes(segment) || segment.length >= leastWholeSignature;
}

/** An option that no other program has: thumbor has a `trim:`, too. */
function isClear(segment: string, separator: string): boolean {
  return isOption(segment, separator) && !/^t(?:rim)?\W/.test(segment);
}

/** Options, and then a source in one of its forms. */
function endsInSource(segments: readonly string[], separator: string): boolean {
  const end = segments.findIndex((segment) => !segment.includes(separator) && segment !== '-');
  const [first = '', ...rest] = end < 0 ? [] : segments.slice(end);
  return ((first === 'plain' || first === 'enc') && rest.length > 0) || looksEncoded([first, ...rest]);
}

/** Without an option before it, a source is known by the word that stands for no signature, by a whole one, or by its scheme. */
function isBareSource(first: string, [form = '', ...rest]: readonly string[]): boolean {
  if (form === 'plain') return rest.length > 0 && (isSignature(first) || isSource(rest[0] ?? ''));
  return isSignature(first) && ((form === 'enc' && rest.length > 0) || looksEncoded([form, ...rest]));
}

/** With a scheme, or what is left of one: a key has neither. */
function isSource(segment: string): boolean {
  return /^[a-z][a-z0-9+.-]*(?::|%3a)/i.test(segment);
}

/** A whole URL in base64, cut into pieces or not. */
function looksEncoded(segments: readonly string[]): boolean {
  const text = segments.join('').replace(/\.[a-z0-9]{1,5}$/i, '');
  if (!/^[A-Za-z0-9_-]{4,}={0,2}$/.test(text)) return false;
  return /^(?:[a-z][a-z0-9+.-]*:\/|\/|[\w-]+(?:\.[\w-]+)*\/)/i.test(Buffer.from(text, 'base64url').toString('latin1'));
}

function read(segments: readonly string[], proof: Translation['proof'], options: GrammarOptions): Translation {
  const { argumentsSeparator: separator } = options.imgproxy;
  const end = segments.findIndex((segment) => !segment.includes(separator) && segment !== '-');
  const written = end < 0 ? segments : segments.slice(0, end);
  if (written.length > maxOptions) throw refuse(program, written[0] ?? '', `at most ${maxOptions} options are taken`);
  const { picture, format, isSealed } = sourceIn(end < 0 ? [] : segments.slice(end), proof, options);
  const pipelines = split(written).map((list) => wishesOf(list.map((segment) => readOption(segment, separator))));
  const last: Wishes = { ...pipelines.at(-1), ...(format !== undefined && { format }) };
  const { expires, filename } = last;
  return {
    ...picture,
    components: componentsOf([...pipelines.slice(0, -1), last], picture, options),
    ...(proof !== undefined && { proof }),
    ...(isSealed === true && { isSealed }),
    ...(expires !== undefined && { expires }),
    ...(filename !== undefined && filename !== '' && { filename }),
  };
}

/** Pipelines are parted by a segment `-`. */
function split(written: readonly string[]): readonly (readonly string[])[] {
  const lists: string[][] = [[]];
  for (const segment of written) {
    if (segment === '-') lists.push([]);
    else lists.at(-1)?.push(segment);
  }
  return lists;
}

interface Source {
  readonly picture: NamedPicture;
  readonly format: string | undefined;
  readonly isSealed?: true;
}

function sourceIn(segments: readonly string[], proof: Translation['proof'], options: GrammarOptions): Source {
  const [first = '', ...rest] = segments;
  if (first === 'plain' && rest.length > 0) {
    const [encoded = '', format = '', more] = rest.join('/').split('@', 3);
    return named(decodeURIComponent(encoded), { format, more }, options);
  }
  const [encoded = '', format = '', more] = segments
    .slice(first === 'enc' ? 1 : 0)
    .join('')
    .split('.', 3);
  if (first !== 'enc') return named(base64Text(encoded), { format, more }, options);
  const opened = options.imgproxy.openSource?.(encoded, proof);
  if (opened === undefined)
    throw refuse(program, 'enc', 'the source cannot be decrypted, or the URL is not signed by its key');
  return sealed(opened, { format, more }, options);
}

/** Nobody is told what it says, not even by what is wrong with it. */
function sealed(source: string, ending: Ending, options: GrammarOptions): Source {
  try {
    return { ...named(source, ending, options), isSealed: true };
  } catch (cause) {
    if (!isFailure(cause)) throw cause;
    throw new Failure('invalid', 'What the source of this URL decrypts to names no picture here.', { cause });
  }
}

interface Ending {
  readonly format: string;
  readonly more: string | undefined;
}

function named(source: string, { format, more }: Ending, options: GrammarOptions): Source {
  if (more !== undefined) throw refuse(program, more, 'one format is taken');
  if (source === '') throw refuse(program, 'the source', 'it is empty');
  return { picture: pictureAt(source, 'key', options), format: format === '' ? undefined : format };
}

function componentsOf(pipelines: readonly Wishes[], picture: NamedPicture, options: GrammarOptions): readonly string[] {
  const last = pipelines.at(-1) ?? {};
  if (last.isRaw === true || isSkipped(last, picture)) return chain(attachment(last));
  const components = chain(
    ...pipelines.flatMap((wishes) => [...drawn(wishes), ...watermarked(wishes, options)]),
    output(last),
    last.fallback === undefined ? undefined : substitute(last.fallback, options),
    attachment(last),
  );
  // Even what nothing is asked of is drawn: an original says more than it shows.
  return components.length === 0 ? ['a_0'] : components;
}

/** What is stored in one of these formats is sent as it is, unless another is asked for. */
function isSkipped({ skipped = [], format }: Wishes, picture: NamedPicture): boolean {
  const stored = extensionFormat('key' in picture ? picture.key : 'remote' in picture ? picture.remote.key : '');
  if (stored === undefined) return false;
  const names = stored === 'jpeg' ? ['jpg', 'jpeg'] : [stored];
  return names.some((name) => skipped.includes(name)) && (format === undefined || names.includes(format));
}

function output(wishes: Wishes): string | undefined {
  const { format, quality = 0, qualities = new Map<string, number>(), maxBytes = 0, density = 0, page = 0 } = wishes;
  const { flags = [], keepsCopyright = false, keepsProfile = false, isStill = false } = wishes;
  const fl = [...flags, ...(keepsCopyright ? ['keep_attribution'] : [])].join('.');
  const byFormat = [...qualities].map(([name, value]) => `${name}:${value}`).join('.');
  return component({
    cs: keepsProfile ? 'copy' : undefined,
    dn: density === 0 ? undefined : String(density),
    f: format,
    fl: fl === '' ? undefined : fl,
    mb: maxBytes === 0 ? undefined : String(maxBytes),
    pg: page > 0 || isStill ? String(page + 1) : undefined,
    q: quality > 0 ? String(quality) : byFormat || undefined,
  });
}

function substitute(source: string, options: GrammarOptions): string {
  const picture = pictureAt(source, 'key', options);
  if ('key' in picture) return substituteOf(picture.key);
  throw refuse(program, 'fallback_image_url', 'the substitute is one of our own pictures');
}

function attachment({ isAttachment = false, filename }: Wishes): string | undefined {
  if (!isAttachment) return undefined;
  const name =
    filename === undefined || filename === '' ? '' : `:${encodeURIComponent(filename).replaceAll('.', '%2E')}`;
  return `fl_attachment${name}`;
}

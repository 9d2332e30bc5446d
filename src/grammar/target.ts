import { Failure } from '../failure.ts';
import type { GrammarOptions } from './grammar-options.ts';
import { decodeId, decodeOnce, shorten } from './ids.ts';
import { classify, folderHint } from './parse-components.ts';
import { type Remote, readRemote } from './remote.ts';
import { readQuerySpelling, readSpelling } from './spellings/read-spelling.ts';
import type { CropMode } from './transform.ts';
import { maxComponents } from './values.ts';

/** How an original is protected; `fetch` names one by its URL on another host. */
export type Delivery = 'upload' | 'private' | 'authenticated' | 'fetch';

/** The signature of a URL, and what it is the signature of. */
export interface Signature {
  readonly value: string;
  /** Seconds since 1970 after which the URL is refused; undefined: it never is. */
  readonly expires: number | undefined;
  /** The texts it may be of: as received first, then with the id escaped as the official clients do. */
  readonly signed: readonly string[];
}

/** The parts of a request target, found on the raw text: nothing encoded ever separates. */
export interface Target {
  readonly delivery: Delivery;
  /** The mode of a size without `c_`. */
  readonly defaultCrop: CropMode;
  readonly signature: Signature | undefined;
  readonly components: readonly string[];
  /** The configuration wrote the components: an alias that leaves nothing to the URL. */
  readonly isNamed: boolean;
  /** Decoded; for `fetch` the key that stands for the URL. */
  readonly id: string;
}

/** A request line longer than this is refused before any work. */
const maxTargetLength = 16_384;

const deliveries = ['upload', 'private', 'authenticated', 'fetch'] as const satisfies readonly Delivery[];
const reserved: readonly string[] = ['image', 'video', 'raw', '-'];
const shortened: ReadonlyMap<string, { readonly delivery: Delivery; readonly hasSuffix: boolean }> = new Map([
  ['iu', { delivery: 'upload', hasSuffix: false }],
  ['images', { delivery: 'upload', hasSuffix: true }],
  ['private_images', { delivery: 'private', hasSuffix: true }],
  ['authenticated_images', { delivery: 'authenticated', hasSuffix: true }],
]);

/** Splits a raw request target into its parts. */
export function splitTarget(rawTarget: string, options: GrammarOptions): Target {
  const { segments, query } = splitRaw(rawTarget);
  return spelledTarget(segments, query, options) ?? nativeTarget(segments, query, options);
}

/** In another spelling: what is signed is all that follows the signature, query included where it counts. */
function spelledTarget(segments: readonly string[], query: string, options: GrammarOptions): Target | undefined {
  const { value, expiry, rest } = takeSignature(segments);
  const spelled = readSpelling({ segments: rest, query }, options);
  if (spelled === undefined) return undefined;
  const { components, isNamed = false, usesQuery = false } = spelled;
  const text = usesQuery ? `${rest.join('/')}?${query}` : rest.join('/');
  return {
    delivery: 'remote' in spelled ? 'fetch' : 'upload',
    defaultCrop: options.defaultCrop,
    signature: value === undefined ? undefined : signatureOf(value, expiry, [text]),
    components,
    isNamed,
    id: 'remote' in spelled ? spelled.remote.key : decodeId(spelled.rawId),
  };
}

function nativeTarget(segments: readonly string[], query: string, options: GrammarOptions): Target {
  const { delivery, hasSuffix, isShortForm, rest } = takePrefix(segments, options);
  const { value, expiry, rest: unsigned } = takeSignature(rest);
  const { components, idSegments } = takeComponents(unsigned, isShortForm);
  if (idSegments.join('') === '') throw new Failure('invalid', 'The path names no picture: an id must come last.');
  const rawId = hasSuffix ? dropSuffix(idSegments) : idSegments;
  const remote = delivery === 'fetch' ? readRemote(rawId.join('/'), options.fetchHosts) : undefined;
  const asked = isShortForm && components.length === 0 ? readQuerySpelling(query, options) : undefined;
  const textOf = (signedId: string) =>
    [...components, asked === undefined ? signedId : `${signedId}?${query}`].join('/');
  return {
    delivery,
    defaultCrop: isShortForm ? options.defaultCrop : 'scale',
    signature:
      value === undefined ? undefined : signatureOf(value, expiry, signedIds(rawId.join('/'), remote).map(textOf)),
    components: asked ?? components,
    isNamed: false,
    id: remote?.key ?? decodeId(rawId),
  };
}

function signatureOf(value: string, expiry: string | undefined, texts: readonly string[]): Signature {
  if (expiry === undefined) return { value, expires: undefined, signed: texts };
  return { value, expires: Number(expiry.slice(2)), signed: texts.map((text) => `${expiry}/${text}`) };
}

/** Clients escape the id differently, so what arrived counts first, then the spelling of the official ones. */
function signedIds(rawId: string, remote: Remote | undefined): readonly string[] {
  const decoded = decodeOnce(rawId);
  const reencoded = remote === undefined ? encodeURIComponent(decoded) : encodeURIComponent(remote.source);
  const official = reencoded.replaceAll('%3A', ':').replaceAll('%2F', '/');
  return official === rawId ? [rawId] : [rawId, official];
}

function splitRaw(rawTarget: string): { readonly segments: readonly string[]; readonly query: string } {
  if (rawTarget.length > maxTargetLength) {
    throw new Failure(
      'invalid',
      `The URL is too long: at most ${maxTargetLength} characters, got ${rawTarget.length}.`,
    );
  }
  const mark = rawTarget.indexOf('?');
  const path = mark < 0 ? rawTarget : rawTarget.slice(0, mark);
  if (!path.startsWith('/')) throw new Failure('invalid', 'The request target must be a path that begins with "/".');
  if (path.startsWith('//')) throw new Failure('invalid', 'The path begins with two slashes; write one.');
  for (let index = 0; index < path.length; index += 1) {
    const code = path.charCodeAt(index);
    if (code <= 0x20 || code >= 0x7f) {
      throw new Failure('invalid', 'The path holds a character outside printable ASCII; percent-encode it as UTF-8.');
    }
  }
  return { segments: path.slice(1).split('/'), query: mark < 0 ? '' : rawTarget.slice(mark + 1) };
}

interface Prefix {
  readonly delivery: Delivery;
  readonly hasSuffix: boolean;
  readonly isShortForm: boolean;
  readonly rest: readonly string[];
}

function takePrefix(segments: readonly string[], options: GrammarOptions): Prefix {
  const [account = '', ...afterAccount] = segments;
  if (options.accountNames.includes(account) && isAssetType(afterAccount[0]))
    return takePrefix(afterAccount, { ...options, accountNames: [] });
  const first = segments[0] ?? '';
  const alias = shortened.get(first);
  if (alias !== undefined) return { ...alias, isShortForm: false, rest: segments.slice(1) };
  if (first === 'image') return { ...takeDelivery(segments[1]), rest: segments.slice(2) };
  if (reserved.includes(first)) {
    throw new Failure(
      'invalid',
      `Paths under /${first}/ are not pictures; a key that begins so is written /v1/${first}/....`,
    );
  }
  return { delivery: 'upload', hasSuffix: false, isShortForm: true, rest: segments };
}

function isAssetType(segment: string | undefined): boolean {
  return segment !== undefined && (segment === 'image' || shortened.has(segment));
}

function takeDelivery(segment: string | undefined): Omit<Prefix, 'rest'> {
  const delivery = deliveries.find((known) => known === segment);
  if (delivery !== undefined) return { delivery, hasSuffix: false, isShortForm: false };
  const came = segment === undefined ? 'nothing' : `"${shorten(segment)}"`;
  throw new Failure(
    'invalid',
    `After /image/ comes upload, private, authenticated or fetch; got ${came}. A key that begins with image/ is written /v1/image/....`,
  );
}

const signatureLengths = [8, 32];

interface Taken {
  readonly value: string | undefined;
  /** As written: `x-<seconds since 1970>`. */
  readonly expiry: string | undefined;
  readonly rest: readonly string[];
}

/** The signature is found by its length: it may hold dashes of its own, also at its ends. An expiry may follow it. */
function takeSignature(segments: readonly string[]): Taken {
  const [first = '', ...rest] = segments;
  if (!first.startsWith('s--') || rest.length === 0) return { value: undefined, expiry: undefined, rest: segments };
  const value = first.slice(3, -2);
  const isWhole = first.endsWith('--') && signatureLengths.includes(value.length);
  if (isWhole && /^[A-Za-z0-9_-]+$/.test(value)) {
    const [expiry = '', ...unsigned] = rest;
    return /^x-\d{1,12}$/.test(expiry) && unsigned.length > 0
      ? { value, expiry, rest: unsigned }
      : { value, expiry: undefined, rest };
  }
  throw new Failure(
    'invalid',
    `Invalid signature "${shorten(first)}": a signature is a segment of its own, s--SIG-- with 8 or 32 characters.${folderHint}`,
  );
}

/** Components come first; a version or the first segment that is none ends them; the last segment is never one. */
function takeComponents(
  segments: readonly string[],
  isShortForm: boolean,
): { components: readonly string[]; idSegments: readonly string[] } {
  if (isShortForm && segments[0] === '_' && segments.length > 1) {
    return { components: [], idSegments: segments.slice(1) };
  }
  const components: string[] = [];
  let index = 0;
  for (; index < segments.length - 1; index += 1) {
    const segment = segments[index] ?? '';
    if (segment === '') continue;
    if (isVersion(segment)) return { components, idSegments: segments.slice(index + 1) };
    const kind = classify(segment);
    if (kind === 'id') break;
    if (kind !== 'component') {
      throw new Failure(
        'invalid',
        `"${shorten(kind.unknownPart)}" is no parameter, but its neighbours are.${folderHint}`,
      );
    }
    components.push(segment);
    if (components.length > maxComponents) {
      throw new Failure('invalid', `At most ${maxComponents} components are taken.${folderHint}`);
    }
  }
  return { components, idSegments: segments.slice(index) };
}

function isVersion(segment: string): boolean {
  return /^v\d+$/.test(segment);
}

/** `/images/…/<id>/<suffix for readers>`: an extension on the suffix asks for a format, as on the id. */
function dropSuffix(idSegments: readonly string[]): readonly string[] {
  const id = idSegments.slice(0, -1);
  const suffix = decodeOnce(idSegments.at(-1) ?? '');
  if (id.length === 0 || suffix === '') {
    throw new Failure(
      'invalid',
      'Under /images/ an id and then a suffix for readers come last, as in /images/sample/red-car.',
    );
  }
  const last = id.at(-1) ?? '';
  const extension = imageExtension(suffix);
  if (extension === undefined || imageExtension(last) !== undefined) return id;
  return [...id.slice(0, -1), `${last}.${extension}`];
}

const imageExtensions: readonly string[] = ['jpg', 'jpeg', 'png', 'webp', 'avif', 'gif'];

/** The extension of an output format at the end of a name, as written; undefined for any other ending. */
export function imageExtension(name: string): string | undefined {
  const dot = name.lastIndexOf('.');
  if (dot <= name.lastIndexOf('/') + 1) return undefined;
  const extension = name.slice(dot + 1);
  return imageExtensions.includes(extension.toLowerCase()) ? extension : undefined;
}

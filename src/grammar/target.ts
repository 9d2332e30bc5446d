import { Failure } from '../failure.ts';
import type { GrammarOptions } from './grammar-options.ts';
import { decodeId, decodeOnce, shorten } from './ids.ts';
import { classify, folderHint, maxComponents } from './parse-components.ts';

/** How an original is protected. */
export type Delivery = 'upload' | 'private' | 'authenticated';

/** The parts of a request target, found on the raw text: nothing encoded ever separates. */
export interface Target {
  readonly delivery: Delivery;
  /** Without a delivery type in the path: `/<transformation>/<id>`. */
  readonly isShortForm: boolean;
  readonly signature: string | undefined;
  readonly components: readonly string[];
  /** The id as received. */
  readonly rawId: string;
  /** The id decoded. */
  readonly id: string;
}

/** A request line longer than this is refused before any work. */
const maxTargetLength = 16_384;

const deliveries = ['upload', 'private', 'authenticated'] as const satisfies readonly Delivery[];
const reserved: readonly string[] = ['image', 'video', 'raw', '-'];
const shortened: ReadonlyMap<string, { readonly delivery: Delivery; readonly hasSuffix: boolean }> = new Map([
  ['iu', { delivery: 'upload', hasSuffix: false }],
  ['images', { delivery: 'upload', hasSuffix: true }],
  ['private_images', { delivery: 'private', hasSuffix: true }],
  ['authenticated_images', { delivery: 'authenticated', hasSuffix: true }],
]);

/** Splits a raw request target into its parts. */
export function splitTarget(rawTarget: string, options: GrammarOptions): Target {
  const segments = rawSegments(rawTarget);
  const { delivery, hasSuffix, isShortForm, rest } = takePrefix(segments, options);
  const signed = takeSignature(rest);
  const { components, idSegments } = takeComponents(signed.rest, isShortForm);
  if (idSegments.join('') === '') throw new Failure('invalid', 'The path names no picture: an id must come last.');
  const rawIdSegments = hasSuffix ? dropSuffix(idSegments) : idSegments;
  return {
    delivery,
    isShortForm,
    signature: signed.signature,
    components,
    rawId: rawIdSegments.join('/'),
    id: decodeId(rawIdSegments),
  };
}

function rawSegments(rawTarget: string): readonly string[] {
  if (rawTarget.length > maxTargetLength) {
    throw new Failure(
      'invalid',
      `The URL is too long: at most ${maxTargetLength} characters, got ${rawTarget.length}.`,
    );
  }
  const query = rawTarget.indexOf('?');
  const path = query < 0 ? rawTarget : rawTarget.slice(0, query);
  if (!path.startsWith('/')) throw new Failure('invalid', 'The request target must be a path that begins with "/".');
  if (path.startsWith('//')) throw new Failure('invalid', 'The path begins with two slashes; write one.');
  for (let index = 0; index < path.length; index += 1) {
    const code = path.charCodeAt(index);
    if (code <= 0x20 || code >= 0x7f) {
      throw new Failure('invalid', 'The path holds a character outside printable ASCII; percent-encode it as UTF-8.');
    }
  }
  return path.slice(1).split('/');
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
    `After /image/ comes upload, private or authenticated; got ${came}. A key that begins with image/ is written /v1/image/....`,
  );
}

const signatureLengths = [8, 32];

/** The signature is found by its length: it may hold dashes of its own, also at its ends. */
function takeSignature(segments: readonly string[]): { signature: string | undefined; rest: readonly string[] } {
  const [first = '', ...rest] = segments;
  if (!first.startsWith('s--') || rest.length === 0) return { signature: undefined, rest: segments };
  const signature = first.slice(3, -2);
  const isWhole = first.endsWith('--') && signatureLengths.includes(signature.length);
  if (isWhole && /^[A-Za-z0-9_-]+$/.test(signature)) return { signature, rest };
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

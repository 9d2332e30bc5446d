import { Failure, isFailure } from '../../failure.ts';
import { nearest } from '../../nearest.ts';
import type { RawTarget, Said } from '../dialects/dialect.ts';
import { readDialect, readQueryDialect } from '../dialects/read-dialect.ts';
import { mappedKey } from '../dialects/source.ts';
import type { DialectName, GrammarOptions } from '../grammar-options.ts';
import { imageExtension } from '../ids/extension.ts';
import { checkId, decodeId, decodeLooseId, decodeOnce, shorten } from '../ids/ids.ts';
import { type Remote, readRemote } from '../ids/remote.ts';
import { present } from '../meaning/present.ts';
import type { CropMode } from '../parameters/crop.ts';
import { classify } from './parse-components.ts';
import { endOf, idOf, type Signature, signedIds, signedTexts, splitText, takeSignature, withEnd } from './signature.ts';
import { isVersion, takeComponents } from './take-components.ts';

export type { Signature } from './signature.ts';

/**
 * What a URL calls an original. Only `fetch` says anything: it names one by its URL on another host. Who may see what hangs
 * on keys, since no signature covers this word.
 */
export type Delivery = 'upload' | 'private' | 'authenticated' | 'fetch';

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
  /** In which of other programs' dialects it is, and what that says beside the transformation. */
  readonly dialect: DialectSaid | undefined;
}

/** What a URL of another program says beside its picture and transformation. */
export interface DialectSaid extends Pick<Said, 'proof' | 'isSealed' | 'expires' | 'filename'> {
  readonly name: DialectName;
}

/** A request line longer than this is refused before any work. */
const maxTargetLength = 16_384;

const deliveries = ['upload', 'private', 'authenticated', 'fetch'] as const satisfies readonly Delivery[];
const folders: readonly string[] = ['image', 'video', 'raw'];
const reserved: readonly string[] = [...folders, '-'];
const shortened: ReadonlyMap<string, { readonly delivery: Delivery; readonly hasSuffix: boolean }> = new Map([
  ['iu', { delivery: 'upload', hasSuffix: false }],
  ['images', { delivery: 'upload', hasSuffix: true }],
  ['private_images', { delivery: 'private', hasSuffix: true }],
  ['authenticated_images', { delivery: 'authenticated', hasSuffix: true }],
]);

/** Splits a raw request target into its parts. */
export function splitTarget(rawTarget: string, options: GrammarOptions): Target {
  const { segments, query } = splitRaw(rawTarget);
  return dialectTarget(segments, query, options) ?? nativeTarget(segments, query, options);
}

/** In another dialect: what is signed is all that follows the signature, query included where it counts. */
function dialectTarget(segments: readonly string[], query: string, options: GrammarOptions): Target | undefined {
  const { value, expiry, rest } = takeSignature(segments);
  const translation = readDialect({ segments: rest, query }, options);
  if (translation === undefined) return undefined;
  const { components, isNamed = false, usesQuery = false } = translation;
  const text = usesQuery ? `${rest.join('/')}?${query}` : rest.join('/');
  return {
    delivery: 'remote' in translation ? 'fetch' : 'upload',
    defaultCrop: options.defaultCrop,
    signature: value === undefined ? undefined : { value, expires: endOf(expiry), signed: [withEnd(expiry, text)] },
    components,
    isNamed,
    id: idOf(translation),
    dialect: saidIn(translation),
  };
}

function saidIn({
  dialect,
  proof,
  isSealed,
  expires,
  filename,
}: Pick<Said, 'proof' | 'isSealed' | 'expires' | 'filename'> & { readonly dialect: DialectName | undefined }):
  | DialectSaid
  | undefined {
  return dialect === undefined ? undefined : { name: dialect, ...present({ proof, isSealed, expires, filename }) };
}

/**
 * The whole path as the key of an original, where it begins as the long form or a version does and could be meant so all the
 * same: an `images/` folder is called so on many servers. Undefined for any other path, for one that is read as a key at once, and for
 * one that no key could be.
 */
export function keyTarget(rawTarget: string, options: GrammarOptions): Target | undefined {
  const [first = ''] = rawTarget.slice(1).split(/[/?]/, 1);
  if (!(shortened.has(first) || folders.includes(first) || isVersion(first))) return undefined;
  const { segments, query } = splitRaw(rawTarget);
  if (shortened.has(first) && aliasIn(segments) === undefined) return undefined;
  if (segments.some((segment) => segment.startsWith('s--'))) return undefined;
  if (isInDialect({ segments, query }, options)) return undefined;
  const id = idIn(segments);
  if (id === undefined) return undefined;
  const said = readQueryDialect({ segments, query }, options);
  return {
    delivery: 'upload',
    defaultCrop: options.defaultCrop,
    signature: undefined,
    components: said?.components ?? [],
    isNamed: false,
    id,
    dialect: said && saidIn(said),
  };
}

/** What another program's dialect knows, or refuses, is its own: as a key it would be answered without what it asks for. */
function isInDialect(target: RawTarget, options: GrammarOptions): boolean {
  try {
    return readDialect(target, options) !== undefined;
  } catch (error) {
    if (isFailure(error)) return true;
    throw error;
  }
}

function idIn(segments: readonly string[]): string | undefined {
  try {
    return decodeId(segments);
  } catch (error) {
    if (isFailure(error, 'invalid')) return undefined;
    throw error;
  }
}

function nativeTarget(segments: readonly string[], query: string, options: GrammarOptions): Target {
  const { delivery, hasSuffix, isShortForm, rest } = takePrefix(segments, options);
  const { value, expiry, rest: unsigned } = takeSignature(rest);
  const { components, read, idSegments, isMarked } = takeComponents(unsigned, isShortForm);
  if (idSegments.join('') === '') {
    const before = components.length === 0 ? 'w_400,h_300' : shorten(components.join('/'));
    throw new Failure('invalid', `The path names no picture: an id must come last, as in /${before}/picture.jpg.`);
  }
  const rawId = hasSuffix ? dropSuffix(idSegments) : idSegments;
  const fetched = delivery === 'fetch' ? fetchedPicture(rawId.join('/'), options) : undefined;
  const asked =
    isShortForm && components.length === 0 ? readQueryDialect({ segments: unsigned, query }, options) : undefined;
  const id = fetched?.key ?? (isShortForm ? decodeId(rawId) : decodeLooseId(rawId));
  return {
    delivery: fetched?.isOurs === true ? 'upload' : delivery,
    // A signature says nothing of the form that it is for: were they two pictures, it would open both.
    defaultCrop: isShortForm || value !== undefined ? options.defaultCrop : 'scale',
    signature:
      value === undefined
        ? undefined
        : {
            value,
            expires: endOf(expiry),
            signed: signedTexts(
              {
                expiry,
                components,
                id,
                ids: signedIds(rawId.join('/'), fetched),
                isMarked,
                query: asked === undefined ? '' : `?${query}`,
              },
              options,
            ),
          },
    components: asked?.components ?? read,
    isNamed: false,
    id,
    dialect: asked && saidIn(asked),
  };
}

interface FetchedPicture extends Remote {
  /** It lies here, as the configuration's sources say. */
  readonly isOurs: boolean;
}

/** The picture of a URL after `/image/fetch/`. */
function fetchedPicture(raw: string, options: GrammarOptions): FetchedPicture {
  const source = decodeOnce(raw);
  const key = mappedKey(source.replace(/^(https?):\/(?=[^/])/i, '$1://'), options);
  if (key === undefined) return { ...readRemote(raw, options.fetchHosts), isOurs: false };
  checkId(key);
  return { source, key, isOurs: true };
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
  return splitText(rawTarget.slice(1));
}

interface TargetPrefix {
  readonly delivery: Delivery;
  readonly hasSuffix: boolean;
  readonly isShortForm: boolean;
  readonly rest: readonly string[];
}

function takePrefix(segments: readonly string[], options: GrammarOptions): TargetPrefix {
  const [account = '', ...afterAccount] = segments;
  if (options.accountNames.includes(account) && (isAssetType(afterAccount) || isRootPath(afterAccount)))
    return takePrefix(afterAccount, { ...options, accountNames: [] });
  const first = segments[0] ?? '';
  const alias = aliasIn(segments);
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

/** The short name of a delivery. Where an id and a suffix have to follow it and there is but one, it is a folder that is called so. */
function aliasIn(segments: readonly string[]) {
  const alias = shortened.get(segments[0] ?? '');
  return alias?.hasSuffix === true && segments.length < 3 ? undefined : alias;
}

/** Cloudinary's root path, `/demo/w_300/a.jpg`: behind an account a signature or a transformation comes first, and then an id. */
function isRootPath([first = '', ...rest]: readonly string[]): boolean {
  return rest.length > 0 && (/^s--[\w-]+--$/.test(first) || classify(first) === 'component');
}

/** `image/`, a word for it, and `video/upload/` or `raw/upload/`, which are refused as they are without an account. */
function isAssetType(segments: readonly string[]): boolean {
  const [type = '', delivery = ''] = segments;
  if (type === 'image' || aliasIn(segments) !== undefined) return true;
  return folders.includes(type) && deliveries.some((known) => known === delivery);
}

function takeDelivery(segment: string | undefined): Omit<TargetPrefix, 'rest'> {
  const delivery = deliveries.find((known) => known === segment);
  if (delivery !== undefined) return { delivery, hasSuffix: false, isShortForm: false };
  const meant = segment === undefined ? undefined : nearest(segment, deliveries);
  const remedy = meant === undefined ? '.' : `; did you mean /image/${meant}/?`;
  const came = segment === undefined ? 'nothing' : `"${shorten(segment)}"`;
  throw new Failure(
    'invalid',
    `After /image/ comes upload, private, authenticated or fetch; got ${came}${remedy} A key that begins with image/ is written /v1/image/....`,
  );
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

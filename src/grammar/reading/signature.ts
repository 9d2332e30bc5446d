import { Failure, isFailure } from '../../failure.ts';
import { readDialect } from '../dialects/read-dialect.ts';
import type { NamedPicture } from '../dialects/source.ts';
import type { GrammarOptions } from '../grammar-options.ts';
import { checkId, decodeId, decodeLooseId, decodeOnce, shorten } from '../ids/ids.ts';
import type { Remote } from '../ids/remote.ts';
import { folderHint } from './parse-components.ts';
import { takeComponents } from './take-components.ts';

/** The signature of a URL, and what it is the signature of. */
export interface Signature {
  readonly value: string;
  /** Seconds since 1970 after which the URL is refused; undefined: it never is. */
  readonly expires: number | undefined;
  /**
   * The texts it may be of: as received first, then with the id escaped as the official clients do, then both with `v1/`
   * before the id. None of them means another request to anybody who reads it, so no signature serves for two.
   */
  readonly signed: readonly string[];
}

const signatureLengths = [8, 32];

export interface TakenSignature {
  readonly value: string | undefined;
  /** As written: `x-<seconds since 1970>`. */
  readonly expiry: string | undefined;
  readonly rest: readonly string[];
}

/** The signature is found by its length: it may hold dashes of its own, also at its ends. An expiry may follow it. */
export function takeSignature(segments: readonly string[]): TakenSignature {
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

export function endOf(expiry: string | undefined): number | undefined {
  return expiry === undefined ? undefined : Number(expiry.slice(2));
}

export function withEnd(expiry: string | undefined, text: string): string {
  return expiry === undefined ? text : `${expiry}/${text}`;
}

/** What a signed text says, apart from where in a URL it stands. */
interface SignedMeaning {
  readonly expiry: string | undefined;
  readonly components: readonly string[];
  readonly id: string;
}

function sameAs(own: SignedMeaning): (other: SignedMeaning) => boolean {
  return ({ expiry, components, id }) =>
    expiry === own.expiry && id === own.id && components.join('/') === own.components.join('/');
}

/** A request in our own dialect, and how its id may be written in what is signed. */
interface Signable extends SignedMeaning {
  readonly ids: readonly string[];
  /** A version or `_` says where the id begins. */
  readonly isMarked: boolean;
  /** With its question mark, where the query counts. */
  readonly query: string;
}

/** The texts that a signature of this request may be of, of which none can be read as another request. */
export function signedTexts(request: Signable, options: GrammarOptions): readonly string[] {
  const { expiry, components, ids, isMarked, query } = request;
  const marked = isMarked ? ids.map((id) => `v1/${id}`) : [];
  return [...ids, ...marked]
    .map((id) => withEnd(expiry, [...components, `${id}${query}`].join('/')))
    .filter((text) => meaningsOf(text, options).every(sameAs(request)));
}

/**
 * What a signed text means in the short and in the long form. An id may read as something else there: `t_shirts/a.jpg` as
 * a transformation of `a.jpg`, `x-99/a.jpg` as the end of its signature, `_ipx/w_9/a.jpg` as another dialect.
 */
function meaningsOf(text: string, options: GrammarOptions): readonly SignedMeaning[] {
  const { segments, query } = splitText(text);
  const { expiry, rest } = takeSignature([`s--${'A'.repeat(8)}--`, ...segments]);
  const forms = [() => readTranslation(rest, query, options) ?? readNative(rest, true), () => readNative(rest, false)];
  return forms.flatMap((read) => {
    try {
      return [{ expiry, ...read() }];
    } catch (error) {
      // What is no request in that form gives nobody anything.
      if (isFailure(error)) return [];
      throw error;
    }
  });
}

function readTranslation(
  segments: readonly string[],
  query: string,
  options: GrammarOptions,
): Omit<SignedMeaning, 'expiry'> | undefined {
  const translation = readDialect({ segments, query }, options);
  if (translation === undefined) return undefined;
  return { components: translation.components, id: idOf(translation) };
}

function readNative(segments: readonly string[], isShortForm: boolean): Omit<SignedMeaning, 'expiry'> {
  const { components, idSegments } = takeComponents(segments, isShortForm);
  return { components, id: isShortForm ? decodeId(idSegments) : decodeLooseId(idSegments) };
}

/** Clients escape the id differently, so what arrived counts first, then the way of the official ones. */
export function signedIds(rawId: string, remote: Remote | undefined): readonly string[] {
  const decoded = decodeOnce(rawId);
  const reencoded = remote === undefined ? encodeURIComponent(decoded) : encodeURIComponent(remote.source);
  const official = reencoded.replaceAll('%3A', ':').replaceAll('%2F', '/');
  return official === rawId ? [rawId] : [rawId, official];
}

/** Path segments and query of a text that begins without a slash. */
export function splitText(text: string): { readonly segments: readonly string[]; readonly query: string } {
  const mark = text.indexOf('?');
  const path = mark < 0 ? text : text.slice(0, mark);
  return { segments: path.split('/'), query: mark < 0 ? '' : text.slice(mark + 1) };
}

/** The key that a URL of another dialect names. */
export function idOf(picture: NamedPicture): string {
  if ('remote' in picture) return picture.remote.key;
  if ('rawId' in picture) return decodeId(picture.rawId);
  checkId(picture.key);
  return picture.key;
}

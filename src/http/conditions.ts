import type { AskedPart, WantedRange } from '../variants/index.ts';
import type { ImageQuestion } from './asked.ts';
import { matchesEtag, matchesStrongly, notModifiedSince } from './headers.ts';

type Conditions = Pick<ImageQuestion, 'header'>;

/** By what a client may have the very bytes that it would be sent. */
export interface Names {
  /** Strong entity tags, quoted. */
  readonly etags: readonly string[];
  /** Absent where bodies of one date may differ: a variant's is its original's, whatever has drawn it. */
  readonly lastModified?: Date;
}

/**
 * The tag of what the client has, where that is one of these: a 304 names what it lets the client go on showing, since
 * caches look for it by that (RFC 9111 §4.3.4). If-None-Match decides alone when it is there (RFC 9110 §13.1.3).
 */
export function heldTag({ header }: Conditions, { etags, lastModified }: Names): string | undefined {
  const ifNoneMatch = header('if-none-match');
  if (ifNoneMatch !== undefined) return etags.find((etag) => matchesEtag(ifNoneMatch, etag));
  const ifModifiedSince = header('if-modified-since');
  if (ifModifiedSince === undefined || lastModified === undefined) return undefined;
  return notModifiedSince(ifModifiedSince, lastModified) ? etags[0] : undefined;
}

/** True when the client wants nothing but what it has, and nothing says that this is it (If-Match, If-Unmodified-Since; RFC 9110 §13.1). */
export function isUnwanted({ header }: Conditions, { etags, lastModified }: Names): boolean {
  const ifMatch = header('if-match');
  if (ifMatch !== undefined) return !etags.some((etag) => matchesStrongly(ifMatch, etag));
  const since = header('if-unmodified-since');
  if (since === undefined || Number.isNaN(Date.parse(since))) return false;
  return lastModified === undefined || !notModifiedSince(since, lastModified);
}

/** The one part that GET asks for; undefined: the whole, which is sent of several, of other units and of nonsense, too. */
export function askedPart({
  header,
  headersOnly,
}: Conditions & Pick<ImageQuestion, 'headersOnly'>): AskedPart | undefined {
  const field = headersOnly ? undefined : header('range');
  const range = field === undefined ? undefined : readRange(field);
  if (range === undefined) return undefined;
  const ifRange = header('if-range')?.trim();
  if (ifRange === undefined) return { range };
  if (/^"[^"]*"$/.test(ifRange)) return { range, ofEtag: ifRange };
  // A weak tag, and what is no date in the form that we send, names no bytes (RFC 9110 §13.1.5).
  const ofDate = new Date(ifRange);
  const isExact = !Number.isNaN(ofDate.getTime()) && ofDate.toUTCString() === ifRange;
  return isExact ? { range, ofDate } : undefined;
}

/** Range (RFC 9110 §14.1.1, §14.2). */
function readRange(field: string): WantedRange | undefined {
  const [, set = ''] = /^bytes=(.*)$/i.exec(field.trim()) ?? [];
  const ranges = set.split(',').flatMap((range) => range.trim() || []);
  const [, first = '', last = ''] = ranges.length === 1 ? (/^(\d*)-(\d*)$/.exec(ranges[0] ?? '') ?? []) : [];
  if (first === '') return last === '' ? undefined : { lastBytes: Number(last) };
  if (last === '') return { first: Number(first), last: undefined };
  return Number(last) < Number(first) ? undefined : { first: Number(first), last: Number(last) };
}

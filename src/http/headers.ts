import { cacheTag, type Delivered } from '../variants/index.ts';

/** On every answer, errors too: what arrives is a picture or a message, and never a document that runs. */
export const commonHeaders: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Access-Control-Allow-Origin': '*',
  'Timing-Allow-Origin': '*',
};

/** Cache-Status (RFC 9211): what our own tiers did for this answer. */
export function cacheStatus(delivered: Pick<Delivered, 'from' | 'collapsed'>, stores: boolean): string {
  if (delivered.from !== 'render') return `fovea; hit; detail=${delivered.from}`;
  const collapsed = delivered.collapsed ? '; collapsed' : '';
  return `fovea; fwd=miss${stores ? '; stored' : ''}${collapsed}; detail=render`;
}

/** Server-Timing, milliseconds. */
export function serverTiming({ timings }: Pick<Delivered, 'timings'>): string | undefined {
  const parts = [
    ['store', timings.storeMs],
    ['queue', timings.queueMs],
    ['fetch', timings.fetchMs],
    ['render', timings.renderMs],
  ] as const;
  const shown = parts.flatMap(([name, value]) => (value === undefined ? [] : [`${name};dur=${value.toFixed(1)}`]));
  return shown.length === 0 ? undefined : shown.join(', ');
}

/** True when an If-Match field names it. Weak tags match nothing: bytes that are only as good would be taken for others. */
export function matchesStrongly(field: string, etag: string): boolean {
  return matchesEtag(field.replace(/W\/"[^"]*"/g, ''), etag);
}

/** True when an If-None-Match field names this entity tag: lists, `*`, weak comparison (RFC 9110 §13.1.2). */
export function matchesEtag(field: string, etag: string): boolean {
  if (field.trim() === '*') return true;
  const opaque = etag.replace(/^W\//, '');
  for (const match of field.matchAll(/(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g)) {
    if (match[1] === opaque) return true;
  }
  return false;
}

/** True when nothing changed since the date of an If-Modified-Since field; false for a date that is none. */
export function notModifiedSince(field: string, lastModified: Date): boolean {
  const since = Date.parse(field);
  return !Number.isNaN(since) && Math.floor(lastModified.getTime() / 1000) * 1000 <= since;
}

/** The Date of an answer is Node's, which renews it once a second. */
const dateAgeMs = 1000;

/** Last-Modified: never later than the answer itself, whatever the store's clock says (RFC 9110 §8.8.2.1). */
export function lastModifiedField(lastModified: Date, nowMs: number): string {
  return (lastModified.getTime() <= nowMs ? lastModified : new Date(nowMs - dateAgeMs)).toUTCString();
}

/** Content-Disposition (RFC 6266, RFC 8187): the name in ASCII, and in UTF-8 where that says more. */
export function contentDisposition(kind: 'inline' | 'attachment', filename: string): string {
  const ascii = filename.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(filename).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return ascii === filename
    ? `${kind}; filename="${ascii}"`
    : `${kind}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/** Names of client hints in a Vary field. */
export const hintNames = /\b(?:DPR|Width)\b/;

/**
 * Not even while we are away: a cache that may not ask us shows none of it (RFC 9111 §5.2.2.2). CloudFront speaks only of the
 * second (RFC 5861 §4).
 */
const neverStale = ['must-revalidate', 'stale-if-error=0'];

/** A Cache-Control field for an answer that nobody may keep or show longer: its ages are shortened, nothing is lengthened. */
export function cacheControlUntil(secondsLeft: number, cacheControl: string): string {
  const kept = cacheControl
    .split(/\s*,\s*/)
    .filter((directive) => !/^(?:immutable|must-revalidate|stale-.*|)$/i.test(directive))
    .map((directive) =>
      directive.replace(
        /^((?:s-)?max-?age)=(\d+)$/i,
        (_all, name: string, age: string) => `${name}=${Math.min(Number(age), secondsLeft)}`,
      ),
    );
  const isStored = !kept.some((directive) => /^no-store$/i.test(directive));
  return [...kept, ...(isStored ? neverStale : [])].join(', ');
}

/** So long a picture may be kept that stands in for another, which is there any moment. */
const standInSeconds = 10;

/** How long a picture may be kept that is usually kept so long. One that a purge overtook is for whoever waited for it, and nobody else. */
export function keepingOf(
  { isCurrent, standsIn }: { readonly isCurrent: boolean; readonly standsIn?: boolean },
  cacheControl: string,
): string {
  if (!isCurrent) return 'no-store';
  return standsIn === true ? cacheControlUntil(standInSeconds, cacheControl) : cacheControl;
}

/** What a CDN may be told to forget by: the originals that an answer shows, in the header that CloudFront can be pointed at. */
export function cacheTags(sources: readonly string[]): string {
  return sources.map(cacheTag).join(',');
}

/** A Vary field with the names of both, each once. */
export function joinVary(one: string, other: string | undefined): string {
  return other === undefined ? one : [...new Set(`${one}, ${other}`.split(', '))].join(', ');
}

/** Hints that a browser sends us only after it was asked for them. */
export const acceptedHints = 'Sec-CH-DPR, Sec-CH-Width, Sec-CH-Viewport-Width, DPR, Width, Viewport-Width';

import type { ByteRange } from '../../byte-range.ts';
import { Failure } from '../../failure.ts';
import type { ObjectInfo } from '../store.ts';

/** What responses to GET, HEAD and a listing have in common. */
export interface ObjectFacts {
  readonly ContentLength?: number | undefined;
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
  readonly ContentType?: string | undefined;
  readonly Metadata?: Readonly<Record<string, string>> | undefined;
}

export interface PartInfo {
  readonly part: ByteRange;
  /** Bytes of the whole. */
  readonly size: number;
}

/** What the store says of an object. Failure `upstream` when it leaves out what every store must say. */
export function objectInfo(key: string, facts: ObjectFacts): ObjectInfo {
  const { ContentLength: size, LastModified: lastModified } = facts;
  if (size === undefined) throw incompleteResponse('a size');
  const etag = unquotedEtag(facts);
  if (lastModified === undefined) throw incompleteResponse('a time');
  const { ContentType: contentType, Metadata: metadata = {} } = facts;
  return { key, size, etag, lastModified, contentType, metadata };
}

/** What of an object a response has, and how long the whole is; undefined for a response that has all of it. */
export function partInfo({
  ContentRange: field,
}: {
  readonly ContentRange?: string | undefined;
}): PartInfo | undefined {
  if (field === undefined) return undefined;
  const [, first, last, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(field) ?? [];
  if (size === undefined) throw incompleteResponse('which part it is');
  return { part: { start: Number(first), end: Number(last) + 1 }, size: Number(size) };
}

/** Without its quotes. Failure `upstream` when there is none. */
export function unquotedEtag({ ETag: etag }: Pick<ObjectFacts, 'ETag'>): string {
  if (etag === undefined) throw incompleteResponse('an etag');
  return etag.replace(/^"(.*)"$/, '$1');
}

/** For a response without something that every store must say. */
export function incompleteResponse(what: string): Failure {
  return new Failure('upstream', `The object store's answer is incomplete: expected ${what}.`);
}

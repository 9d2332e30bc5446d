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

/** What the store says of an object. Failure `upstream` when it leaves out what every store must say. */
export function objectInfo(key: string, facts: ObjectFacts): ObjectInfo {
  const { ContentLength: size, LastModified: lastModified } = facts;
  if (size === undefined) throw incompleteResponse('a size');
  const etag = unquotedEtag(facts);
  if (lastModified === undefined) throw incompleteResponse('a time');
  const { ContentType: contentType, Metadata: metadata = {} } = facts;
  return { key, size, etag, lastModified, contentType, metadata };
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

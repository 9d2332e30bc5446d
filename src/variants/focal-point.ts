import { Failure } from '../failure.ts';
import { focusMetadata, type Point, withoutFocus } from '../grammar/index.ts';
import { type ObjectStore, readBody } from '../storage/index.ts';
import { notFound } from './identify/not-found.ts';

export interface FocalPointParts {
  readonly store: Pick<ObjectStore, 'get' | 'put'>;
  /** Larger originals are left alone. */
  readonly maxBytes: number;
}

/**
 * Writes an original anew with another focal point, or with none: stores keep metadata with the bytes. Gives up when
 * somebody else writes it meanwhile. Failures: `not_found`; `overloaded` when it keeps changing; the store's.
 */
export async function storeFocus(
  { store, maxBytes }: FocalPointParts,
  { key, focus }: { readonly key: string; readonly focus: Point | undefined },
  signal: AbortSignal,
): Promise<void> {
  const said = focus === undefined ? {} : focusMetadata(focus);
  const object = await store.get(key, { signal });
  if (object === undefined) throw notFound(key);
  const { contentType, etag, metadata } = object.info;
  const bytes = await readBody(object, { maxBytes, signal });
  const put = await store.put(key, bytes, {
    ...(contentType !== undefined && { contentType }),
    metadata: { ...withoutFocus(metadata), ...said },
    ifMatch: etag,
    signal,
  });
  if (put !== undefined) return;
  throw new Failure('overloaded', 'The original was written by somebody else meanwhile; try again.', {
    retryAfterSeconds: 1,
  });
}

import type { Readable } from 'node:stream';
import { Failure } from '../../failure.ts';
import type { ObjectInfo, ObjectStore, PutOptions } from '../../storage/index.ts';

/** Which original the new one may take the place of: whatever is there, the one of this etag, or none. */
export type Replaceable = 'any' | 'absent' | { readonly etag: string };

/** True unless the condition says otherwise of what is seen at the key. */
export function mayReplace(seen: ObjectInfo | undefined, over: Replaceable): boolean {
  if (over === 'any') return true;
  return over === 'absent' ? seen === undefined : seen?.etag === over.etag;
}

interface PutOverOptions {
  /** As it was seen; undefined where nothing was. */
  readonly seen: ObjectInfo | undefined;
  readonly put: PutOptions;
}

/** Puts an original in the place of the one that was seen, in one step: with another one there by now, nothing changes. Failure `overloaded` for that. */
export async function putOver(
  store: Pick<ObjectStore, 'put'>,
  key: string,
  { body, seen, put }: PutOverOptions & { readonly body: Readable },
): Promise<ObjectInfo> {
  const condition = seen === undefined ? { onlyIfAbsent: true } : { ifMatch: seen.etag };
  const info = await store.put(key, body, { ...put, ...condition });
  if (info !== undefined) return info;
  throw new Failure('overloaded', 'The original was written by somebody else meanwhile; try again.', {
    retryAfterSeconds: 1,
  });
}

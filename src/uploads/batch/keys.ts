import { v7 } from 'uuid';
import { Failure } from '../../failure.ts';
import { extensionOf, formatOfMediaType, type MediaType } from '../../formats.ts';
import { checkId } from '../../grammar/index.ts';
import type { ObjectStore } from '../../storage/index.ts';

/** Says on an original which batch put it there: only that one may take it away again. */
export const batchMark = 'fovea-batch';

/** `2026/11/<uuid>.jpg`: unique, in the order of time, and its extension says its type (once that is known). */
export function makeKey(type: MediaType | undefined, now: number, uuid = v7({ msecs: now })): string {
  const month = new Date(now).toISOString().slice(0, 7).replace('-', '/');
  return `${month}/${uuid}${type === undefined ? '' : `.${extensionOf(formatOfMediaType(type))}`}`;
}

/** Throws `invalid` for keys that no URL could name, and for one key twice. */
export function checkKeys(keys: readonly string[]): void {
  const seen = new Set<string>();
  for (const key of keys) {
    checkId(key);
    if (seen.has(key)) throw new Failure('invalid', `The key comes twice: ${key}. Expected a key for each file.`);
    seen.add(key);
  }
}

/** The batch that a key was made for, when it was named after it. */
export function batchOfKey(key: string): string | undefined {
  return /^\d{4}\/\d\d\/([0-9a-f-]{36})(\.[a-z]{3,4})?$/.exec(key)?.[1];
}

/** True when what lies at the key was put there by this batch. */
export async function isOfBatch(store: Pick<ObjectStore, 'head'>, key: string, batch: string): Promise<boolean> {
  return (await store.head(key))?.metadata[batchMark] === batch;
}

/** The refusal of a key that has its original. */
export function keyTaken(key: string): Failure {
  return new Failure(
    'invalid',
    `The key is taken: ${key}. Originals are never overwritten; expected a key not in use.`,
  );
}

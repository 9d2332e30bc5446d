import { v7 } from 'uuid';
import { Failure } from '../../failure.ts';
import { extensionOf, formatOfMediaType, type MediaType } from '../../formats.ts';
import { checkId } from '../../grammar/index.ts';

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

import type { ObjectStore } from '../../storage/index.ts';
import type { Caller } from './caller.ts';
import { batchOfKey } from './keys.ts';
import { readOutcome } from './records.ts';

/** The key of an original that `batch` has published as `name`, with or without its extension, for whoever may hear of it. */
export async function publishedKey(
  store: Pick<ObjectStore, 'get'>,
  name: string,
  { batch = batchOfKey(name), ...caller }: Caller & { readonly batch?: string },
): Promise<string | undefined> {
  const keys = batch === undefined ? [] : await publishedKeys(store, batch, caller);
  return keys.find((key) => isNamed(key, name));
}

/** The keys that a batch has published, for whoever may hear of them. */
export async function publishedKeys(
  store: Pick<ObjectStore, 'get'>,
  batch: string,
  { owner, signal }: Caller,
): Promise<readonly string[]> {
  const outcome = await readOutcome(store, batch, { signal });
  if (outcome?.state !== 'published' || (owner !== undefined && owner !== outcome.owner)) return [];
  return outcome.published.map(({ key }) => key);
}

/** A name without extension is that of a file whose type was not known when it was named. */
export function isNamed(key: string, name: string): boolean {
  return key === name || (name !== '' && key.startsWith(`${name}.`));
}

import { Failure } from '../../failure.ts';
import type { ObjectStore } from '../../storage/index.ts';
import type { Caller } from '../batch/caller.ts';
import { batchOfKey } from '../batch/keys.ts';
import { readOutcome } from '../batch/records.ts';
import { type TakeBackParts, tidy, withdraw } from '../sweep/take-back.ts';

/** The key of an original that `batch` has published as `name`, with or without its extension, for whoever may hear of it. */
export async function publishedKey(
  store: Pick<ObjectStore, 'get'>,
  name: string,
  { batch = batchOfKey(name), ...caller }: Caller & { readonly batch?: string },
): Promise<string | undefined> {
  const keys = batch === undefined ? [] : await publishedKeys(store, batch, caller);
  return keys.find((key) => isNamed(key, name));
}

/** Takes back a published original that was named after its batch, and with it the batch. Failure `not_found`. */
export async function revertPublished(parts: TakeBackParts, key: string, caller: Caller): Promise<void> {
  const batch = batchOfKey(key);
  const published = batch === undefined ? [] : await publishedKeys(parts.store, batch, caller);
  if (batch === undefined || !published.some((known) => isNamed(known, key))) {
    throw new Failure('not_found', 'There is no upload of this name that could be taken back.');
  }
  await withdraw(parts, batch, published);
  await tidy(parts, batch, 'all');
}

/** The keys that a batch has published, for whoever may hear of them. */
async function publishedKeys(
  store: Pick<ObjectStore, 'get'>,
  batch: string,
  { owner, signal }: Caller,
): Promise<readonly string[]> {
  const outcome = await readOutcome(store, batch, { signal });
  if (outcome?.state !== 'published' || (owner !== undefined && owner !== outcome.owner)) return [];
  return outcome.published.map(({ key }) => key);
}

/** A name without extension is that of a file whose type was not known when it was named. */
function isNamed(key: string, name: string): boolean {
  return key === name || (name !== '' && key.startsWith(`${name}.`));
}

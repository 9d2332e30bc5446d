import { setImmediate as nextTurn } from 'node:timers/promises';
import PQueue from 'p-queue';
import { batchesOf } from '../../batches.ts';
import { cacheTag, isReservedKey, sourceOfVariantKey, variantPrefix } from '../identify/identity.ts';
import { scopeOf } from './holdings.ts';
import {
  announce,
  closeOriginal,
  deleteStored,
  finishBatch,
  forgetHeld,
  originalsBatch,
  type PurgeRun,
  type PurgesParts,
  purgeEdge,
} from './steps.ts';

/** Calls of the stores under way at once. */
const concurrentCalls = 8;
/** Names hashed between two turns of the event loop. */
const hashesPerTurn = 1000;

/** Purges originals by name, each named once; not all of them need be there. */
export async function purgeKeys(parts: PurgesParts, keys: readonly string[], run: PurgeRun): Promise<void> {
  for (const batch of batchesOf(keys, originalsBatch)) await purgeBatch(parts, batch, run);
}

async function purgeBatch(parts: PurgesParts, keys: readonly string[], run: PurgeRun): Promise<void> {
  const calls = new PQueue({ concurrency: concurrentCalls });
  const kept = new Set(await forgetHeld(parts, scopeOf({ keys }), run));
  const stored = await calls.addAll(keys.map((key) => () => deleteStoredOf(parts, key, run)));
  for (const [index, key] of keys.entries()) if (stored[index]) kept.add(key);
  await announce(parts, { keys }, run);
  const isCounted = await calls.addAll(
    keys.map((key) => async () => kept.has(key) || isOriginalThere(parts, key, run)),
  );
  for (const [index, source] of keys.entries()) closeOriginal({ source, isCounted: isCounted[index] ?? true }, run);
  await finishBatch(parts, run);
}

/** True when variants of the original were stored. */
async function deleteStoredOf(parts: PurgesParts, key: string, run: PurgeRun): Promise<boolean> {
  const all = { prefix: variantPrefix(key), includes: (source: string) => source === key };
  let hasSome = false;
  for await (const _ of deleteStored(parts, all, run)) hasSome = true;
  return hasSome;
}

/** Only for the count: what a store that fails cannot tell is taken to be there. Other hosts are not asked. */
async function isOriginalThere({ originalsStore }: PurgesParts, key: string, { signal }: PurgeRun): Promise<boolean> {
  if (isReservedKey(key)) return false;
  return originalsStore.head(key, { signal, hereOnly: true }).then(
    (info) => info !== undefined,
    () => true,
  );
}

/** Purges all originals whose keys begin so, and whatever is kept of others that did. */
export async function purgePrefix(parts: PurgesParts, prefix: string, run: PurgeRun): Promise<void> {
  const scope = scopeOf({ prefix });
  const held = await forgetHeld(parts, scope, run);
  for await (const source of deleteStored(parts, { prefix, includes: scope.includes }, run)) {
    if (!closeOriginal({ source, isCounted: true }, run)) continue;
    await announce(parts, { prefix }, run);
    await finishBatch(parts, run);
  }
  // Again after the last is deleted: until then others could take from the store what they were told to forget.
  await announce(parts, { prefix }, run);
  for await (const source of othersBelow(parts, { prefix, held }, run)) {
    if (closeOriginal({ source, isCounted: true }, run)) await finishBatch(parts, run);
  }
  await finishBatch(parts, run);
}

/** What was in memory, and all originals that are there: the edge may have any of them. */
async function* othersBelow(
  { originalsStore }: PurgesParts,
  { prefix, held }: { readonly prefix: string; readonly held: readonly string[] },
  { signal }: PurgeRun,
): AsyncGenerator<string, void, undefined> {
  yield* held;
  for await (const { key } of originalsStore.list(prefix, { signal })) if (!isReservedKey(key)) yield key;
}

/** A tag is a hash: the originals behind it are found by hashing names until all are found, at worst all there are. */
export async function purgeTags(parts: PurgesParts, tags: readonly string[], run: PurgeRun): Promise<void> {
  const wanted = new Set(tags);
  const found = new Set<string>();
  let hashed = 0;
  for await (const source of keptSources(parts, run.signal)) {
    if (wanted.delete(cacheTag(source))) found.add(source);
    if (wanted.size === 0) break;
    hashed += 1;
    if (hashed % hashesPerTurn === 0) await nextTurn();
  }
  await purgeKeys(parts, [...found], run);
  // We keep nothing of these, but the edge may.
  await purgeEdge(parts, [...wanted], run);
}

/** Everything of which something is kept under a name, most of it without asking the store. */
async function* keptSources(
  { memory, versions, variantsStore }: PurgesParts,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  yield* [...memory.sources(), ...versions.keys()];
  let last: string | undefined;
  for await (const { key } of variantsStore?.list('', { signal }) ?? []) {
    const source = sourceOfVariantKey(key);
    if (source !== undefined && source !== last) yield source;
    last = source;
  }
}

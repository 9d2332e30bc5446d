import PQueue from 'p-queue';
import { batchesAsTheyCome } from '../../batches.ts';
import { Failure } from '../../failure.ts';
import type { ObjectInfo, ObjectStore } from '../../storage/index.ts';
import { isLeaseObject, isReservedKey, sourceOfVariantKey } from '../identify/identity.ts';
import type { Purges } from '../purge/purge.ts';
import { type KeySet, readKeySet } from './key-set.ts';

export interface CollectOptions {
  /** Milliseconds since its last change that an object must have lived: nothing younger is deleted. */
  readonly minAgeMs: number;
  /** Refuses to delete more than this share of what it looked at, 0 to 1: a wrong list or an empty store is likelier. */
  readonly maxShare: number;
  /** Deletes whatever share it is, and looks only once. */
  readonly force?: boolean;
  /** Finds, and deletes nothing. */
  readonly dryRun: boolean;
  /** Goes on after this key: the `last` of an earlier run. */
  readonly startAfter?: string;
  readonly signal: AbortSignal;
}

/** How far a collection has come. */
export interface CollectProgress {
  /** Everything is looked at once before the first delete, unless forced. */
  readonly phase: 'survey' | 'delete';
  readonly scanned: number;
  /** What nobody needs and is old enough. */
  readonly found: number;
  /** Bytes of what was found. */
  readonly foundBytes: number;
  readonly deleted: number;
  /** Everything up to this key is done with. */
  readonly last: string;
}

/** Clean-up: each reports a page at a time, and its last report is the result. */
export interface Collects {
  /** Stored variants whose original is gone, and what is left of those that were never finished. Failures: `invalid` without a store of variants, or past the share. */
  collectVariants(options: CollectOptions): AsyncGenerator<CollectProgress, void, undefined>;
  /**
   * Originals that `referenced` does not name, and what was made of them. The list is read to its end first. Failures:
   * `invalid` for an empty list, or past the share.
   */
  collectOriginals(
    referenced: AsyncIterable<string> | Iterable<string>,
    options: CollectOptions,
  ): AsyncGenerator<CollectProgress, void, undefined>;
}

export interface CollectsParts {
  readonly originalsStore: Pick<ObjectStore, 'head' | 'list' | 'deleteUnchanged'>;
  readonly variantsStore: Pick<ObjectStore, 'list' | 'delete'> | undefined;
  readonly purge: Purges['purge'];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Objects looked at together: one page of a listing, one call to delete. */
const pageSize = 1000;
const concurrentHeads = 16;

/** One kind of what is collected, and what is done with a page of it. */
interface Garbage {
  readonly list: (startAfter: string | undefined) => AsyncIterable<ObjectInfo>;
  /** Of a page, what nobody needs. */
  readonly find: (page: readonly ObjectInfo[]) => Promise<readonly ObjectInfo[]>;
  /** Deletes what is still not needed, looked at anew; returns how many that were. */
  readonly remove: (found: readonly ObjectInfo[]) => Promise<number>;
}

export function createCollects(parts: CollectsParts): Collects {
  return {
    async *collectVariants(options) {
      const { variantsStore } = parts;
      if (variantsStore === undefined) throw new Failure('invalid', 'There is no store of variants to clean up.');
      yield* collect(orphanedVariants({ ...parts, variantsStore }, options), options);
    },
    async *collectOriginals(referenced, options) {
      const keys = await readKeySet(referenced);
      if (keys.size === 0) {
        throw new Failure('invalid', 'The list of referenced keys is empty: it would delete every original.');
      }
      yield* collect(unreferencedOriginals(parts, keys, options), options);
    },
  };
}

type WithVariants = CollectsParts & { readonly variantsStore: Pick<ObjectStore, 'list' | 'delete'> };

function orphanedVariants(parts: WithVariants, options: CollectOptions): Garbage {
  const { variantsStore } = parts;
  const { signal } = options;
  return {
    list: (startAfter) =>
      only(listFrom(variantsStore, startAfter, signal), ({ key }) => sourceOfVariantKey(key) !== undefined),
    find(page) {
      const old = page.filter((variant) => isOld(parts, variant, options));
      return orphansOf(parts, old, signal);
    },
    async remove(found) {
      const keys = (await orphansOf(parts, found, signal)).map(({ key }) => key);
      if (keys.length > 0) await variantsStore.delete(keys, { signal });
      return keys.length;
    },
  };
}

function unreferencedOriginals(parts: CollectsParts, referenced: KeySet, options: CollectOptions): Garbage {
  const { originalsStore, purge } = parts;
  const { signal } = options;
  return {
    list: (startAfter) => only(listFrom(originalsStore, startAfter, signal), ({ key }) => !isReservedKey(key)),
    find: async (page) => page.filter((original) => isOld(parts, original, options) && !referenced.has(original.key)),
    async remove(found) {
      const unchanged = await unchangedOf(parts, found, options);
      const keys = await originalsStore.deleteUnchanged(unchanged, { signal });
      if (keys.length === 0) return 0;
      await purge({ keys }, { signal });
      return keys.length;
    },
  };
}

function isOld({ now }: CollectsParts, { lastModified }: ObjectInfo, { minAgeMs }: CollectOptions): boolean {
  return now() - lastModified.getTime() >= minAgeMs;
}

/** Variants of the page whose original is not there, and leases: older than a render takes, they were left behind. */
async function orphansOf(parts: CollectsParts, page: readonly ObjectInfo[], signal: AbortSignal) {
  const originals = await heads(parts, new Set(page.map(({ key }) => sourceOfVariantKey(key) ?? '')), signal);
  return page.filter((info) => isLeaseObject(info) || originals.get(sourceOfVariantKey(info.key) ?? '') === undefined);
}

/** Originals of the page that are there as they were listed. */
async function unchangedOf(parts: CollectsParts, page: readonly ObjectInfo[], options: CollectOptions) {
  const keys = page.map(({ key }) => key);
  const seen = await heads(parts, keys, options.signal);
  return page.filter(({ key, etag }) => {
    const original = seen.get(key);
    return original !== undefined && original.etag === etag && isOld(parts, original, options);
  });
}

async function heads({ originalsStore }: CollectsParts, keys: Iterable<string>, signal: AbortSignal) {
  const queue = new PQueue({ concurrency: concurrentHeads });
  const look = async (key: string) => [key, await originalsStore.head(key, { signal, hereOnly: true })] as const;
  return new Map(await queue.addAll([...keys].map((key) => () => look(key))));
}

async function* collect(garbage: Garbage, options: CollectOptions): AsyncGenerator<CollectProgress, void, undefined> {
  if (options.dryRun || !options.force) {
    let survey: CollectProgress | undefined;
    for await (survey of goThrough(garbage, 'survey', options)) yield survey;
    if (options.dryRun || survey === undefined) return;
    checkShare(survey, options.maxShare);
  }
  yield* goThrough(garbage, 'delete', options);
}

async function* goThrough(
  garbage: Garbage,
  phase: CollectProgress['phase'],
  { startAfter }: CollectOptions,
): AsyncGenerator<CollectProgress, void, undefined> {
  let [scanned, found, foundBytes, deleted] = [0, 0, 0, 0];
  for await (const page of batchesAsTheyCome(garbage.list(startAfter), pageSize)) {
    const needless = await garbage.find(page);
    scanned += page.length;
    found += needless.length;
    foundBytes += needless.reduce((sum, { size }) => sum + size, 0);
    if (phase === 'delete' && needless.length > 0) deleted += await garbage.remove(needless);
    yield { phase, scanned, found, foundBytes, deleted, last: page.at(-1)?.key ?? '' };
  }
}

function checkShare({ found, scanned }: CollectProgress, maxShare: number): void {
  if (found <= scanned * maxShare) return;
  const percent = (share: number) => `${Math.round(share * 1000) / 10} %`;
  throw new Failure(
    'invalid',
    `This would delete ${found} of ${scanned} objects (${percent(found / scanned)}): expected at most ${percent(maxShare)}. Look at what is found, then allow more or force it.`,
  );
}

function listFrom(
  store: Pick<ObjectStore, 'list'>,
  startAfter: string | undefined,
  signal: AbortSignal,
): AsyncIterable<ObjectInfo> {
  return store.list('', { signal, ...(startAfter === undefined ? {} : { startAfter }) });
}

async function* only(infos: AsyncIterable<ObjectInfo>, isWanted: (info: ObjectInfo) => boolean) {
  for await (const info of infos) if (isWanted(info)) yield info;
}

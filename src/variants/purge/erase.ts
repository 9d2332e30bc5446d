import PQueue from 'p-queue';
import { altIn, checkId, focusIn, type Point } from '../../grammar/index.ts';
import type { ObjectStore, SeenObject } from '../../storage/index.ts';
import { originalEtag, variantPrefix, versionOf } from '../identify/identity.ts';
import type { PurgeOptions, PurgeResult, Purges } from './purge.ts';
import { deleteStored, type PurgeRun, type PurgesParts } from './steps.ts';

/** An original as it is now, for who manages it. */
export interface OriginalState extends SeenObject {
  readonly bytes: number;
  readonly lastModified: Date;
  readonly contentType: string | undefined;
  readonly focus: Point | undefined;
  readonly alt: string | undefined;
  /** The entity tag that it is answered with as it is, quoted. */
  readonly answeredEtag: string;
}

/** One original that shall go. */
export interface Erasable {
  readonly key: string;
  /** The store's, of what was seen: with another one there, it stays. */
  readonly etag?: string;
}

export interface EraseOptions extends PurgeOptions {
  /** Counts, and changes nothing. */
  readonly isDry?: boolean;
}

/** What an erasure did, or in a dry run would do. */
export interface Erased extends PurgeResult {
  /** Keys of originals that were there and are gone. */
  readonly deleted: readonly string[];
  /** Keys of those that nobody has: what was left of them is gone. */
  readonly absent: readonly string[];
  /** Keys of those that had changed since they were seen: nothing of them was touched. */
  readonly changed: readonly string[];
}

export interface Erasures {
  /** Asks the store, whatever is remembered; undefined when it is not there. Failures: `invalid` for what no URL can name; the store's. */
  stat(key: string, signal: AbortSignal): Promise<OriginalState | undefined>;
  /**
   * Deletes originals and everything made of them, down to the edge. May be repeated: it goes on where it failed. Failures:
   * `invalid` for a key that no URL can name, before anything is deleted; those of the stores and of a purge.
   */
  erase(asked: readonly Erasable[], options: EraseOptions): Promise<Erased>;
  /** Deletes what lies stored of these once more, and says how much that was: another process may have been about to keep it. */
  sweep(keys: readonly string[], signal: AbortSignal): Promise<number>;
}

type ErasuresParts = Pick<PurgesParts, 'variantsStore'> & {
  readonly originalsStore: Pick<ObjectStore, 'head' | 'delete' | 'deleteUnchanged'>;
  readonly purge: Purges['purge'];
};

/** Calls of the stores under way at once. */
const concurrentCalls = 8;

export function createErasures(parts: ErasuresParts): Erasures {
  return {
    stat: (key, signal) => stat(parts, key, signal),
    erase: (asked, options) => erase(parts, asked, options),
    sweep: (keys, signal) => sweep(parts, keys, signal),
  };
}

async function stat({ originalsStore }: ErasuresParts, key: string, signal: AbortSignal) {
  checkId(key);
  const info = await originalsStore.head(key, { signal, hereOnly: true });
  if (info === undefined) return undefined;
  const { size: bytes, etag, lastModified, contentType, metadata } = info;
  const answeredEtag = originalEtag(key, versionOf(info).version);
  return { key, etag, bytes, lastModified, contentType, focus: focusIn(metadata), alt: altIn(metadata), answeredEtag };
}

/*
 * The original first, so that nothing new is made of it; then a purge, which goes from the inside outwards; and what is
 * stored once more, since a process that has only just heard of the purge may have been writing.
 */
async function erase(parts: ErasuresParts, asked: readonly Erasable[], options: EraseOptions): Promise<Erased> {
  const { signal, isDry = false } = options;
  for (const { key } of asked) checkId(key);
  const { absent, there, changed: overtaken } = await sorted(parts, asked, signal);
  const deleted = isDry ? there.map(({ key }) => key) : await deleteOriginals(parts, there, signal);
  const gone = new Set(deleted);
  const changed = [...overtaken, ...there.map(({ key }) => key).filter((key) => !gone.has(key))];
  const keys = [...deleted, ...absent];
  if (keys.length === 0) {
    return { deleted, absent, changed, originals: 0, variantsDeleted: 0, memoryEvicted: 0, edge: [] };
  }
  const purged = await parts.purge({ keys, dryRun: isDry }, options);
  const swept = isDry ? 0 : await sweep(parts, keys, signal);
  return { ...purged, variantsDeleted: purged.variantsDeleted + swept, deleted, absent, changed };
}

interface Sorted {
  readonly there: readonly Erasable[];
  readonly absent: readonly string[];
  readonly changed: readonly string[];
}

async function sorted({ originalsStore }: ErasuresParts, asked: readonly Erasable[], signal: AbortSignal) {
  const calls = new PQueue({ concurrency: concurrentCalls });
  const infos = await calls.addAll(
    asked.map(
      ({ key }) =>
        () =>
          originalsStore.head(key, { signal, hereOnly: true }),
    ),
  );
  const found = { there: [] as Erasable[], absent: [] as string[], changed: [] as string[] };
  for (const [index, one] of asked.entries()) {
    const etag = infos[index]?.etag;
    if (etag === undefined) (one.etag === undefined ? found.absent : found.changed).push(one.key);
    else if (one.etag !== undefined && one.etag !== etag) found.changed.push(one.key);
    else found.there.push(one);
  }
  return found satisfies Sorted;
}

/** Those with an etag only while they have it; resolves to the keys of what was deleted. */
async function deleteOriginals(
  { originalsStore }: ErasuresParts,
  there: readonly Erasable[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const seen = there.flatMap(({ key, etag }) => (etag === undefined ? [] : { key, etag }));
  const others = there.filter(({ etag }) => etag === undefined).map(({ key }) => key);
  const unchanged = seen.length === 0 ? [] : await originalsStore.deleteUnchanged(seen, { signal });
  if (others.length > 0) await originalsStore.delete(others, { signal });
  return [...unchanged, ...others];
}

async function sweep(parts: ErasuresParts, keys: readonly string[], signal: AbortSignal): Promise<number> {
  const calls = new PQueue({ concurrency: concurrentCalls });
  const tally: PurgeRun['tally'] = { originals: 0, variantsDeleted: 0, memoryEvicted: 0, edge: [] };
  const run: PurgeRun = { isDry: false, signal, reference: '', tally, seen: new Set(), cleared: [] };
  await calls.addAll(keys.map((key) => () => sweepOne(parts, key, run)));
  return tally.variantsDeleted;
}

async function sweepOne(parts: ErasuresParts, key: string, run: PurgeRun): Promise<void> {
  const all = { prefix: variantPrefix(key), includes: (source: string) => source === key };
  for await (const _ of deleteStored(parts, all, run));
}

import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import PQueue from 'p-queue';
import type { EdgePurge } from '../../cdn/index.ts';
import type { GrammarOptions } from '../../grammar/index.ts';
import type { ObjectStore } from '../../storage/index.ts';
import type { Telemetry } from '../../telemetry.ts';
import { cacheTag, isReservedKey, sourceOfVariantKey, variantPrefix } from '../identify/identity.ts';
import type { Versions } from '../identify/versions.ts';
import type { MemoryTier } from '../tiers/memory-tier.ts';
import type { EdgePurges } from './edge-purges.ts';
import { type Holdings, type Scope, scopeOf } from './holdings.ts';
import type { PurgeLog, PurgeNotice } from './purge-log.ts';
import { type PurgeRequest, readPurgeRequest } from './purge-request.ts';

export interface PurgeOptions {
  readonly signal: AbortSignal;
  /** Whatever is purged again under the same reference is one purge to the CDN; a new one when absent. */
  readonly reference?: string;
}

/** What a purge did, or in a dry run would do. */
export interface PurgeResult {
  /** Originals it was about: those that are there, and those of which something was kept. */
  readonly originals: number;
  readonly variantsDeleted: number;
  readonly memoryEvicted: number;
  /** Each call to the CDN; empty in a dry run. */
  readonly edge: readonly EdgePurge[];
}

export interface Purges {
  /** Failures: `invalid` for a request that names nothing; the store's and the CDN's, after which it may be repeated. */
  purge(request: PurgeRequest, options: PurgeOptions): Promise<PurgeResult>;
  /**
   * Purges one original if anything may be kept of it, here or at the edge; undefined when it is new to us. One LIST:
   * cheaper than an invalidation for every upload. Only an original that was never served but untouched looks new.
   */
  purgeIfKnown(key: string, options: PurgeOptions): Promise<PurgeResult | undefined>;
}

export interface PurgesParts {
  readonly holdings: Holdings;
  readonly memory: MemoryTier;
  readonly versions: Versions;
  /** Undefined without a store of variants: other processes notice when what they know of an original runs out. */
  readonly log: Pick<PurgeLog, 'announce'> | undefined;
  readonly variantsStore: Pick<ObjectStore, 'list' | 'delete'> | undefined;
  readonly originalsStore: Pick<ObjectStore, 'list' | 'head'>;
  readonly edge: EdgePurges;
  readonly grammar: GrammarOptions;
  readonly telemetry: Telemetry;
}

/** Variants deleted per call: what one DeleteObjects takes. */
const deleteBatch = 1000;
/** Originals purged together, and tags per call of the CDN. */
const originalsBatch = 1000;
/** Calls of the stores under way at once. */
const concurrentCalls = 8;
/** Originals remembered within one purge, so that each is counted and sent to the CDN once; past it, perhaps twice. */
const rememberedOriginals = 100_000;
/** Names hashed between two turns of the event loop. */
const hashesPerTurn = 1000;

interface Run {
  readonly isDry: boolean;
  readonly signal: AbortSignal;
  readonly reference: string;
  readonly tally: { originals: number; variantsDeleted: number; memoryEvicted: number; edge: EdgePurge[] };
  /** Originals seen so far. */
  readonly seen: Set<string>;
  /** Originals that are done with but for the CDN. */
  cleared: string[];
}

export function createPurges(parts: PurgesParts): Purges {
  const { holdings, memory, versions, variantsStore, originalsStore, edge } = parts;

  /** What this process holds; answers the originals of which variants were in memory. */
  async function forget(scope: Scope, run: Run): Promise<readonly string[]> {
    const held = holdings.sources(scope);
    run.tally.memoryEvicted += holdings.count(held);
    if (!run.isDry) await holdings.forget(scope);
    return held;
  }

  /** Once the stored variants are gone, so that other processes find nothing old to hold again. */
  async function announce(notice: PurgeNotice, run: Run): Promise<void> {
    if (!run.isDry) await parts.log?.announce(notice, run.signal);
  }

  /** Deletes stored variants a batch at a time, and tells each original whose variants are all gone. */
  async function* clear(
    prefix: string,
    includes: Scope['includes'],
    run: Run,
  ): AsyncGenerator<string, void, undefined> {
    let batch: string[] = [];
    let sources = new Set<string>();
    const deleteThem = async () => {
      if (!run.isDry && batch.length > 0) await variantsStore?.delete(batch, { signal: run.signal });
      run.tally.variantsDeleted += batch.length;
      batch = [];
    };
    for await (const { key } of variantsStore?.list(prefix, { signal: run.signal }) ?? []) {
      const source = sourceOfVariantKey(key);
      if (source === undefined || !includes(source)) continue;
      batch.push(key);
      sources.add(source);
      if (batch.length < deleteBatch) continue;
      await deleteThem();
      // More variants of this one may follow.
      sources.delete(source);
      yield* sources;
      sources = new Set([source]);
    }
    await deleteThem();
    yield* sources;
  }

  /** The end of one original's purge: the edge hears of it together with others. */
  async function note(source: string, run: Run, counts = true): Promise<void> {
    if (run.seen.has(source)) return;
    if (run.seen.size >= rememberedOriginals) run.seen.clear();
    run.seen.add(source);
    if (counts) run.tally.originals += 1;
    run.cleared.push(source);
    if (run.cleared.length >= originalsBatch) await finish(run);
  }

  async function finish(run: Run): Promise<void> {
    const sources = run.cleared;
    run.cleared = [];
    if (run.isDry) return;
    // Once more, now that the variants are gone: a look-up may have begun in between.
    for (const source of sources) versions.forget(source);
    run.tally.edge.push(...(await edge.purge(sources.map(cacheTag), run.reference, run.signal)));
  }

  /** Only for the count: what a store that fails cannot tell is taken to be there. Other hosts are not asked. */
  async function isThere(key: string, { signal }: Run): Promise<boolean> {
    if (isReservedKey(key)) return false;
    return originalsStore.head(key, { signal }).then(
      (info) => info !== undefined,
      () => true,
    );
  }

  async function purgeKeys(keys: readonly string[], run: Run): Promise<void> {
    for (let start = 0; start < keys.length; start += originalsBatch) {
      const batch = new Set(keys.slice(start, start + originalsBatch));
      const notice = { keys: [...batch] };
      const kept = new Set(await forget(scopeOf(notice), run));
      const calls = new PQueue({ concurrency: concurrentCalls });
      const clearOne = async (key: string) => {
        for await (const source of clear(variantPrefix(key), (listed) => listed === key, run)) kept.add(source);
      };
      await Promise.all([...batch].map((key) => calls.add(() => clearOne(key))));
      await announce(notice, run);
      const counted = await calls.addAll([...batch].map((key) => async () => kept.has(key) || isThere(key, run)));
      for (const [index, key] of [...batch].entries()) await note(key, run, counted[index]);
      await finish(run);
    }
  }

  async function purgePrefix(prefix: string, run: Run): Promise<void> {
    const scope = scopeOf({ prefix });
    const held = await forget(scope, run);
    for await (const source of clear(prefix, scope.includes, run)) await note(source, run);
    await announce({ prefix }, run);
    for (const source of held) await note(source, run);
    for await (const { key } of originalsStore.list(prefix, { signal: run.signal })) {
      if (!isReservedKey(key)) await note(key, run);
    }
    await finish(run);
  }

  /** Everything of which something is kept under a name, most of it without asking the store. */
  async function* keptSources(signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    yield* [...memory.sources(), ...versions.keys()];
    let last: string | undefined;
    for await (const { key } of variantsStore?.list('', { signal }) ?? []) {
      const source = sourceOfVariantKey(key);
      if (source !== undefined && source !== last) yield source;
      last = source;
    }
  }

  /** A tag is a hash: the originals behind it are found by hashing names until all are found, at worst all there are. */
  async function purgeTags(tags: readonly string[], run: Run): Promise<void> {
    const wanted = new Set(tags);
    const found = new Set<string>();
    let hashed = 0;
    for await (const source of keptSources(run.signal)) {
      if (wanted.delete(cacheTag(source))) found.add(source);
      if (wanted.size === 0) break;
      hashed += 1;
      if (hashed % hashesPerTurn === 0) await nextTurn();
    }
    await purgeKeys([...found], run);
    // We keep nothing of these, but the edge may.
    if (!run.isDry) run.tally.edge.push(...(await edge.purge([...wanted], run.reference, run.signal)));
  }

  async function purge(request: PurgeRequest, options: PurgeOptions): Promise<PurgeResult> {
    const { keys, prefixes, tags } = readPurgeRequest(request, parts.grammar);
    const run: Run = {
      isDry: request.dryRun ?? false,
      signal: options.signal,
      reference: options.reference ?? randomUUID(),
      tally: { originals: 0, variantsDeleted: 0, memoryEvicted: 0, edge: [] },
      seen: new Set(),
      cleared: [],
    };
    await purgeKeys(keys, run);
    for (const prefix of prefixes) await purgePrefix(prefix, run);
    if (tags.length > 0) await purgeTags(tags, run);
    const { originals, variantsDeleted, memoryEvicted } = run.tally;
    if (!run.isDry) parts.telemetry.report({ type: 'purged', originals, variantsDeleted, memoryEvicted });
    return run.tally;
  }

  async function isKnown(key: string, signal: AbortSignal): Promise<boolean> {
    // Without a store of variants nobody knows what the other instances made.
    if (variantsStore === undefined || memory.count(key) > 0) return true;
    const state = versions.remembered(key);
    if (state !== undefined && state !== 'absent') return true;
    for await (const _ of variantsStore.list(variantPrefix(key), { signal })) return true;
    return false;
  }

  return {
    purge,
    async purgeIfKnown(key, options) {
      if (await isKnown(key, options.signal)) return purge({ keys: [key] }, options);
      // Its absence may be remembered, here and elsewhere.
      versions.forget(key);
      await parts.log?.announce({ keys: [key] }, options.signal);
      return undefined;
    },
  };
}

import type { EdgePurge } from '../../cdn/index.ts';
import type { GrammarOptions } from '../../grammar/index.ts';
import type { ObjectStore } from '../../storage/index.ts';
import type { Telemetry } from '../../telemetry.ts';
import { cacheTag, isVariantObject, sourceOfVariantKey } from '../identify/identity.ts';
import type { Versions } from '../identify/versions.ts';
import type { MemoryTier } from '../tiers/memory-tier.ts';
import type { EdgePurges } from './edge-purges.ts';
import type { Holdings, Scope } from './holdings.ts';
import type { PurgeLog } from './purge-log.ts';
import type { ServedMarks } from './served-marks.ts';
import type { PurgeNotice } from './stored-log.ts';

export interface PurgesParts {
  readonly holdings: Holdings;
  readonly memory: MemoryTier;
  readonly versions: Versions;
  /** Undefined without a store of variants: other processes notice when what they know of an original runs out. */
  readonly log: Pick<PurgeLog, 'announce'> | undefined;
  readonly variantsStore: Pick<ObjectStore, 'list' | 'delete'> | undefined;
  readonly originalsStore: Pick<ObjectStore, 'list' | 'head'>;
  readonly edge: EdgePurges;
  readonly marks: Pick<ServedMarks, 'forget'>;
  readonly grammar: () => GrammarOptions;
  readonly telemetry: Telemetry;
}

/** Originals purged together, and tags per call of the CDN. */
export const originalsBatch = 1000;
/** Variants deleted per call: what one DeleteObjects takes. */
const deleteBatch = 1000;
/** Originals remembered within one purge, so that each is counted and sent to the CDN once; past it, perhaps twice. */
const rememberedOriginals = 100_000;

/** A purge under way. */
export interface PurgeRun {
  readonly isDry: boolean;
  readonly signal: AbortSignal;
  readonly reference: string;
  readonly tally: { originals: number; variantsDeleted: number; memoryEvicted: number; edge: EdgePurge[] };
  /** Originals seen so far. */
  readonly seen: Set<string>;
  /** Originals that are done with but for the edge. */
  cleared: string[];
}

/*
 * The steps of a purge, in the order in which they run: from the inside outwards, so that no tier fills again from one
 * behind it. A dry run goes the same way and only counts.
 */

/** First what this process holds: variants in memory, versions, work under way. Returns the originals of which variants were in memory. */
export async function forgetHeld(
  { holdings }: Pick<PurgesParts, 'holdings'>,
  scope: Scope,
  run: PurgeRun,
): Promise<readonly string[]> {
  const held = holdings.sources(scope);
  run.tally.memoryEvicted += holdings.count(held);
  if (!run.isDry) await holdings.forget(scope);
  return held;
}

/** Then the stored variants, a batch at a time. Yields each original whose variants are all gone. */
export async function* deleteStored(
  parts: Pick<PurgesParts, 'variantsStore'>,
  { prefix, includes }: { readonly prefix: string; readonly includes: Scope['includes'] },
  run: PurgeRun,
): AsyncGenerator<string, void, undefined> {
  let batch: string[] = [];
  let sources = new Set<string>();
  for await (const info of parts.variantsStore?.list(prefix, { signal: run.signal }) ?? []) {
    const { key } = info;
    const source = sourceOfVariantKey(key);
    if (source === undefined || !includes(source)) continue;
    batch.push(key);
    if (isVariantObject(info)) run.tally.variantsDeleted += 1;
    sources.add(source);
    if (batch.length < deleteBatch) continue;
    await deleteVariants(parts, batch, run);
    // More variants of this one may follow.
    sources.delete(source);
    yield* sources;
    batch = [];
    sources = new Set([source]);
  }
  await deleteVariants(parts, batch, run);
  yield* sources;
}

async function deleteVariants(
  { variantsStore }: Pick<PurgesParts, 'variantsStore'>,
  keys: readonly string[],
  { isDry, signal }: PurgeRun,
): Promise<void> {
  if (!isDry && keys.length > 0) await variantsStore?.delete(keys, { signal });
}

/**
 * Then the other processes, which from now on find nothing old in the store to hold again. Before the edge hears of
 * anything: it would be filled again with what they still hold.
 */
export async function announce(
  { log }: Pick<PurgesParts, 'log'>,
  notice: PurgeNotice,
  { isDry, signal }: PurgeRun,
): Promise<void> {
  if (!isDry) await log?.announce(notice, signal);
}

/** With that one original is done but for the edge, which hears of it together with others: true when these are a batch. */
export function closeOriginal(
  { source, isCounted }: { readonly source: string; readonly isCounted: boolean },
  run: PurgeRun,
): boolean {
  if (run.seen.has(source)) return false;
  if (run.seen.size >= rememberedOriginals) run.seen.clear();
  run.seen.add(source);
  if (isCounted) run.tally.originals += 1;
  run.cleared.push(source);
  return run.cleared.length >= originalsBatch;
}

/** At last, for all that were closed since: their versions again, and the edge. */
export async function finishBatch(
  parts: Pick<PurgesParts, 'versions' | 'edge' | 'marks'>,
  run: PurgeRun,
): Promise<void> {
  const sources = run.cleared;
  run.cleared = [];
  if (run.isDry) return;
  // They were forgotten with what is held, but a look-up may have begun before the stored variants were gone.
  for (const source of sources) parts.versions.forget(source);
  // And who was served one meanwhile may have marked it just before its mark was gone.
  for (const source of sources) parts.marks.forget(source);
  await purgeEdge(parts, sources.map(cacheTag), run);
}

/** Now and once more, when what other processes know has run out (`edge-purges.ts`). */
export async function purgeEdge(
  { edge }: Pick<PurgesParts, 'edge'>,
  tags: readonly string[],
  { isDry, reference, signal, tally }: PurgeRun,
): Promise<void> {
  if (!isDry) tally.edge.push(...(await edge.purge(tags, reference, signal)));
}

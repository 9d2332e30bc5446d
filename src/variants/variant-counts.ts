import { LRUCache } from 'lru-cache';
import { Failure } from '../failure.ts';
import type { ObjectStore } from '../storage/index.ts';
import type { Telemetry } from '../telemetry.ts';
import { type VariantIdentity, variantPrefix } from './identity.ts';

/** Some 200 bytes each: the counts of 50,000 originals are about 10 MB. */
const maxCounted = 50_000;

/** A full original is counted anew at most so often: variants are purged and expire, too. */
const recountMs = 60_000;

export interface VariantCountsOptions {
  /** Undefined: nothing is stored, so nothing is counted. */
  readonly store: Pick<ObjectStore, 'list'> | undefined;
  readonly telemetry: Telemetry;
  readonly clock: { now(): number };
}

/** How many variants of an original are stored: what keeps URLs that anybody may write from filling the store. */
export interface VariantCounts {
  /** Counts one more variant about to be made. Failures: `invalid` when the original already has `max` of them. */
  admit(identity: VariantIdentity, max: number, signal: AbortSignal): Promise<void>;
}

interface Count {
  /** Stored when last listed. */
  listed: number;
  listedAt: number;
  /** Made here since. */
  made: number;
}

/**
 * The store is listed again whenever a tenth of the limit was made since, so what other instances and earlier runs
 * stored counts too; between listings the limit can be passed by a tenth for each instance.
 */
export function createVariantCounts({ store, telemetry, clock }: VariantCountsOptions): VariantCounts {
  const counts = new LRUCache<string, Count>({ maxSize: maxCounted, sizeCalculation: () => 1 });

  async function list(source: string, max: number, signal: AbortSignal): Promise<number | undefined> {
    if (store === undefined) return 0;
    let stored = 0;
    try {
      for await (const _variant of store.list(variantPrefix(source), { signal })) {
        stored += 1;
        if (stored >= max) break;
      }
      return stored;
    } catch (error) {
      if (signal.aborted) throw error;
      // A store that fails costs its own purpose, never a picture.
      telemetry.report({ type: 'tier-fault', tier: 'variants', operation: 'list', error });
      return undefined;
    }
  }

  async function recount(source: string, count: Count, max: number, signal: AbortSignal): Promise<void> {
    const before = count.made;
    count.listedAt = clock.now();
    const listed = await list(source, max, signal);
    if (listed === undefined) return;
    // What was made while the listing ran may or may not be in it: it counts once more until the next.
    count.listed = listed;
    count.made -= before;
  }

  return {
    async admit({ source }, max, signal) {
      if (store === undefined) return;
      const count = counts.get(source) ?? { listed: 0, listedAt: Number.NEGATIVE_INFINITY, made: 0 };
      counts.set(source, count);
      const isFull = () => count.listed + count.made >= max;
      const isStale = clock.now() - count.listedAt >= recountMs;
      if (count.made >= max / 10 || (isFull() && isStale)) {
        if (!isFull() || isStale) await recount(source, count, max, signal);
      }
      if (isFull()) {
        throw new Failure(
          'invalid',
          `This picture already has the ${max} variants that unsigned URLs may make of one; sign the URL to make more.`,
        );
      }
      count.made += 1;
    },
  };
}

import { LRUCache } from 'lru-cache';
import PQueue from 'p-queue';
import { Failure, isFailure } from '../failure.ts';
import type { ObjectStore } from '../storage/index.ts';
import type { Telemetry } from '../telemetry.ts';
import { within } from './deadline.ts';
import { type VariantIdentity, variantPrefix } from './identity.ts';

/** Some 200 bytes each: the counts of 50,000 originals are about 10 MB. */
const maxCounted = 50_000;

/** A full original is counted anew at most so often: variants are purged and expire, too. */
const recountMs = 60_000;

/** Made since the last listing, of the limit: at the first the next one begins, at the second it is waited for. */
const dueShare = 0.075;
const neededShare = 0.1;

/** A thousand pages of a thousand at most, while requests go on by what is known. */
const listTimeoutMs = 60_000;

/** Whoever needs a listing that takes longer goes on by what is known. */
const waitMs = 1000;

/** So long no listing is begun or waited for after one has failed. */
const pauseMs = 10_000;

export interface VariantCountsOptions {
  /** Undefined: nothing is stored, so nothing is counted. */
  readonly store: Pick<ObjectStore, 'list'> | undefined;
  readonly telemetry: Telemetry;
  readonly clock: { now(): number };
}

/** How many variants of an original are stored: what keeps URLs that anybody may write from filling the store. */
export interface VariantCounts {
  /** Counts one more variant about to be made. Failures: `invalid` when the original already has `max` of them. */
  admit(identity: Pick<VariantIdentity, 'source'>, max: number, signal: AbortSignal): Promise<void>;
}

interface Count {
  /** Stored when last listed. */
  listed: number;
  listedAt: number;
  /** Made here since. */
  made: number;
  /** Under way; never rejects. */
  listing: Promise<void> | undefined;
}

/**
 * The store is listed again whenever some tenth of the limit was made since, so what other instances and earlier runs
 * stored counts too; between listings the limit can be passed by a tenth for each instance. A listing begins before it is
 * needed, so that hardly anybody waits for one; a store that fails costs its own purpose, never a picture.
 */
export function createVariantCounts({ store, telemetry, clock }: VariantCountsOptions): VariantCounts {
  const counts = new LRUCache<string, Count>({ maxSize: maxCounted, sizeCalculation: () => 1 });
  // A folder is listed by looking at every file, and what a crowd asks for is due all at once.
  const listings = new PQueue({ concurrency: 1 });
  /** Nothing is listed before: the store has just failed to. */
  let pausedUntil = Number.NEGATIVE_INFINITY;

  function countOf(source: string): Count {
    const never = Number.NEGATIVE_INFINITY;
    const count = counts.get(source) ?? { listed: 0, listedAt: never, made: 0, listing: undefined };
    counts.set(source, count);
    return count;
  }

  async function recount(source: string, count: Count, max: number, signal: AbortSignal): Promise<void> {
    const before = count.made;
    count.listedAt = clock.now();
    let stored = 0;
    for await (const _variant of store?.list(variantPrefix(source), { signal }) ?? []) {
      stored += 1;
      if (stored >= max) break;
    }
    count.listed = stored;
    // What was made while the listing ran may or may not be in it: it counts once more until the next.
    count.made -= before;
  }

  async function list(source: string, count: Count, max: number): Promise<void> {
    // Nobody's own: whoever comes to need it may leave again.
    const signal = AbortSignal.timeout(listTimeoutMs);
    try {
      await listings.add(() => recount(source, count, max, signal), { signal });
    } catch (error) {
      pausedUntil = clock.now() + pauseMs;
      telemetry.report({ type: 'tier-fault', tier: 'variants', operation: 'list', error });
    } finally {
      count.listing = undefined;
    }
  }

  async function waitFor(listing: Promise<void>, signal: AbortSignal): Promise<void> {
    try {
      await within(waitMs, signal, () => listing);
    } catch (error) {
      if (isFailure(error, 'cancelled')) throw error;
      pausedUntil = clock.now() + pauseMs;
    }
  }

  return {
    async admit({ source }, max, signal) {
      if (store === undefined) return;
      const count = countOf(source);
      const isFull = () => count.listed + count.made >= max;
      const now = clock.now();
      const isDue = isFull() ? now - count.listedAt >= recountMs : count.made >= dueShare * max;
      if (isDue && now >= pausedUntil) count.listing ??= list(source, count, max);
      const isNeeded = isFull() || count.made >= neededShare * max;
      if (isNeeded && count.listing !== undefined && now >= pausedUntil) await waitFor(count.listing, signal);
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

import { LRUCache } from 'lru-cache';
import PQueue from 'p-queue';
import { Failure } from '../failure.ts';
import type { ObjectStore } from '../storage/index.ts';
import type { Telemetry } from '../telemetry.ts';
import { within } from './deadline.ts';
import { createFlights } from './flights.ts';
import { type VariantIdentity, variantPrefix } from './identity.ts';

/** Some 200 bytes each: the counts of 50,000 originals are about 10 MB. */
const maxCounted = 50_000;

/** A full original is counted anew at most so often: variants are purged and expire, too. */
const recountMs = 60_000;

/** Made since the last listing, of the limit: at the first the next one begins, at the second it is waited for. */
const dueShare = 0.075;
const neededShare = 0.1;

/** A listing that takes longer, for each thousand of the limit, has failed: S3 lists a thousand keys at a time. */
const listTimeoutMs = 2000;

/** So long nothing is listed after a listing has failed: requests go on by what is known. */
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
}

/**
 * The store is listed again whenever some tenth of the limit was made since, so what other instances and earlier runs
 * stored counts too; between listings the limit can be passed by a tenth for each instance. A listing begins before it is
 * needed, so that hardly anybody waits for one; a store that fails costs its own purpose, never a picture.
 */
export function createVariantCounts({ store, telemetry, clock }: VariantCountsOptions): VariantCounts {
  const counts = new LRUCache<string, Count>({ maxSize: maxCounted, sizeCalculation: () => 1 });
  const flights = createFlights<void>();
  // A folder is listed by looking at every file, and what a crowd asks for is due all at once.
  const listings = new PQueue({ concurrency: 1 });
  /** Nothing is listed before: the store has just failed to. */
  let pausedUntil = Number.NEGATIVE_INFINITY;

  function countOf(source: string): Count {
    const count = counts.get(source) ?? { listed: 0, listedAt: Number.NEGATIVE_INFINITY, made: 0 };
    counts.set(source, count);
    return count;
  }

  async function recount(source: string, count: Count, max: number, signal: AbortSignal): Promise<void> {
    const [before, began] = [count.made, clock.now()];
    let stored = 0;
    for await (const _variant of store?.list(variantPrefix(source), { signal }) ?? []) {
      stored += 1;
      if (stored >= max) break;
    }
    count.listed = stored;
    count.listedAt = began;
    // What was made while the listing ran may or may not be in it: it counts once more until the next.
    count.made -= before;
  }

  /** Never rejects. */
  async function list(source: string, count: Count, max: number): Promise<void> {
    const ms = listTimeoutMs * Math.ceil(max / 1000);
    try {
      await listings.add(async () => {
        // Those behind one that has failed would only fail, too.
        if (clock.now() >= pausedUntil) await within(ms, undefined, (signal) => recount(source, count, max, signal));
      });
    } catch (error) {
      pausedUntil = clock.now() + pauseMs;
      telemetry.report({ type: 'tier-fault', tier: 'variants', operation: 'list', error });
    }
  }

  return {
    async admit({ source }, max, signal) {
      if (store === undefined) return;
      const count = countOf(source);
      const isFull = () => count.listed + count.made >= max;
      const now = clock.now();
      const isDue = isFull() ? now - count.listedAt >= recountMs : count.made >= dueShare * max;
      if (isDue && now >= pausedUntil) {
        const isNeeded = isFull() || count.made >= neededShare * max;
        const listing = flights.join(source, signal, (control) => {
          // Whoever comes to need it may leave again.
          control.commit();
          return list(source, count, max);
        });
        if (isNeeded) await listing;
        else listing.catch(() => undefined);
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

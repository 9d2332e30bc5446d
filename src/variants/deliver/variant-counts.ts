import { LRUCache } from 'lru-cache';
import PQueue from 'p-queue';
import { withDeadline } from '../../deadline.ts';
import { Failure } from '../../failure.ts';
import { createFlights, type Flights } from '../../flights.ts';
import type { IsDeclared } from '../../grammar/index.ts';
import type { ObjectStore } from '../../storage/index.ts';
import type { Telemetry } from '../../telemetry.ts';
import { isVariantObject, type VariantIdentity, variantPrefix, variantText } from '../identify/identity.ts';

/** Some 300 bytes each: the counts of 50,000 originals are about 15 MB. */
const maxCounted = 50_000;

/** So long until a tenth of the budget is there again. */
const tenthMs = 3_600_000;

/** What comes back ends here: so many budgets are the most that is ever stored of one original and counts. */
const maxBudgets = 10;

/** Of a budget that comes back bit by bit. */
const rounding = 1e-6;

/** A full original is listed anew at most so often: variants are purged and expire, too. */
const recountMs = 60_000;

/** Made since the last listing, of the budget: at the first the next one begins, at the second it is waited for. */
const dueShare = 0.075;
const neededShare = 0.1;

/** A listing that takes longer, for so many keys, has failed: S3 lists a thousand of them at a time. */
const listTimeoutMs = 2000;
const listedInTime = 2500;

/** So long nothing is listed after a listing has failed: requests go on by what is known. */
const pauseMs = 10_000;

export interface VariantCountsOptions {
  /** Undefined: nothing is stored, so nothing is counted. */
  readonly store: Pick<ObjectStore, 'list'> | undefined;
  /** What an operator has declared does not count. */
  readonly isDeclared: IsDeclared;
  /** Variants of one original that unsigned URLs may make, of those that nobody declared. */
  readonly budget: () => number;
  readonly telemetry: Telemetry;
  /** Milliseconds, monotonic. */
  readonly clock: { now(): number };
}

/** How many variants of an original anybody may make: what keeps URLs that anybody may write from filling the store. */
export interface VariantCounts {
  /** Counts one more variant about to be made. Failures: `invalid` when the original's budget is used up. */
  admit(identity: Pick<VariantIdentity, 'source'>, signal: AbortSignal): Promise<void>;
}

interface SourceCount {
  /** What was used of the budget, at that time: a tenth of the budget comes back each hour. */
  used: number;
  usedAt: number;
  /** Counted ones in the store when it was last listed. */
  listed: number;
  listedAt: number;
  /** Made here since. */
  made: number;
}

interface CountsState extends VariantCountsOptions {
  readonly counts: LRUCache<string, SourceCount>;
  readonly flights: Flights<void>;
  /** One at a time: a folder is listed by looking at every file, and what a crowd asks for is due all at once. */
  readonly listings: PQueue;
  /** Stored variants carry the time of day, which may be set while we run; how long ago that was may not. */
  readonly dayMs: number;
  /** Nothing is listed before: the store has just failed to. */
  pausedUntil: number;
}

/**
 * A budget for each original, of which a tenth comes back each hour. What is used of it is read off the store: a variant
 * there says by its name whether it counts, and by its time how much of it has come back since. So it outlives a restart,
 * and other instances count too; between listings the budget can be passed by a tenth for each instance. A listing is made
 * whenever some tenth of the budget was made since, and begins before it is needed, so that hardly anybody waits for one.
 * Nothing that is stored is ever taken away for it. A store that fails costs its own purpose, never a picture.
 */
export function createVariantCounts(options: VariantCountsOptions): VariantCounts {
  const state: CountsState = {
    ...options,
    counts: new LRUCache({ maxSize: maxCounted, sizeCalculation: () => 1 }),
    flights: createFlights<void>(),
    listings: new PQueue({ concurrency: 1 }),
    dayMs: Date.now() - options.clock.now(),
    pausedUntil: Number.NEGATIVE_INFINITY,
  };
  return { admit: (identity, signal) => admit(state, identity.source, signal) };
}

async function admit(state: CountsState, source: string, signal: AbortSignal): Promise<void> {
  if (state.store === undefined) return;
  const { clock } = state;
  const budget = state.budget();
  const count = countOf(state, source);
  if (isListingDue(state, count)) await listWhenNeeded(state, { source, count }, signal);
  const now = clock.now();
  if (isFull(count, now, budget)) throw refusal(count, budget);
  count.used = usedNow(count, now, budget) + 1;
  count.usedAt = now;
  count.made += 1;
}

function countOf({ counts, clock }: CountsState, source: string): SourceCount {
  const known = counts.get(source);
  if (known !== undefined) return known;
  const count: SourceCount = { used: 0, usedAt: clock.now(), listed: 0, listedAt: Number.NEGATIVE_INFINITY, made: 0 };
  counts.set(source, count);
  return count;
}

function isListingDue(state: CountsState, count: SourceCount): boolean {
  const { clock, pausedUntil } = state;
  const budget = state.budget();
  const now = clock.now();
  if (now < pausedUntil) return false;
  return isFull(count, now, budget) ? now - count.listedAt >= recountMs : count.made >= dueShare * budget;
}

interface Counted {
  readonly source: string;
  readonly count: SourceCount;
}

/** Begins a listing, or joins the one under way, and waits for it only if the budget may be used up by now. */
async function listWhenNeeded(state: CountsState, counted: Counted, signal: AbortSignal): Promise<void> {
  const { clock, flights } = state;
  const budget = state.budget();
  const { source, count } = counted;
  const isNeeded = isFull(count, clock.now(), budget) || count.made >= neededShare * budget;
  const listing = flights.join(source, signal, (control) => {
    // Whoever comes to need it may leave again.
    control.commit();
    return list(state, counted);
  });
  if (isNeeded) await listing;
  else listing.catch(() => undefined);
}

/** Never rejects. */
async function list(state: CountsState, counted: Counted): Promise<void> {
  const { clock, listings } = state;
  const budget = state.budget();
  const ms = listTimeoutMs * Math.ceil((budget * maxBudgets) / listedInTime);
  try {
    await listings.add(async () => {
      // Those behind one that has failed would only fail, too.
      if (clock.now() >= state.pausedUntil) await withDeadline({ ms }, ({ signal }) => recount(state, counted, signal));
    });
  } catch (error) {
    state.pausedUntil = clock.now() + pauseMs;
    state.telemetry.report({ type: 'tier-fault', tier: 'variants', operation: 'list', error });
  }
}

async function recount(state: CountsState, { source, count }: Counted, signal: AbortSignal): Promise<void> {
  const { store, isDeclared, clock, dayMs } = state;
  const budget = state.budget();
  const [before, began] = [count.made, clock.now()];
  const times: number[] = [];
  for await (const info of store?.list(variantPrefix(source), { signal }) ?? []) {
    const { key, lastModified } = info;
    if (!isVariantObject(info)) continue;
    const text = variantText(key);
    if (text !== undefined && isDeclared(source, text)) continue;
    times.push(Math.min(lastModified.getTime() - dayMs, began));
    if (times.length >= budget * maxBudgets) break;
  }
  // What was made while the listing ran may or may not be in it: it counts once more until the next.
  count.made -= before;
  count.used = usedAfter(times, began, budget) + count.made;
  count.usedAt = began;
  count.listed = times.length;
  count.listedAt = began;
}

function isFull(count: SourceCount, now: number, budget: number): boolean {
  return usedNow(count, now, budget) + 1 > budget + rounding || isAtEnd(count, budget);
}

function isAtEnd({ listed, made }: SourceCount, budget: number): boolean {
  return listed + made >= budget * maxBudgets;
}

function usedNow({ used, usedAt }: Pick<SourceCount, 'used' | 'usedAt'>, now: number, budget: number): number {
  return Math.max(0, used - ((now - usedAt) / tenthMs) * (budget / 10));
}

/** What is used of the budget now, after variants were made at these times. */
function usedAfter(times: readonly number[], now: number, budget: number): number {
  const count = { used: 0, usedAt: Number.NEGATIVE_INFINITY };
  for (const time of times.toSorted((left, right) => left - right)) {
    count.used = usedNow(count, time, budget) + 1;
    count.usedAt = time;
  }
  return times.length === 0 ? 0 : usedNow(count, now, budget);
}

function refusal(count: SourceCount, budget: number): Failure {
  const max = isAtEnd(count, budget) ? budget * maxBudgets : budget;
  const has = `This picture already has the ${max} variants that unsigned URLs may make of one`;
  const soon = max === budget ? ', and a tenth of them comes back each hour' : '';
  return new Failure('invalid', `${has}${soon}; sign the URL, or make a preset of it.`);
}

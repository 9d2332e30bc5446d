import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import PQueue from 'p-queue';
import { stopIfAborted, withDeadline } from '../../deadline.ts';
import type { ObjectInfo, ObjectStore } from '../../storage/index.ts';
import type { Telemetry } from '../../telemetry.ts';
import { type Found, type FoundLease, isLease } from '../identify/variant.ts';
import { reportFault } from './breaker.ts';

/** Said in a lease: whose it is. */
const ownerName = 'fovea-lease';

/** So far may the clocks of two machines, or of one and of the store, be apart: a lease that is older has been left behind. */
const clocksApartMs = 60_000;

/** Looks for the other's result come after so long, the last of them again and again. */
const pausesMs = [40, 60, 100, 200, 400];

const putTimeoutMs = 1000;
const deleteTimeoutMs = 5000;
const concurrentDeletes = 2;
/** So long nothing is leased after a put has failed: a store that refuses such puts would cost each picture one. */
const faultPauseMs = 10_000;

export function leaseIn({ metadata, lastModified }: ObjectInfo): FoundLease {
  return { owner: metadata[ownerName], since: lastModified };
}

/** The right to make one variant, of one who wants it. */
export interface Lease {
  /** False when another process makes it. A store that fails is no reason not to draw: then it is true, too. */
  take(signal: AbortSignal): Promise<boolean>;
  /**
   * What lies there when the other is done, by what `read` finds; what was found last when that takes too long, since who
   * holds it may be gone.
   */
  ended(found: FoundLease, read: (signal: AbortSignal) => Promise<Found>, signal: AbortSignal): Promise<Found>;
  /** True for one that we have taken, and perhaps were told that we had not: from now on we have. */
  isOurs(found: Found): boolean;
  /** To be called when nothing was stored; behind the caller's back. */
  release(): void;
}

export interface Leases {
  of(key: string): Lease;
  /** Resolves when every lease that was given back is gone. */
  settled(): Promise<void>;
}

export interface LeasesParts {
  readonly store: Pick<ObjectStore, 'put' | 'delete'>;
  /** Milliseconds after which the owner of a lease is taken to be gone. */
  readonly lifeMs: number;
  readonly telemetry: Telemetry;
  /** Monotonic milliseconds. */
  readonly clock: { now(): number };
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

interface LeasesState extends LeasesParts {
  readonly deletes: PQueue;
  /** Nothing is leased before: the store has just refused to. */
  pausedUntil: number;
}

interface LeaseState extends LeasesState {
  readonly key: string;
  readonly owner: string;
  readonly leases: LeasesState;
  isTaken: boolean;
  /** Since when others have been waited for, all together. */
  waitingSince: number | undefined;
}

/**
 * Which of the processes that share a store makes a variant. Whoever creates the empty object in its place does, and the
 * variant then replaces that: one call more than without, and nothing to clear away. Who finds it looks again from time to
 * time. That its owner is gone is told without comparing clocks, by how long it was watched; only one that has been there for
 * much longer than any clock is wrong is not waited for at all. Two who draw the same do no harm.
 */
export function createLeases(parts: LeasesParts): Leases {
  const deletes = new PQueue({ concurrency: concurrentDeletes });
  const state: LeasesState = { ...parts, deletes, pausedUntil: Number.NEGATIVE_INFINITY };
  return { of: (key) => open(state, key), settled: () => deletes.onIdle() };
}

function open(leases: LeasesState, key: string): Lease {
  const owner = randomUUID();
  const state: LeaseState = { ...leases, leases, key, owner, isTaken: false, waitingSince: undefined };
  return {
    take: (signal) => take(state, signal),
    ended: (found, read, signal) => ended(state, { found, read }, signal),
    isOurs: (found) => isOurs(state, found),
    release: () => release(state),
  };
}

async function take(state: LeaseState, signal: AbortSignal): Promise<boolean> {
  if (state.isTaken) return true;
  const { store, key, owner, clock, leases, telemetry } = state;
  if (clock.now() < leases.pausedUntil) return true;
  // From here on it may be ours, whatever we are told.
  state.isTaken = true;
  try {
    const options = { onlyIfAbsent: true, metadata: { [ownerName]: owner } };
    const put = await withDeadline({ ms: putTimeoutMs, signal }, (deadline) =>
      store.put(key, new Uint8Array(), { ...options, signal: deadline.signal }),
    );
    state.isTaken = put !== undefined;
    return state.isTaken;
  } catch (error) {
    stopIfAborted(signal);
    leases.pausedUntil = clock.now() + faultPauseMs;
    reportFault(telemetry, 'put', error);
    return true;
  }
}

function isOurs(state: LeaseState, found: Found): boolean {
  const isIt = isLease(found) && found.owner === state.owner;
  state.isTaken ||= isIt;
  return isIt;
}

interface Watched {
  readonly found: FoundLease;
  readonly read: (signal: AbortSignal) => Promise<Found>;
}

async function ended(state: LeaseState, { found, read }: Watched, signal: AbortSignal): Promise<Found> {
  let last = found;
  state.waitingSince ??= state.clock.now();
  for (let looks = 0; !isOurs(state, last) && !isOver(state, last); looks += 1) {
    await pause(pausesMs[looks] ?? pausesMs.at(-1), undefined, { signal }).catch(() => stopIfAborted(signal));
    const now = await read(signal);
    if (!isLease(now)) return now;
    last = now;
  }
  return last;
}

function isOver({ waitingSince = 0, clock, now, lifeMs }: LeaseState, { since }: FoundLease): boolean {
  return clock.now() - waitingSince >= lifeMs || now() - since.getTime() > lifeMs + clocksApartMs;
}

/** Perhaps another's by now, or even a variant of another's: that is drawn again some day. */
function release(state: LeaseState): void {
  if (!state.isTaken) return;
  state.isTaken = false;
  void state.deletes.add(() => remove(state));
}

/** Never rejects: what stays ends by itself. */
async function remove({ store, key, telemetry }: LeaseState): Promise<void> {
  try {
    await withDeadline({ ms: deleteTimeoutMs }, ({ signal }) => store.delete([key], { signal }));
  } catch (error) {
    reportFault(telemetry, 'delete', error);
  }
}

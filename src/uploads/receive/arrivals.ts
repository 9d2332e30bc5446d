import { type Bulkhead, type BulkheadLimits, createBulkhead } from '../../bulkhead.ts';
import { startDeadline } from '../../deadline.ts';
import { Failure } from '../../failure.ts';
import { type Claim, whoMakesRoom } from '../../shares.ts';
import { adminName } from '../batch/caller.ts';
import { createPace, type Pace } from './pace.ts';

export interface ArrivalLimits extends Omit<BulkheadLimits, 'kept'> {
  /** Of them all, those that nobody but the admin has. */
  readonly forAdmin: number;
  /** Milliseconds that one waits at most. */
  readonly waitMs: number;
  /** Milliseconds for which nobody's body is stopped for others. */
  readonly graceMs: number;
  /** What is slower than so many bytes in a second goes first when others wait. */
  readonly bytesPerSecond: number;
  /** Milliseconds between two looks of whoever waits. */
  readonly lookMs: number;
}

/**
 * Some 64 MB of bodies held at most, of each 4 MiB, and a line that is gone before a client gives up. Whoever waits waits
 * no longer than the grace for the slot of somebody who has several. 8 kB/s is the slowest of mobile networks.
 */
export const arrivalLimits: ArrivalLimits = {
  atOnce: 16,
  atOnceEach: 6,
  forAdmin: 4,
  waiting: 128,
  waitMs: 20_000,
  graceMs: 5_000,
  bytesPerSecond: 8 * 1024,
  lookMs: 500,
};

/** Admission of bodies, as there is one of renders. */
export interface Arrivals {
  /**
   * `work` reads the body through its pace. Failures: `overloaded` when too many wait, or for too long, or when others
   * need the slot; `cancelled` when the signal aborts in the line.
   */
  run<T>(owner: string, signal: AbortSignal, work: (pace: Pace) => Promise<T>): Promise<T>;
}

/** A body that comes, or waits until it may. */
interface ArrivingBody extends Claim {
  readonly client: string;
  readonly pace: Pace;
}

interface ArrivalsState {
  readonly limits: ArrivalLimits;
  readonly bulkhead: Bulkhead<ArrivingBody>;
}

/**
 * A body comes as slowly as it likes while nobody waits. For an owner who does, the slowest of those that are too slow
 * leaves its slot, or else the newest of the owner who has most: each keeps one that is fast enough.
 */
export function createArrivals(limits: ArrivalLimits): Arrivals {
  const kept = { client: adminName, places: limits.forAdmin };
  const state: ArrivalsState = { limits, bulkhead: createBulkhead({ ...limits, kept }, tooManyArrivals) };
  return {
    async run(owner, signal, work) {
      const arrival: ArrivingBody = { client: owner, pace: createPace() };
      await takeSlot(state, arrival, signal);
      try {
        return await work(arrival.pace);
      } catch (error) {
        throw arrival.pace.givenUp() ?? error;
      } finally {
        state.bulkhead.leave(arrival);
      }
    },
  };
}

async function takeSlot(state: ArrivalsState, arrival: ArrivingBody, signal: AbortSignal): Promise<void> {
  const { limits, bulkhead } = state;
  const patience = startDeadline({ ms: limits.waitMs, signal, reason: tooManyArrivals });
  const look = setInterval(() => whoLeaves(state, arrival)?.pace.giveUp(slotNeeded()), limits.lookMs);
  try {
    await bulkhead.enter(arrival, patience.signal);
    arrival.pace.begin();
  } finally {
    patience.stop();
    clearInterval(look);
  }
}

function whoLeaves({ limits, bulkhead }: ArrivalsState, newcomer: Claim): ArrivingBody | undefined {
  const underWay = [...bulkhead.underWay];
  // One at a time: whoever was told to leave may still have to be heard by the store.
  if (underWay.some(({ pace }) => pace.givenUp() !== undefined)) return undefined;
  const mayLeave = ({ client, pace }: ArrivingBody) => client !== adminName && pace.ageMs() >= limits.graceMs;
  const slow = underWay.filter((arrival) => mayLeave(arrival) && arrival.pace.rate() < limits.bytesPerSecond);
  const [slowest] = slow.toSorted((a, b) => a.pace.rate() - b.pace.rate());
  if (slowest !== undefined) return slowest;
  const most = whoMakesRoom(underWay, newcomer);
  return most !== undefined && mayLeave(most) ? most : undefined;
}

function tooManyArrivals(): Failure {
  return new Failure('overloaded', 'Too many uploads arrive right now; try again in a moment.', {
    retryAfterSeconds: 5,
  });
}

function slotNeeded(): Failure {
  const why = 'Others wait to upload, and this came too slowly, or beside others of the same sender';
  return new Failure('overloaded', `${why}: send it again in a moment.`, { retryAfterSeconds: 5 });
}

import { Failure } from '../../failure.ts';
import { type Claim, whoMakesRoom } from '../../shares.ts';
import { adminName, createPlaces, type PlaceLimits } from '../bulkhead.ts';
import { createPace, type Pace } from './pace.ts';

export interface ArrivalLimits extends PlaceLimits {
  /** Milliseconds that one waits at most. */
  readonly waitMs: number;
  /** Milliseconds for which nobody's body is stopped for others. */
  readonly graceMs: number;
  /** What is slower than so many bytes in a second goes first when others wait. */
  readonly bytesPerSecond: number;
  /** Milliseconds between two looks of whoever waits. */
  readonly lookMs: number;
}

/** Admission of bodies, as there is one of renders. */
export interface Arrivals {
  /**
   * `work` reads the body through its pace. Failures: `overloaded` when too many wait, or for too long, or when others
   * need the place; `cancelled` when the signal aborts in the line.
   */
  run<T>(owner: string, signal: AbortSignal, work: (pace: Pace) => Promise<T>): Promise<T>;
}

interface Place extends Claim {
  readonly client: string;
  readonly pace: Pace;
}

/**
 * A body comes as slowly as it likes while nobody waits. For an owner who does, the slowest of those that are too slow
 * leaves its place, or else the newest of the owner who has most: each keeps one that is fast enough.
 */
export function createArrivals(limits: ArrivalLimits): Arrivals {
  const places = createPlaces<Place>(limits, tooMany);

  function whoLeaves(newcomer: Claim): Place | undefined {
    const underWay = [...places.underWay];
    // One at a time: whoever was told to leave may still have to be heard by the store.
    if (underWay.some(({ pace }) => pace.givenUp() !== undefined)) return undefined;
    const mayLeave = ({ client, pace }: Place) => client !== adminName && pace.ageMs() >= limits.graceMs;
    const slow = underWay.filter((place) => mayLeave(place) && place.pace.rate() < limits.bytesPerSecond);
    const [slowest] = slow.toSorted((a, b) => a.pace.rate() - b.pace.rate());
    if (slowest !== undefined) return slowest;
    const most = whoMakesRoom(underWay, newcomer);
    return most !== undefined && mayLeave(most) ? most : undefined;
  }

  async function takePlace(place: Place, signal: AbortSignal): Promise<void> {
    const patience = new AbortController();
    const end = setTimeout(() => patience.abort(tooMany()), limits.waitMs);
    const look = setInterval(() => whoLeaves(place)?.pace.giveUp(needed()), limits.lookMs);
    try {
      await places.enter(place, AbortSignal.any([signal, patience.signal]));
      place.pace.begin();
    } finally {
      clearTimeout(end);
      clearInterval(look);
    }
  }

  return {
    async run(owner, signal, work) {
      const place: Place = { client: owner, pace: createPace(() => performance.now()) };
      await takePlace(place, signal);
      try {
        return await work(place.pace);
      } catch (error) {
        throw place.pace.givenUp() ?? error;
      } finally {
        places.leave(place);
      }
    },
  };
}

function tooMany(): Failure {
  return new Failure('overloaded', 'Too many uploads arrive right now; try again in a moment.', {
    retryAfterSeconds: 5,
  });
}

function needed(): Failure {
  const why = 'Others wait to upload, and this came too slowly, or beside others of the same sender';
  return new Failure('overloaded', `${why}: send it again in a moment.`, { retryAfterSeconds: 5 });
}

import type { Failure } from '../failure.ts';
import type { Worker } from './worker.ts';

/** A render that waits for room is overtaken by so many smaller ones and no more; so is one that lets all others pass. */
const mostOvertakings = 16;

/** A render that waits for a process. */
export interface Waiter {
  /** Bytes it may take beside what its process takes idle. */
  readonly memoryBytes: number;
  readonly rank: Rank;
  /** False: others may go before it. Throws the Failure with which it is refused. */
  readonly mayBegin: () => boolean;
  start(worker: Worker): void;
  refuse(failure: Error): void;
}

/** Before all that wait, in the order they came, or when nobody else waits. */
export type Rank = 'first' | 'usual' | 'last';

/** Who has the next turn; and whether somebody else would have it if there were more memory. */
export interface Turn {
  readonly waiter: Waiter | undefined;
  readonly lacksRoom: boolean;
}

/** Renders that wait for a process. */
export interface Line {
  size(): number;
  add(waiter: Waiter): void;
  /** False when it is not in the line any more. */
  remove(waiter: Waiter): boolean;
  /** Takes the first that may begin and for which there is room. Whoever waits for room has to go before the rest in the end. */
  take(hasRoom: (memoryBytes: number) => boolean): Turn;
  refuseAll(failure: Failure): void;
}

interface Place {
  readonly waiter: Waiter;
  rank: Rank;
  overtakings: number;
}

export function createLine(): Line {
  const places: Place[] = [];

  function remove(waiter: Waiter): boolean {
    const at = places.findIndex((place) => place.waiter === waiter);
    if (at < 0) return false;
    places.splice(at, 1);
    return true;
  }

  function isReady({ waiter }: Place): boolean {
    try {
      return waiter.mayBegin();
    } catch (error) {
      remove(waiter);
      waiter.refuse(error instanceof Error ? error : new Error('A render was refused.', { cause: error }));
      return false;
    }
  }

  /** Those that let everybody pass have done so once more. */
  function countPassing(passing: Place): void {
    for (const place of places.filter(({ rank }) => rank === 'last')) {
      if (place !== passing) place.overtakings += 1;
      if (place.overtakings < mostOvertakings) continue;
      place.rank = 'first';
      places.splice(places.indexOf(place), 1);
      places.unshift(place);
    }
  }

  return {
    size: () => places.length,
    add(waiter) {
      const place = { waiter, rank: waiter.rank, overtakings: 0 };
      if (waiter.rank === 'first') return void places.unshift(place);
      const behind = waiter.rank === 'last' ? -1 : places.findIndex(({ rank }) => rank === 'last');
      places.splice(behind < 0 ? places.length : behind, 0, place);
    },
    remove,
    take(hasRoom) {
      let roomless: Place | undefined;
      for (const place of [...places]) {
        if (!isReady(place)) continue;
        if (hasRoom(place.waiter.memoryBytes)) {
          if (roomless !== undefined) roomless.overtakings += 1;
          remove(place.waiter);
          countPassing(place);
          return { waiter: place.waiter, lacksRoom: false };
        }
        roomless ??= place;
        if (roomless.overtakings >= mostOvertakings) break;
      }
      return { waiter: undefined, lacksRoom: roomless !== undefined };
    },
    refuseAll(failure) {
      for (const { waiter } of places.splice(0)) waiter.refuse(failure);
    },
  };
}

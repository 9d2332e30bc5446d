import type { Failure } from '../../failure.ts';
import { type Claim, createShares } from '../../shares.ts';
import type { Worker } from './worker.ts';

/** A render that waits for room is overtaken by so many smaller ones and no more; so is one that lets all others pass. */
const mostOvertakings = 16;

/** A render that waits for a process. */
export interface Waiter extends Claim {
  /** Bytes it may take beside what its process takes idle. */
  readonly memoryBytes: number;
  readonly rank: Rank;
  /** False: others may go before it. Throws the Failure with which it is refused. */
  readonly mayBegin: () => boolean;
  start(worker: Worker): void;
  refuse(failure: Error): void;
}

/** Before all that wait, by the turns of clients and originals, or when nobody else waits. */
export type Rank = 'first' | 'usual' | 'last';

/** Who has the next turn; and whether somebody else would have it if there were more memory. */
export interface Turn {
  readonly waiter: Waiter | undefined;
  readonly lacksRoom: boolean;
}

/** Renders that wait for a process. */
export interface Line {
  size(): number;
  /** `underWay`: whose renders have a process now. */
  add(waiter: Waiter, underWay: Iterable<Claim>): void;
  /** False when it is not in the line any more. */
  remove(waiter: Waiter): boolean;
  /** Takes the first that may begin and for which there is room. Whoever waits for room has to go before the rest in the end. */
  take(hasRoom: (memoryBytes: number) => boolean, underWay: Iterable<Claim>): Turn;
  refuseAll(failure: Failure): void;
}

interface Place extends Claim {
  readonly waiter: Waiter;
  rank: Rank;
  overtakings: number;
}

const ranks: readonly Rank[] = ['first', 'usual', 'last'];

/** `processes`: how many renders may be under way. */
export function createLine(processes: number): Line {
  const places = createShares<Place>(processes);

  function remove(waiter: Waiter): boolean {
    const place = [...places].find((one) => one.waiter === waiter);
    return place !== undefined && places.remove(place);
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
  function countPassing(): void {
    for (const place of places) {
      if (place.rank !== 'last') continue;
      place.overtakings += 1;
      if (place.overtakings >= mostOvertakings) place.rank = 'first';
    }
  }

  function inOrder(underWay: Iterable<Claim>): readonly Place[] {
    const order = places.inOrder(underWay);
    return ranks.flatMap((rank) => order.filter((place) => place.rank === rank));
  }

  return {
    size: () => places.size,
    add(waiter, underWay) {
      const { client, original, rank } = waiter;
      places.add({ client, original, waiter, rank, overtakings: 0 }, underWay);
    },
    remove,
    take(hasRoom, underWay) {
      let roomless: Place | undefined;
      for (const place of inOrder(underWay)) {
        if (!isReady(place)) continue;
        if (hasRoom(place.waiter.memoryBytes)) {
          if (roomless !== undefined) roomless.overtakings += 1;
          places.begin(place);
          countPassing();
          return { waiter: place.waiter, lacksRoom: false };
        }
        roomless ??= place;
        if (roomless.overtakings >= mostOvertakings) break;
      }
      return { waiter: undefined, lacksRoom: roomless !== undefined };
    },
    refuseAll(failure) {
      for (const place of [...places]) {
        places.remove(place);
        place.waiter.refuse(failure);
      }
    },
  };
}

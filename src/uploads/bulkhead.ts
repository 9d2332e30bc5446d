import { cancelled, Failure } from '../failure.ts';
import { type Claim, countByParty, createShares, whoMakesRoom } from '../shares.ts';
import type { Manifest } from './batch/records.ts';

export interface PlaceLimits {
  /** Places held at once. */
  readonly atOnce: number;
  /** Of one owner, so that nobody's uploads keep out everybody's. */
  readonly atOnceEach: number;
  /** Of them all, those that nobody but the admin has. */
  readonly forAdmin: number;
  /** Those that may wait; past it somebody is refused at once. */
  readonly waiting: number;
}

/** Whoever uploads without a ticket. */
export const adminName = 'admin';

/** Who sends to a signed address: the ticket it was signed for; an admin signs for others, and each batch is somebody else's. */
export function holderOf({ batch, owner = adminName }: Pick<Manifest, 'batch' | 'owner'>): string {
  return owner === adminName ? batch : owner;
}

/** A few places for whatever an upload needs, and a line before them, both shared among owners: they are the clients here. */
export interface Places<P extends Claim> {
  readonly underWay: Iterable<P>;
  /**
   * Waits for the turn of its owner. Failures: `overloaded` when the line is full, or when others need the place in it;
   * `cancelled` when the signal aborts; and whatever Failure the signal aborts with.
   */
  enter(place: P, signal: AbortSignal): Promise<void>;
  leave(place: P): void;
}

interface Waiter extends Claim {
  start(): void;
  refuse(failure: Failure): void;
}

export function createPlaces<P extends Claim>(limits: PlaceLimits, refusal: () => Failure): Places<P> {
  const { atOnce, atOnceEach, forAdmin } = limits;
  const underWay = new Set<P>();
  const line = createShares<Waiter>(atOnce);

  function mayStart(claim: Claim): boolean {
    const held = countByParty(underWay);
    if (held(claim, 'client') >= atOnceEach) return false;
    const kept = claim.client === adminName ? 0 : forAdmin - Math.min(forAdmin, held({ client: adminName }, 'client'));
    return underWay.size + kept < atOnce;
  }

  function startNext(): void {
    const next = line.inOrder(underWay).find(mayStart);
    if (next === undefined) return;
    line.begin(next);
    next.start();
    startNext();
  }

  function makeRoom(claim: Claim): void {
    if (line.size < limits.waiting) return;
    const displaced = whoMakesRoom(line, claim);
    if (displaced === undefined) throw refusal();
    displaced.refuse(refusal());
  }

  function wait(place: P, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const refuse = (failure: Failure) => {
        signal.removeEventListener('abort', onAbort);
        line.remove(waiter);
        reject(failure);
      };
      const onAbort = () => refuse(reasonOf(signal));
      const waiter: Waiter = {
        client: place.client,
        start() {
          signal.removeEventListener('abort', onAbort);
          underWay.add(place);
          resolve();
        },
        refuse,
      };
      signal.addEventListener('abort', onAbort, { once: true });
      line.add(waiter, underWay);
    });
  }

  return {
    underWay,
    async enter(place, signal) {
      if (signal.aborted) throw reasonOf(signal);
      if (mayStart(place)) {
        underWay.add(place);
        return;
      }
      makeRoom(place);
      await wait(place, signal);
    },
    leave(place) {
      underWay.delete(place);
      startNext();
    },
  };
}

function reasonOf({ reason }: AbortSignal): Failure {
  return reason instanceof Failure ? reason : cancelled(reason);
}

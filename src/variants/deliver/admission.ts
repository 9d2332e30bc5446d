import { cancelled, Failure } from '../../failure.ts';
import { type Claim, countByParty, createShares, whoMakesRoom } from '../../shares.ts';
import type { Telemetry } from '../../telemetry.ts';
import { createReturnTimes } from './return-times.ts';

export interface AdmissionOptions {
  /** Pieces of work under way at once; one more for whoever comes while they are all one client's. */
  readonly slots: number;
  /** Pieces of work that may wait; past it they are refused at once. */
  readonly queueMax: number;
  readonly telemetry: Telemetry;
  /** Monotonic milliseconds. */
  readonly clock: { now(): number };
}

/** Whose the work is, and who waits for it. */
export interface AdmissionRequest extends Claim {
  readonly signal: AbortSignal;
  /** Visitors go before warming. */
  readonly priority: 'visitor' | 'warming';
}

/**
 * A slot, a place in the queue, or a refusal now. Clients take turns, and so do the originals of one client. While others
 * wait, one client or original has at most half of the slots. A full queue is shared evenly: the newest of whoever waits
 * for most is sent away for a newcomer that waits for less.
 */
export interface Admission {
  /**
   * Failures: `overloaded` at once when the queue is full, or later when others need the place in it; `cancelled` when
   * the signal aborts in the queue.
   */
  run<T>(work: () => Promise<T>, request: AdmissionRequest): Promise<T>;
  /** Throws what `run` would refuse with now: for a caller that has to do something else first. */
  refuseWhenFull(claim: Claim): void;
  queued(): number;
}

/** The queue is full, or the place in it was needed for others: by whom this was asked matters to those who joined them. */
export class QueueFull extends Failure {
  readonly client: string | undefined;

  constructor({ client }: Claim, retryAfterSeconds: number) {
    const message = 'Too many pictures are being made right now; try again in a moment.';
    super('overloaded', message, { retryAfterSeconds });
    this.client = client;
  }
}

interface Waiter extends AdmissionRequest {
  readonly begin: () => void;
  readonly refuse: (failure: Failure) => void;
}

/** For another client than the one that has all: it fetches meanwhile, and draws next. */
const spareSlots = 1;

export function createAdmission({ slots, queueMax, telemetry, clock }: AdmissionOptions): Admission {
  const waiting = createShares<Waiter>(slots);
  const underWay = new Set<Claim>();
  const returnTimes = createReturnTimes({ slots, clock, random: Math.random });
  /** One original's pictures leave a slot to others: its bytes are at hand, so they need none to fetch in while they draw. */
  const mostOfOriginal = Math.max(2, slots - 1);

  function mayBegin(claim: Claim, held = countByParty(underWay)): boolean {
    const isLeft = underWay.size < slots || (underWay.size < slots + spareSlots && held(claim, 'client') < slots);
    return isLeft && held(claim, 'original') < mostOfOriginal;
  }

  function refusal(claim: Claim): Failure {
    telemetry.report({ type: 'refused', reason: 'queue-full' });
    return new QueueFull(claim, returnTimes.next(waiting.size));
  }

  const isFull = (claim: Claim) => !mayBegin(claim) && waiting.size >= queueMax;

  /** Failures: `overloaded`. */
  function makeRoom(claim: Claim): void {
    if (!isFull(claim)) return;
    const displaced = whoMakesRoom(waiting, claim);
    if (displaced === undefined) throw refusal(claim);
    displaced.refuse(refusal(displaced));
  }

  function beginNext(): void {
    const held = countByParty(underWay);
    const able = waiting.inOrder(underWay).filter((waiter) => mayBegin(waiter, held));
    const next = able.find(({ priority }) => priority === 'visitor') ?? able[0];
    if (next === undefined) return;
    waiting.begin(next);
    next.begin();
    beginNext();
  }

  function waitForSlot(request: AdmissionRequest): Promise<void> {
    const { signal } = request;
    return new Promise((resolve, reject) => {
      const leave = (reason: Failure) => {
        signal.removeEventListener('abort', abandon);
        waiting.remove(waiter);
        reject(reason);
      };
      const abandon = () => leave(cancelled(signal.reason));
      const waiter: Waiter = {
        ...request,
        begin() {
          signal.removeEventListener('abort', abandon);
          underWay.add(request);
          resolve();
        },
        refuse: leave,
      };
      signal.addEventListener('abort', abandon, { once: true });
      waiting.add(waiter, underWay);
    });
  }

  return {
    refuseWhenFull(claim) {
      if (isFull(claim) && whoMakesRoom(waiting, claim) === undefined) throw refusal(claim);
    },
    async run(work, request) {
      if (request.signal.aborted) throw cancelled(request.signal.reason);
      makeRoom(request);
      if (mayBegin(request)) underWay.add(request);
      else await waitForSlot(request);
      const began = clock.now();
      try {
        return await work();
      } finally {
        returnTimes.finished(clock.now() - began);
        underWay.delete(request);
        beginNext();
      }
    },
    queued: () => waiting.size,
  };
}

import { cancelled, Failure } from '../../failure.ts';
import { type Claim, countByParty, createShares, type Shares, whoMakesRoom } from '../../shares.ts';
import type { Telemetry } from '../../telemetry.ts';
import { createReturnTimes, type ReturnTimes } from './return-times.ts';

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

interface QueuedWork extends AdmissionRequest {
  readonly begin: () => void;
  readonly refuse: (failure: Failure) => void;
}

/** For another client than the one that has all: it fetches meanwhile, and draws next. */
const spareSlots = 1;

interface AdmissionState extends AdmissionOptions {
  readonly waiting: Shares<QueuedWork>;
  readonly underWay: Set<Claim>;
  readonly returnTimes: ReturnTimes;
  /** One original's pictures leave a slot to others: its bytes are at hand, so they need none to fetch in while they draw. */
  readonly mostOfOriginal: number;
}

export function createAdmission(options: AdmissionOptions): Admission {
  const { slots, clock } = options;
  const state: AdmissionState = {
    ...options,
    waiting: createShares(slots),
    underWay: new Set(),
    returnTimes: createReturnTimes({ slots, clock, random: Math.random }),
    mostOfOriginal: Math.max(2, slots - 1),
  };
  return {
    run: (work, request) => run(state, work, request),
    refuseWhenFull: (claim) => refuseWhenFull(state, claim),
    queued: () => state.waiting.size,
  };
}

async function run<T>(state: AdmissionState, work: () => Promise<T>, request: AdmissionRequest): Promise<T> {
  const { underWay, clock } = state;
  if (request.signal.aborted) throw cancelled(request.signal.reason);
  makeRoom(state, request);
  if (mayBegin(state, request)) underWay.add(request);
  else await waitForSlot(state, request);
  const began = clock.now();
  try {
    return await work();
  } finally {
    state.returnTimes.finished(clock.now() - began);
    underWay.delete(request);
    beginNext(state);
  }
}

function mayBegin(state: AdmissionState, claim: Claim, held = countByParty(state.underWay)): boolean {
  const { underWay, slots, mostOfOriginal } = state;
  const isLeft = underWay.size < slots || (underWay.size < slots + spareSlots && held(claim, 'client') < slots);
  return isLeft && held(claim, 'original') < mostOfOriginal;
}

function isFull(state: AdmissionState, claim: Claim): boolean {
  return !mayBegin(state, claim) && state.waiting.size >= state.queueMax;
}

function refuseWhenFull(state: AdmissionState, claim: Claim): void {
  if (isFull(state, claim) && whoMakesRoom(state.waiting, claim) === undefined) throw refusal(state, claim);
}

/** In a full queue, where others have more than their part. Failures: `overloaded` where they have not. */
function makeRoom(state: AdmissionState, claim: Claim): void {
  if (!isFull(state, claim)) return;
  const displaced = whoMakesRoom(state.waiting, claim);
  if (displaced === undefined) throw refusal(state, claim);
  displaced.refuse(refusal(state, displaced));
}

function refusal({ telemetry, returnTimes, waiting }: AdmissionState, claim: Claim): Failure {
  telemetry.report({ type: 'refused', reason: 'queue-full' });
  return new QueueFull(claim, returnTimes.next(waiting.size));
}

function waitForSlot(state: AdmissionState, request: AdmissionRequest): Promise<void> {
  const { waiting, underWay } = state;
  const { signal } = request;
  return new Promise((resolve, reject) => {
    const leave = (reason: Failure) => {
      signal.removeEventListener('abort', abandon);
      waiting.remove(waiter);
      reject(reason);
    };
    const abandon = () => leave(cancelled(signal.reason));
    const waiter: QueuedWork = {
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

/** Gives the slots that are left to those who wait. */
function beginNext(state: AdmissionState): void {
  const { waiting, underWay } = state;
  const held = countByParty(underWay);
  const able = waiting.inOrder(underWay).filter((waiter) => mayBegin(state, waiter, held));
  const next = able.find(({ priority }) => priority === 'visitor') ?? able[0];
  if (next === undefined) return;
  waiting.begin(next);
  next.begin();
  beginNext(state);
}

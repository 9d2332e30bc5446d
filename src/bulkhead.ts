import { abortFailure, stopIfAborted } from './deadline.ts';
import type { Failure } from './failure.ts';
import { type Claim, countByParty, createShares, type Shares, whoMakesRoom } from './shares.ts';

export interface BulkheadLimits {
  /** Pieces of work under way at once. */
  readonly atOnce: number;
  /** Of one client, so that nobody's keep out everybody's. */
  readonly atOnceEach: number;
  /** Of them all, those that nobody but one client has; none by default. */
  readonly kept?: { readonly client: string; readonly places: number };
  /** Those that may wait; past it somebody is refused at once. */
  readonly waiting: number;
}

/** So many pieces of work at once, and a line before them, both shared among clients. */
export interface Bulkhead<Work extends Claim> {
  readonly underWay: Iterable<Work>;
  /**
   * Waits for the turn of its client, however long where there is no signal. Failures: `overloaded` when the line is full, or when others need the place in it;
   * `cancelled` when the signal aborts; and whatever Failure the signal aborts with.
   */
  enter(work: Work, signal?: AbortSignal): Promise<void>;
  leave(work: Work): void;
}

interface Waiter extends Claim {
  start(): void;
  refuse(failure: Failure): void;
}

interface BulkheadState<Work extends Claim> {
  readonly limits: BulkheadLimits;
  /** What whoever finds the line full, or leaves it for others, hears. */
  readonly refusal: (claim: Claim) => Failure;
  readonly underWay: Set<Work>;
  readonly line: Shares<Waiter>;
}

export function createBulkhead<Work extends Claim>(
  limits: BulkheadLimits,
  refusal: (claim: Claim) => Failure,
): Bulkhead<Work> {
  const underWay = new Set<Work>();
  const state: BulkheadState<Work> = { limits, refusal, underWay, line: createShares(limits.atOnce) };
  return {
    underWay,
    enter: (work, signal) => enter(state, work, signal),
    leave(work) {
      underWay.delete(work);
      startNext(state);
    },
  };
}

async function enter<Work extends Claim>(state: BulkheadState<Work>, work: Work, signal?: AbortSignal): Promise<void> {
  stopIfAborted(signal);
  if (mayStart(state, work)) {
    state.underWay.add(work);
    return;
  }
  makeRoom(state, work);
  await waitInLine(state, work, signal);
}

function mayStart<Work extends Claim>({ limits, underWay }: BulkheadState<Work>, claim: Claim): boolean {
  const { atOnce, atOnceEach, kept } = limits;
  const held = countByParty(underWay);
  if (held(claim, 'client') >= atOnceEach) return false;
  if (kept === undefined || claim.client === kept.client) return underWay.size < atOnce;
  return underWay.size + Math.max(0, kept.places - held(kept, 'client')) < atOnce;
}

function makeRoom<Work extends Claim>({ limits, line, refusal }: BulkheadState<Work>, claim: Claim): void {
  if (line.size < limits.waiting) return;
  const displaced = whoMakesRoom(line, claim);
  if (displaced === undefined) throw refusal(claim);
  displaced.refuse(refusal(displaced));
}

function waitInLine<Work extends Claim>(
  { line, underWay }: BulkheadState<Work>,
  work: Work,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (failure: Failure) => {
      signal?.removeEventListener('abort', onAbort);
      line.remove(waiter);
      reject(failure);
    };
    const onAbort = () => signal && refuse(abortFailure(signal));
    const waiter: Waiter = {
      client: work.client,
      start() {
        signal?.removeEventListener('abort', onAbort);
        underWay.add(work);
        resolve();
      },
      refuse,
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    line.add(waiter, underWay);
  });
}

function startNext<Work extends Claim>(state: BulkheadState<Work>): void {
  const { line, underWay } = state;
  const next = line.inOrder(underWay).find((waiter) => mayStart(state, waiter));
  if (next === undefined) return;
  line.begin(next);
  next.start();
  startNext(state);
}

/** Pieces of work that may begin in one turn of the event loop: some milliseconds of it. */
const perTurn = 8;

interface TurnsState {
  waiting: (() => void)[];
  /** In this turn of the event loop. */
  begun: number;
}

/**
 * Begins pieces of work at once while they are few, and shares out a crowd over turns of the event loop, first come
 * first served: between two turns sockets are read and timers run, and nobody waits for the whole crowd. How many may
 * wait is the caller's to bound; for requests it is the connections there may be.
 */
export function createTurns(): (begin: () => void) => void {
  const state: TurnsState = { waiting: [], begun: 0 };
  return (begin) => {
    if (state.begun < perTurn && state.waiting.length === 0) beginNow(state, begin);
    else state.waiting.push(begin);
  };
}

function beginNow(state: TurnsState, begin: () => void): void {
  if (state.begun === 0) setImmediate(nextTurn, state);
  state.begun += 1;
  begin();
}

function nextTurn(state: TurnsState): void {
  state.begun = 0;
  const next = state.waiting.slice(0, perTurn);
  state.waiting = state.waiting.slice(perTurn);
  for (const begin of next) beginNow(state, begin);
}

interface TurnAllowance {
  readonly perTurn: number;
  left: number;
}

/** True for so many calls in each turn of the event loop: what is over it waits for its turn, as others do. */
export function createTurnAllowance(perTurn: number): () => boolean {
  const allowance: TurnAllowance = { perTurn, left: perTurn };
  return () => take(allowance);
}

function take(allowance: TurnAllowance): boolean {
  if (allowance.left === 0) return false;
  if (allowance.left === allowance.perTurn) setImmediate(renew, allowance);
  allowance.left -= 1;
  return true;
}

function renew(allowance: TurnAllowance): void {
  allowance.left = allowance.perTurn;
}

/** Work on the one thread that stands still often: each step takes a few milliseconds at most, whatever it is about. */
export type Steps<T> = Generator<void, T, void>;

/** Does it in one go: for processes in which nobody else waits. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

const standing: (() => void)[] = [];

/** One step in each turn, whosever it is, since all work of a process shares its thread. */
function nextStep(): void {
  const go = standing.shift();
  if (standing.length > 0) setImmediate(nextStep);
  go?.();
}

/**
 * Does the first step at once and each further one in a turn of its own, one after the other with all others that stand
 * still: between two turns sockets are read and timers run. How much may stand still is the caller's to bound.
 */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    await new Promise<void>((go) => {
      standing.push(go);
      if (standing.length === 1) setImmediate(nextStep);
    });
  }
}

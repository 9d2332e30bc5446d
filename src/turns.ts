/** Pieces of work that may begin in one turn of the event loop: some milliseconds of it. */
const perTurn = 8;

/**
 * Begins pieces of work at once while they are few, and shares out a crowd over turns of the event loop, first come
 * first served: between two turns sockets are read and timers run, and nobody waits for the whole crowd. How many may
 * wait is the caller's to bound; for requests it is the connections there may be.
 */
export function createTurns(): (begin: () => void) => void {
  let waiting: (() => void)[] = [];
  let begun = 0;

  function run(begin: () => void): void {
    if (begun === 0) setImmediate(nextTurn);
    begun += 1;
    begin();
  }

  function nextTurn(): void {
    begun = 0;
    const next = waiting.slice(0, perTurn);
    waiting = waiting.slice(perTurn);
    for (const begin of next) run(begin);
  }

  return (begin) => {
    if (begun < perTurn && waiting.length === 0) run(begin);
    else waiting.push(begin);
  };
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

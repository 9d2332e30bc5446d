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

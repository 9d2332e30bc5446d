/** Pauses before another start when processes die while starting, doubled each time, so that a broken install idles. */
const firstBackOffMs = 100;
const longestBackOffMs = 30_000;

/**
 * Loading takes a core for half a second. When several processes are lost at once they come back some at a time, so that
 * hits have the other cores.
 */
export interface Starts {
  /**
   * Runs a start in its turn, or at once; it counts until it is done, or until others have waited long enough: one that
   * hangs is not to keep them away.
   */
  run<Result>(start: () => Promise<Result>, when: 'in turn' | 'at once'): Promise<Result>;
  /** A process did not come up. Returns the milliseconds to wait before the next is started for it. */
  failed(): number;
  /** A process can draw. */
  succeeded(): void;
}

export interface StartsOptions {
  /** How many may load their libraries at once. */
  readonly most: number;
  /** Milliseconds that others wait for one of them. */
  readonly patienceMs: number;
}

interface StartsState extends StartsOptions {
  /** Those that count. */
  underWay: number;
  /** Lets the next one begin. */
  readonly waiting: (() => void)[];
  failuresInRow: number;
}

export function createStarts(options: StartsOptions): Starts {
  const state: StartsState = { ...options, underWay: 0, waiting: [], failuresInRow: 0 };
  return {
    run: (start, when) => runInTurn(state, start, when),
    failed() {
      state.failuresInRow += 1;
      return Math.min(longestBackOffMs, firstBackOffMs * 2 ** (state.failuresInRow - 1));
    },
    succeeded() {
      state.failuresInRow = 0;
    },
  };
}

async function runInTurn<Result>(
  state: StartsState,
  start: () => Promise<Result>,
  when: 'in turn' | 'at once',
): Promise<Result> {
  if (when === 'at once' || state.underWay < state.most) state.underWay += 1;
  else await new Promise<void>((resolve) => state.waiting.push(resolve));
  const counted = { isOver: false };
  const patience = setTimeout(() => stopCounting(state, counted), state.patienceMs).unref();
  try {
    return await start();
  } finally {
    clearTimeout(patience);
    stopCounting(state, counted);
  }
}

function stopCounting(state: StartsState, counted: { isOver: boolean }): void {
  if (counted.isOver) return;
  counted.isOver = true;
  state.underWay -= 1;
  if (state.underWay >= state.most) return;
  const next = state.waiting.shift();
  if (next === undefined) return;
  // Counted here, so that nobody comes between.
  state.underWay += 1;
  next();
}

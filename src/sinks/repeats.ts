/** Tells what is said for the first time from what is said again, which is counted and told of now and then. */
export interface Repeats {
  /** True: to be written now. False: counted, and `again` is called at the end of the interval, of the last one with all. */
  isFirst(cause: string, again: (counted: Counted) => void): boolean;
  /** Counted, and no first. */
  count(cause: string, again: (counted: Counted) => void): void;
  /** Tells at once what has been counted. */
  flush(): void;
}

export interface Counted {
  readonly count: number;
  readonly seconds: number;
}

/** An outage of an hour is a line at once, and one after a minute, after ten more and at its end. */
const intervalsMs: readonly [number, ...number[]] = [60_000, 600_000, 3_600_000];
/** Causes that are told apart; what is more shares a line. */
const mostCauses = 200;

interface Seen {
  again: (counted: Counted) => void;
  count: number;
  since: number;
  readonly timer: NodeJS.Timeout;
}

interface RepeatsState {
  readonly seen: Map<string, Seen>;
}

export function createRepeats(): Repeats {
  const state: RepeatsState = { seen: new Map() };
  return {
    isFirst: (cause, again) => isFirst(state, cause, { again, begins: 0 }),
    count: (cause, again) => void isFirst(state, cause, { again, begins: 1 }),
    flush: () => flush(state),
  };
}

function isFirst(
  state: RepeatsState,
  cause: string,
  { again, begins }: Pick<Seen, 'again'> & { readonly begins: number },
): boolean {
  const name = state.seen.has(cause) || state.seen.size < mostCauses ? cause : 'others';
  const seen = state.seen.get(name);
  if (seen === undefined) {
    // What is no first is told of when the longest interval has passed.
    watch(state, name, { again, count: begins, interval: begins === 0 ? 0 : intervalsMs.length - 1 });
    return true;
  }
  seen.count += 1;
  seen.again = again;
  return false;
}

function watch(
  state: RepeatsState,
  name: string,
  { again, count, interval }: Pick<Seen, 'again' | 'count'> & { readonly interval: number },
): void {
  const ms = intervalsMs[interval] ?? intervalsMs[0];
  const timer = setTimeout(endInterval, ms, state, name, interval).unref();
  state.seen.set(name, { again, count, since: performance.now(), timer });
}

function endInterval(state: RepeatsState, name: string, interval: number): void {
  const seen = state.seen.get(name);
  state.seen.delete(name);
  if (seen === undefined || seen.count === 0) return;
  tell(seen);
  watch(state, name, { again: seen.again, count: 0, interval: Math.min(interval + 1, intervalsMs.length - 1) });
}

function tell(seen: Seen): void {
  seen.again({ count: seen.count, seconds: Math.round((performance.now() - seen.since) / 1000) });
}

function flush({ seen }: RepeatsState): void {
  for (const one of seen.values()) {
    clearTimeout(one.timer);
    if (one.count > 0) tell(one);
  }
  seen.clear();
}

/** Nobody is sent away for longer: by then the rush may well be over. */
const maxMs = 30_000;

/** What a piece of work is taken to last before one has been finished. */
const usualMs = 500;

/** Of the newest piece in the mean: the last ten or so count. */
const newestShare = 0.1;

/** Hands out times to come again, as many a second as pieces of work are finished: a queue that takes no room here. */
export interface ReturnTimes {
  /** A piece of work has taken so many milliseconds. */
  finished(tookMs: number): void;
  /** Whole seconds, 1 to 30, until there should be a place behind `waiting` others and those sent away before. */
  next(waiting: number): number;
}

export interface ReturnTimesOptions {
  /** Pieces of work under way at once. */
  readonly slots: number;
  /** Monotonic milliseconds. */
  readonly clock: { now(): number };
  /** From 0 to just under 1. */
  readonly random: () => number;
}

/**
 * With one time for all who are refused they come again together, and most are refused again: at five times what can be
 * done three of four requests are refusals then, and cost what pictures could have had.
 */
export function createReturnTimes({ slots, clock, random }: ReturnTimesOptions): ReturnTimes {
  let meanMs = usualMs;
  let nextFree = Number.NEGATIVE_INFINITY;
  return {
    finished(tookMs) {
      meanMs += newestShare * (tookMs - meanMs);
    },
    next(waiting) {
      const now = clock.now();
      // Little's law: with all slots busy one piece is finished in this time.
      const msEach = meanMs / slots;
      nextFree = Math.min(now + maxMs, Math.max(nextFree, now + waiting * msEach) + msEach);
      const seconds = Math.ceil((nextFree - now) / 1_000);
      // A second sooner or later: whoever was refused at the same moment would otherwise come again at the same moment.
      return Math.min(maxMs / 1_000, Math.max(1, seconds + Math.floor(random() * 3) - 1));
    },
  };
}

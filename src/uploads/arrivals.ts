import { cancelled, Failure } from '../failure.ts';

export interface ArrivalLimits {
  /** Bodies that arrive at once: of each some 4 MiB are held. */
  readonly atOnce: number;
  /** Of one owner, so that nobody's uploads keep out everybody's. */
  readonly atOnceEach: number;
  /** Bodies that may wait, unread; past it they are refused at once. */
  readonly waiting: number;
  /** Milliseconds that one waits at most. */
  readonly waitMs: number;
}

/** Admission of bodies, as there is one of renders. */
export interface Arrivals {
  /** Failures: `overloaded` when too many wait, or for too long; `cancelled` when the signal aborts in the line. */
  run<T>(owner: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

interface Waiting {
  readonly owner: string;
  readonly start: () => void;
}

export function createArrivals(limits: ArrivalLimits): Arrivals {
  const line = new Set<Waiting>();
  const under = new Map<string, number>();
  let active = 0;

  const mayStart = (owner: string) => active < limits.atOnce && (under.get(owner) ?? 0) < limits.atOnceEach;

  function begin(owner: string): void {
    active += 1;
    under.set(owner, (under.get(owner) ?? 0) + 1);
  }

  function end(owner: string): void {
    active -= 1;
    const left = (under.get(owner) ?? 1) - 1;
    if (left === 0) under.delete(owner);
    else under.set(owner, left);
    for (const next of line) if (mayStart(next.owner)) next.start();
  }

  function wait(owner: string, signal: AbortSignal): Promise<void> {
    if (line.size >= limits.waiting) return Promise.reject(tooMany());
    return new Promise((resolve, reject) => {
      const leave = (failure: Failure) => {
        done();
        reject(failure);
      };
      const onAbort = () => leave(cancelled(signal.reason));
      const timer = setTimeout(() => leave(tooMany()), limits.waitMs);
      const one: Waiting = {
        owner,
        start() {
          done();
          begin(owner);
          resolve();
        },
      };
      const done = () => {
        line.delete(one);
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      line.add(one);
    });
  }

  return {
    async run(owner, signal, work) {
      if (signal.aborted) throw cancelled(signal.reason);
      if (mayStart(owner)) begin(owner);
      else await wait(owner, signal);
      try {
        return await work();
      } finally {
        end(owner);
      }
    },
  };
}

function tooMany(): Failure {
  return new Failure('overloaded', 'Too many uploads arrive right now; try again in a moment.', {
    retryAfterSeconds: 5,
  });
}

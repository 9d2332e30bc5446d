import { cancelled } from './failure.ts';
import { createTurns } from './turns.ts';

/** What the work of a flight may know about those who wait for it. */
export interface FlightControl {
  /** Aborts when the last waiter has left before `commit`. */
  readonly signal: AbortSignal;
  /** From here on the work is worth finishing, even if nobody waits any more. */
  commit(): void;
  /** False once the flight was detached: its result may still be answered, but not kept. */
  isCurrent(): boolean;
}

export interface Landed<T> {
  readonly value: T;
  /** True for the caller that started the work, false for those who joined. */
  readonly led: boolean;
}

/** Single flight: callers of one key share one piece of work. */
export interface Flights<T> {
  join(key: string, signal: AbortSignal, work: (control: FlightControl) => Promise<T>): Promise<Landed<T>>;
  /** Lets nobody else join the flights of these keys, and tells them that their result is out of date. */
  detach(matches: (key: string) => boolean): void;
}

interface Flight<T> {
  readonly promise: Promise<T>;
  readonly controller: AbortController;
  waiters: number;
  committed: boolean;
  current: boolean;
}

export function createFlights<T>(): Flights<T> {
  const flights = new Map<string, Flight<T>>();
  // Hundreds may have waited, and each answers as soon as it is told.
  const inTurn = createTurns();

  function launch(key: string, work: (control: FlightControl) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const control: FlightControl = {
      signal: controller.signal,
      commit: () => {
        flight.committed = true;
      },
      isCurrent: () => flight.current,
    };
    const promise = Promise.resolve()
      .then(() => work(control))
      .finally(() => release(key, flight));
    const flight: Flight<T> = { promise, controller, waiters: 0, committed: false, current: true };
    // Everybody may have left by the time it fails; those who wait see the rejection themselves.
    promise.catch(() => undefined);
    flights.set(key, flight);
    return flight;
  }

  function release(key: string, flight: Flight<T>): void {
    if (flights.get(key) === flight) flights.delete(key);
  }

  function leave(key: string, flight: Flight<T>): void {
    flight.waiters -= 1;
    if (flight.waiters > 0 || flight.committed) return;
    release(key, flight);
    flight.controller.abort();
  }

  return {
    async join(key, signal, work) {
      if (signal.aborted) throw cancelled(signal.reason);
      const joined = flights.get(key);
      const flight = joined ?? launch(key, work);
      flight.waiters += 1;
      return new Promise<Landed<T>>((resolve, reject) => {
        const onAbort = () => {
          leave(key, flight);
          reject(cancelled(signal.reason));
        };
        signal.addEventListener('abort', onAbort, { once: true });
        flight.promise
          .then(
            (value) => inTurn(() => resolve({ value, led: joined === undefined })),
            (error: unknown) => inTurn(() => reject(error)),
          )
          .finally(() => signal.removeEventListener('abort', onAbort));
      });
    },
    detach(matches) {
      for (const [key, flight] of flights) {
        if (!matches(key)) continue;
        flight.current = false;
        flights.delete(key);
      }
    },
  };
}

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
  /** True while one of these keys is under way that others may join. */
  some(matches: (key: string) => boolean): boolean;
}

interface Flight<T> {
  readonly promise: Promise<T>;
  readonly controller: AbortController;
  waiters: number;
  isCommitted: boolean;
  isCurrent: boolean;
}

interface FlightsState<T> {
  readonly flights: Map<string, Flight<T>>;
  /** Hundreds may have waited, and each responds as soon as it is told. */
  readonly inTurn: (begin: () => void) => void;
}

/** Somebody who waits for a flight. */
interface Passenger<T> {
  readonly key: string;
  readonly flight: Flight<T>;
  readonly led: boolean;
}

export function createFlights<T>(): Flights<T> {
  const state: FlightsState<T> = { flights: new Map(), inTurn: createTurns() };
  return {
    async join(key, signal, work) {
      if (signal.aborted) throw cancelled(signal.reason);
      const joined = state.flights.get(key);
      const flight = joined ?? launch(state, key, work);
      return wait(state, { key, flight, led: joined === undefined }, signal);
    },
    detach: (matches) => detach(state, matches),
    some: (matches) => some(state, matches),
  };
}

function launch<T>(state: FlightsState<T>, key: string, work: (control: FlightControl) => Promise<T>): Flight<T> {
  const controller = new AbortController();
  const control: FlightControl = {
    signal: controller.signal,
    commit: () => {
      flight.isCommitted = true;
    },
    isCurrent: () => flight.isCurrent,
  };
  const promise = Promise.resolve()
    .then(() => work(control))
    .finally(() => release(state, key, flight));
  const flight: Flight<T> = { promise, controller, waiters: 0, isCommitted: false, isCurrent: true };
  // Everybody may have left by the time it fails; those who wait see the rejection themselves.
  promise.catch(() => undefined);
  state.flights.set(key, flight);
  return flight;
}

function release<T>({ flights }: FlightsState<T>, key: string, flight: Flight<T>): void {
  if (flights.get(key) === flight) flights.delete(key);
}

function wait<T>(state: FlightsState<T>, waiter: Passenger<T>, signal: AbortSignal): Promise<Landed<T>> {
  const { flight, led } = waiter;
  flight.waiters += 1;
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      leave(state, waiter);
      reject(cancelled(signal.reason));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    flight.promise
      .then(
        (value) => state.inTurn(() => resolve({ value, led })),
        (error: unknown) => state.inTurn(() => reject(error)),
      )
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function leave<T>(state: FlightsState<T>, { key, flight }: Passenger<T>): void {
  flight.waiters -= 1;
  if (flight.waiters > 0 || flight.isCommitted) return;
  release(state, key, flight);
  flight.controller.abort();
}

function detach<T>({ flights }: FlightsState<T>, matches: (key: string) => boolean): void {
  for (const [key, flight] of flights) {
    if (!matches(key)) continue;
    flight.isCurrent = false;
    flights.delete(key);
  }
}

function some<T>({ flights }: FlightsState<T>, matches: (key: string) => boolean): boolean {
  for (const key of flights.keys()) if (matches(key)) return true;
  return false;
}

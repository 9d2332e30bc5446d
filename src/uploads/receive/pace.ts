import { Readable } from 'node:stream';
import { stopIfAborted, unlessAborted } from '../../deadline.ts';
import type { Failure } from '../../failure.ts';

/** How a body comes, and its end when it came too slowly. */
export interface Pace {
  /** The same, counted as it comes; once `giveUp` was called it fails with that, at whatever it waits for. */
  of<T>(body: AsyncIterable<T>): AsyncGenerator<T, void, undefined>;
  /** From now on it may come. */
  begin(): void;
  /** Milliseconds since it began. */
  ageMs(): number;
  /** Bytes in a second, of the time in which we waited for them: what the store takes is nobody's slowness. */
  rate(): number;
  /** Counts the first time. */
  giveUp(failure: Failure): void;
  /** What it was given up with; undefined while it may come. */
  givenUp(): Failure | undefined;
}

interface PaceState {
  /** Monotonic milliseconds, as all moments here. */
  began: number;
  bytes: number;
  waitedMs: number;
  /** Undefined while nothing is waited for. */
  waitsSince: number | undefined;
  failure: Failure | undefined;
  /** Fires with the failure. */
  readonly abandon: AbortController;
}

export function createPace(): Pace {
  const state: PaceState = {
    began: performance.now(),
    bytes: 0,
    waitedMs: 0,
    waitsSince: undefined,
    failure: undefined,
    abandon: new AbortController(),
  };
  return {
    of: (body) => paced(state, body),
    begin() {
      state.began = performance.now();
    },
    ageMs: () => performance.now() - state.began,
    rate: () => rateOf(state),
    giveUp(failure) {
      state.failure ??= failure;
      state.abandon.abort(state.failure);
    },
    givenUp: () => state.failure,
  };
}

async function* paced<T>(state: PaceState, body: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  const iterator = body[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      stopIfAborted(state.abandon.signal);
      const { done, value } = await waitFor(state, iterator.next());
      ended = done === true;
      if (ended) return;
      if (value instanceof Uint8Array) state.bytes += value.byteLength;
      yield value;
    }
  } finally {
    if (!ended) await stopReading(body, iterator, state.failure);
  }
}

async function waitFor<T>(state: PaceState, promised: Promise<T>): Promise<T> {
  const since = performance.now();
  state.waitsSince = since;
  try {
    return await unlessAborted(promised, state.abandon.signal);
  } finally {
    state.waitedMs += performance.now() - since;
    state.waitsSince = undefined;
  }
}

function rateOf({ bytes, waitedMs, waitsSince }: PaceState): number {
  const ms = waitedMs + (waitsSince === undefined ? 0 : performance.now() - waitsSince);
  return ms === 0 ? Number.POSITIVE_INFINITY : (1000 * bytes) / ms;
}

/** What is read no further; where it hangs nobody waits for its end. */
async function stopReading<T>(body: AsyncIterable<T>, iterator: AsyncIterator<T>, failure: Failure | undefined) {
  const closed = iterator.return?.();
  if (failure === undefined) await closed;
  else closed?.catch(() => undefined);
  if (body instanceof Readable) body.destroy();
}

import { Readable } from 'node:stream';
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
  giveUp(failure: Failure): void;
  /** What it was given up with. */
  givenUp(): Failure | undefined;
}

/** `now`: monotonic milliseconds. */
export function createPace(now: () => number): Pace {
  let began = now();
  let bytes = 0;
  let waitedMs = 0;
  let waitsSince: number | undefined;
  let failure: Failure | undefined;
  const abandon = new AbortController();

  /** Until it comes, or is given up. */
  function next<T>(promised: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = () => reject(failure);
      abandon.signal.addEventListener('abort', stop, { once: true });
      promised.then(resolve, reject).finally(() => abandon.signal.removeEventListener('abort', stop));
    });
  }

  async function waitFor<T>(promised: Promise<T>): Promise<T> {
    const since = now();
    waitsSince = since;
    try {
      return await next(promised);
    } finally {
      waitedMs += now() - since;
      waitsSince = undefined;
    }
  }

  return {
    async *of(body) {
      const iterator = body[Symbol.asyncIterator]();
      let ended = false;
      try {
        for (;;) {
          if (failure !== undefined) throw failure;
          const { done, value } = await waitFor(iterator.next());
          ended = done === true;
          if (ended) return;
          if (value instanceof Uint8Array) bytes += value.byteLength;
          yield value;
        }
      } finally {
        if (!ended) await close(body, iterator, failure);
      }
    },
    begin() {
      began = now();
    },
    ageMs: () => now() - began,
    rate() {
      const ms = waitedMs + (waitsSince === undefined ? 0 : now() - waitsSince);
      return ms === 0 ? Number.POSITIVE_INFINITY : (1000 * bytes) / ms;
    },
    giveUp(reason) {
      failure ??= reason;
      abandon.abort();
    },
    givenUp: () => failure,
  };
}

/** What is read no further; where it hangs nobody waits for its end. */
async function close<T>(body: AsyncIterable<T>, iterator: AsyncIterator<T>, failure: Failure | undefined) {
  const closed = iterator.return?.();
  if (failure === undefined) await closed;
  else closed?.catch(() => undefined);
  if (body instanceof Readable) body.destroy();
}

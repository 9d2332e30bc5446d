import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { isFailure } from '../src/failure.ts';
import { createFlights } from '../src/flights.ts';

function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

const forever = () => new AbortController().signal;

describe('single flight', () => {
  it('does the work once for all who ask while it is under way', async () => {
    const flights = createFlights<number>();
    const work = deferred<number>();
    let started = 0;
    const all = Array.from({ length: 50 }, () =>
      flights.join('key', forever(), () => {
        started += 1;
        return work.promise;
      }),
    );
    work.resolve(7);
    const landed = await Promise.all(all);
    expect(started).toBe(1);
    expect(landed.map(({ value }) => value)).toEqual(Array(50).fill(7));
    expect(landed.filter(({ led }) => led)).toHaveLength(1);
  });

  it('starts anew once a flight has landed', async () => {
    const flights = createFlights<number>();
    let started = 0;
    const once = () => flights.join('key', forever(), async () => ++started);
    expect((await once()).value).toBe(1);
    expect((await once()).value).toBe(2);
  });

  it('gives every waiter the same failure', async () => {
    const flights = createFlights<number>();
    const failure = new Error('no');
    const results = await Promise.allSettled(
      Array.from({ length: 3 }, () => flights.join('key', forever(), () => Promise.reject(failure))),
    );
    expect(results.every((result) => result.status === 'rejected' && result.reason === failure)).toBe(true);
  });

  it.each([
    ['value', (work: ReturnType<typeof deferred<number>>) => work.resolve(7)],
    ['failure', (work: ReturnType<typeof deferred<number>>) => work.reject(new Error('no'))],
  ])('tells a crowd of its %s over several turns of the event loop', async (_, land) => {
    const flights = createFlights<number>();
    const work = deferred<number>();
    let told = 0;
    const all = Array.from({ length: 100 }, () =>
      flights
        .join('key', forever(), () => work.promise)
        .then(
          () => {
            told += 1;
          },
          () => {
            told += 1;
          },
        ),
    );
    land(work);
    await nextTurn();
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThan(100);
    await Promise.all(all);
    expect(told).toBe(100);
  });

  it('aborts the work when the last waiter leaves, and not before', async () => {
    const flights = createFlights<number>();
    const first = new AbortController();
    const second = new AbortController();
    const seen = deferred<AbortSignal>();
    const work = (control: { signal: AbortSignal }) => {
      seen.resolve(control.signal);
      return new Promise<number>(() => {});
    };
    const a = flights.join('key', first.signal, work);
    const b = flights.join('key', second.signal, work);
    const signal = await seen.promise;
    first.abort();
    await expect(a).rejects.toSatisfy((error) => isFailure(error, 'cancelled'));
    expect(signal.aborted).toBe(false);
    second.abort();
    await expect(b).rejects.toSatisfy((error) => isFailure(error, 'cancelled'));
    expect(signal.aborted).toBe(true);
  });

  it('goes on with committed work when everybody has left, and lets newcomers join it', async () => {
    const flights = createFlights<number>();
    const work = deferred<number>();
    const leaver = new AbortController();
    const started = deferred<void>();
    const left = flights.join('key', leaver.signal, ({ commit }) => {
      commit();
      started.resolve();
      return work.promise;
    });
    await started.promise;
    leaver.abort();
    await expect(left).rejects.toSatisfy((error) => isFailure(error, 'cancelled'));
    const late = flights.join('key', forever(), () => Promise.reject(new Error('a second piece of work')));
    work.resolve(1);
    expect(await late).toEqual({ value: 1, led: false });
  });

  it('refuses those who have left before they came', async () => {
    const flights = createFlights<number>();
    const gone = flights.join('key', AbortSignal.abort(), async () => 1);
    await expect(gone).rejects.toSatisfy((error) => isFailure(error, 'cancelled'));
  });

  it('lets nobody join a detached flight, and tells its work that the result is out of date', async () => {
    const flights = createFlights<string>();
    const work = deferred<void>();
    const started = deferred<void>();
    const old = flights.join('key', forever(), async ({ isCurrent }) => {
      started.resolve();
      await work.promise;
      return isCurrent() ? 'current' : 'stale';
    });
    await started.promise;
    flights.detach((key) => key === 'key');
    const fresh = await flights.join('key', forever(), async ({ isCurrent }) => (isCurrent() ? 'current' : 'stale'));
    work.resolve();
    expect(fresh).toEqual({ value: 'current', led: true });
    expect((await old).value).toBe('stale');
  });
});

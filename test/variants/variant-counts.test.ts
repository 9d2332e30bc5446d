import { afterEach, expect, it, vi } from 'vitest';
import { isFailure } from '../../src/failure.ts';
import type { ObjectStore } from '../../src/storage/index.ts';
import { createVariantCounts } from '../../src/variants/deliver/variant-counts.ts';
import { variantPrefix } from '../../src/variants/identify/identity.ts';
import { createFaultyStore, type FaultyStore } from '../support/faulty-store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createRecordingTelemetry } from '../support/test-service.ts';

const never = new AbortController().signal;
const cat = { source: 'cat.jpg' };
const budget = 100;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Stands for what the configuration declares. */
const isDeclared = (_key: string, text: string) => text.startsWith('declared');

afterEach(() => void vi.useRealTimers());

/** Counts over a store of so many variants of the cat, and a clock that goes on when told to. */
async function counting(stored = 0, kind = 'stored') {
  const store = createFaultyStore(createMemoryStore());
  for (let index = 0; index < stored; index += 1) {
    await store.put(`${variantPrefix(cat.source)}${kind}${index}`, Buffer.of(1));
  }
  const telemetry = createRecordingTelemetry();
  let nowMs = 0;
  const counts = createVariantCounts({
    store,
    isDeclared,
    budget: () => budget,
    telemetry,
    clock: { now: () => nowMs },
  });
  const admit = (signal = never) => counts.admit(cat, signal);
  return {
    store,
    telemetry,
    admit,
    async admitAll(count: number) {
      for (let index = 0; index < count; index += 1) await admit();
    },
    pass(ms: number) {
      nowMs += ms;
    },
  };
}

/** Listings wait until the answered function lets them go on. */
function holdListings(store: FaultyStore): () => void {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  store.fail('list', { kind: 'delayed', gate: opened });
  return open;
}

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const turn = new Promise((resolve) => setImmediate(resolve, 'a turn of the loop'));
  return (await Promise.race([promise, turn])) === 'a turn of the loop';
}

it('a listing begins before it is needed, and nobody waits for it until then', async () => {
  const { store, admit, admitAll } = await counting();
  const open = holdListings(store);
  await admitAll(8);
  expect(store.count('list')).toBe(0);
  await admitAll(2);
  expect(store.count('list')).toBe(1);
  const eleventh = admit();
  expect(await isPending(eleventh)).toBe(true);
  open();
  await eleventh;
  expect(store.count('list')).toBe(1);
});

it('a crowd that needs one shares it', async () => {
  const { store, admit, admitAll } = await counting();
  const open = holdListings(store);
  await admitAll(10);
  const crowd = Array.from({ length: 50 }, () => admit());
  open();
  await Promise.all(crowd);
  // The next is due at once, of what the crowd made.
  await admit();
  expect(store.count('list')).toBe(2);
});

it('originals are listed one after the other', async () => {
  const store = createFaultyStore(createMemoryStore());
  const open = holdListings(store);
  const counts = createVariantCounts({
    store,
    isDeclared,
    budget: () => budget,
    telemetry: createRecordingTelemetry(),
    clock: { now: () => 0 },
  });
  for (const source of ['a.jpg', 'b.jpg', 'c.jpg']) {
    for (let index = 0; index < 10; index += 1) await counts.admit({ source }, never);
  }
  expect(store.count('list')).toBe(1);
  open();
  await expect.poll(() => store.count('list')).toBe(3);
});

it('what others have stored counts from the first listing on', async () => {
  const { admit, admitAll } = await counting(budget);
  await admitAll(10);
  await expect(admit()).rejects.toMatchObject({ kind: 'invalid' });
});

it('a full original is listed anew after a minute, and has room again when variants are gone', async () => {
  const { store, admit, admitAll, pass } = await counting(budget);
  await admitAll(10);
  await expect(admit()).rejects.toMatchObject({ kind: 'invalid' });
  const gone = Array.from({ length: 50 }, (_, index) => `${variantPrefix(cat.source)}stored${index}`);
  await store.delete(gone);
  const listings = store.count('list');
  await expect(admit()).rejects.toMatchObject({ kind: 'invalid' });
  expect(store.count('list')).toBe(listings);
  pass(60_000);
  await admit();
  expect(store.count('list')).toBe(listings + 1);
});

it('a store that fails costs no picture, and is asked again ten seconds later', async () => {
  const { store, telemetry, admitAll, pass } = await counting();
  store.fail('list', { kind: 'upstream' });
  await admitAll(50);
  expect(store.count('list')).toBe(1);
  expect(telemetry.events).toMatchObject([{ type: 'tier-fault', tier: 'variants', operation: 'list' }]);
  store.heal();
  pass(10_000);
  await admitAll(1);
  expect(store.count('list')).toBe(2);
});

it('a store that never answers is waited for once, two seconds', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { store, admit, admitAll } = await counting();
  store.fail('list', { kind: 'silent' });
  await admitAll(10);
  const waiting = admit();
  await vi.advanceTimersByTimeAsync(1_999);
  expect(await isPending(waiting)).toBe(true);
  await vi.advanceTimersByTimeAsync(1);
  await waiting;
  await admitAll(budget - 11);
  expect(store.count('list')).toBe(1);
});

it('one that takes its time is waited for, and the limit holds', async () => {
  const { store, admit, admitAll } = await counting(budget);
  const open = holdListings(store);
  await admitAll(10);
  const crowd = Array.from({ length: 50 }, () => admit());
  expect(await isPending(Promise.race(crowd))).toBe(true);
  open();
  const ends = await Promise.allSettled(crowd);
  expect(ends.filter(({ status }) => status === 'fulfilled')).toEqual([]);
});

it('whoever leaves while waiting takes the listing from nobody', async () => {
  const { store, admit, admitAll } = await counting();
  const open = holdListings(store);
  await admitAll(10);
  const leaving = new AbortController();
  const left = admit(leaving.signal);
  const stays = admit();
  leaving.abort();
  await expect(left).rejects.toMatchObject({ kind: 'cancelled' });
  open();
  await stays;
  expect(store.count('list')).toBe(1);
});

/** Counts over a store in which what is admitted is kept, with the time that it was made at. */
function countingInTime() {
  vi.useFakeTimers({ toFake: ['Date'] });
  const began = Date.now();
  const stored = new Map<string, Date>();
  const store: Pick<ObjectStore, 'list'> = {
    async *list(prefix) {
      for (const [name, lastModified] of stored) {
        yield { key: prefix + name, lastModified, size: 1, etag: '', contentType: undefined, metadata: {} };
      }
    },
  };
  let nowMs = 0;
  let names = 0;
  const start = () => {
    // Monotonic clocks begin anew with each process.
    const bootMs = nowMs;
    vi.setSystemTime(began + nowMs);
    const clock = { now: () => nowMs - bootMs };
    return createVariantCounts({
      store,
      isDeclared,
      budget: () => budget,
      telemetry: createRecordingTelemetry(),
      clock,
    });
  };
  const keep = (kind: string) => void stored.set(`${kind}${names++}`, new Date(began + nowMs));
  let counts = start();
  return {
    stored,
    keep,
    pass(ms: number) {
      nowMs += ms;
    },
    /** Since the beginning. */
    hours: () => nowMs / hourMs,
    restart() {
      counts = start();
    },
    /** How many more are admitted now, one after the other, before one is refused. */
    async admitted(): Promise<number> {
      for (let count = 0, refusals = 0; ; ) {
        try {
          await counts.admit(cat, never);
          keep('h_');
          count += 1;
        } catch (error) {
          if (!isFailure(error, 'invalid')) throw error;
          // What was made while the store was listed counts twice until it is listed again, a minute later.
          if (refusals === 2) return count;
          refusals += 1;
          nowMs += minuteMs;
        }
      }
    },
  };
}

it('a tenth of the budget comes back each hour, and never more than all of it', async () => {
  const { admitted, pass, hours } = countingInTime();
  let made = await admitted();
  expect(made).toBe(budget);
  for (const passing of [1, 0.5, 2, 0.1]) {
    pass(passing * hourMs);
    made += await admitted();
    const due = budget + (budget / 10) * hours();
    expect(made).toBeLessThanOrEqual(due);
    expect(made).toBeGreaterThan(due - 1);
  }
  pass(100 * hourMs);
  expect(await admitted()).toBe(budget);
});

it('what has come back is read off the times of what is stored, so that a restart gives nothing more', async () => {
  const { admitted, pass, restart } = countingInTime();
  expect(await admitted()).toBe(budget);
  restart();
  // What was stored by others is seen at the latest when a tenth was made.
  expect(await admitted()).toBeLessThanOrEqual(budget / 10);
  pass(3 * hourMs);
  restart();
  const more = await admitted();
  expect(more).toBeGreaterThanOrEqual(2 * (budget / 10));
  expect(more).toBeLessThanOrEqual(3 * (budget / 10));
});

it('what was declared counts nothing, whoever stored it', async () => {
  const { admitted, keep } = countingInTime();
  for (let index = 0; index < 20 * budget; index += 1) keep('declared');
  expect(await admitted()).toBe(budget);
});

it('at ten budgets in the store nothing more comes back, until some of it is gone', async () => {
  const { admitted, pass, stored } = countingInTime();
  let made = 0;
  for (let days = 0; days < 30; days += 1) {
    made += await admitted();
    pass(24 * hourMs);
  }
  expect([made, stored.size]).toEqual([10 * budget, 10 * budget]);
  for (const name of [...stored.keys()].slice(0, 50)) stored.delete(name);
  pass(60_000);
  expect(await admitted()).toBe(50);
});

it('a wall clock that is set forth by weeks gives nothing back', async () => {
  const { admitted } = countingInTime();
  expect(await admitted()).toBe(budget);
  vi.setSystemTime(Date.now() + 1000 * hourMs);
  expect(await admitted()).toBe(0);
});

import { afterEach, expect, it, vi } from 'vitest';
import { createMemoryStore } from '../../src/storage/index.ts';
import { variantPrefix } from '../../src/variants/identity.ts';
import { createVariantCounts } from '../../src/variants/variant-counts.ts';
import { createFaultyStore, type FaultyStore } from '../support/faulty-store.ts';
import { createRecordingTelemetry } from '../support/test-service.ts';

const never = new AbortController().signal;
const cat = { source: 'cat.jpg' };
const max = 100;

afterEach(() => void vi.useRealTimers());

/** Counts over a store of so many variants of the cat, and a clock that goes on when told to. */
async function counting(stored = 0) {
  const store = createFaultyStore(createMemoryStore());
  for (let index = 0; index < stored; index += 1) await store.put(`${variantPrefix(cat.source)}${index}`, Buffer.of(1));
  const telemetry = createRecordingTelemetry();
  let nowMs = 0;
  const counts = createVariantCounts({ store, telemetry, clock: { now: () => nowMs } });
  const admit = (signal = never) => counts.admit(cat, max, signal);
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
  const counts = createVariantCounts({ store, telemetry: createRecordingTelemetry(), clock: { now: () => 0 } });
  for (const source of ['a.jpg', 'b.jpg', 'c.jpg']) {
    for (let index = 0; index < 10; index += 1) await counts.admit({ source }, max, never);
  }
  expect(store.count('list')).toBe(1);
  open();
  await expect.poll(() => store.count('list')).toBe(3);
});

it('what others have stored counts from the first listing on', async () => {
  const { admit, admitAll } = await counting(max);
  await admitAll(10);
  await expect(admit()).rejects.toMatchObject({ kind: 'invalid' });
});

it('a full original is listed anew after a minute, and has room again when variants are gone', async () => {
  const { store, admit, admitAll, pass } = await counting(max);
  await admitAll(10);
  await expect(admit()).rejects.toMatchObject({ kind: 'invalid' });
  const gone = Array.from({ length: 50 }, (_, index) => `${variantPrefix(cat.source)}${index}`);
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
  await admitAll(max - 11);
  expect(store.count('list')).toBe(1);
});

it('one that takes its time is waited for, and the limit holds', async () => {
  const { store, admit, admitAll } = await counting(max);
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

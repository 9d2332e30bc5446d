import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createDiskStore, type ObjectStore } from '../../src/storage/index.ts';
import { createBound, variantPrefix } from '../../src/variants/index.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createRecordingTelemetry } from '../support/test-service.ts';
import { keysIn } from '../support/uploads.ts';

const hour = 60 * 60_000;
const pollMs = 60_000;

interface House {
  readonly store: ObjectStore;
  readonly maxBytes: number;
  readonly inMemory?: () => Iterable<string>;
}

/** A bound whose time goes by in rests only, and a millisecond with each look at the clock. */
function createHouse({ store, maxBytes, inMemory = () => [] }: House) {
  const used = new Map<string, number>();
  const time = { monotonic: 0, worked: 0, rested: 0 };
  const epoch = Date.now();
  const telemetry = createRecordingTelemetry();
  const now = () => epoch + time.monotonic;
  const polls = { left: 0, stop: () => {} };
  const bound = createBound({
    store,
    uses: {
      note: async (key) => void used.set(key, now()),
      lastUsed: async (key) => used.get(key),
    },
    maxBytes,
    inMemory,
    telemetry,
    now,
    pace: {
      now: () => {
        time.monotonic += 1;
        time.worked += 1;
        return time.monotonic;
      },
      pause: async (ms) => {
        time.monotonic += ms;
        if (ms === pollMs) polls.left -= 1;
        else time.rested += ms;
        if (polls.left < 0) polls.stop();
      },
    },
  });
  return {
    bound,
    used,
    time,
    telemetry,
    /** A variant that was used last so long ago. */
    async put(key: string, ageMs: number, bytes = 1000) {
      await store.put(key, Buffer.alloc(bytes));
      used.set(key, now() - ageMs);
    },
    /** Lets it look as often as it comes to in so many minutes. */
    async pass(minutes = 1) {
      const stopping = new AbortController();
      polls.left = minutes;
      polls.stop = () => stopping.abort();
      await bound.keep(stopping.signal);
    },
  };
}

/** What the memory store says was written now, which counts as a use: an hour later it does not. */
function aged(): ObjectStore {
  const store = createMemoryStore();
  return {
    ...store,
    async *list(prefix, options) {
      for await (const info of store.list(prefix, options)) yield { ...info, lastModified: new Date(0) };
    },
  };
}

const variant = (name: string, source = 'a.jpg') => `${variantPrefix(source)}w_${name}`;

describe('a folder of variants that is bounded', () => {
  test('loses the least recently used, down to nine tenths, and nothing that is none', async () => {
    const store = aged();
    const house = createHouse({ store, maxBytes: 10_000 });
    const beside = ['a.jpg', '.fovea-other/log', '.fovea-staging/x', `${variantPrefix('a.jpg')}-served`];
    for (const key of beside) await house.put(key, 1000 * hour, 50_000);
    for (let age = 1; age <= 14; age += 1) await house.put(variant(String(age)), age * age * hour);
    await house.pass();
    const kept = Array.from({ length: 9 }, (_, index) => variant(String(index + 1)));
    expect((await keysIn(store)).toSorted()).toEqual([...beside, ...kept].toSorted());
    expect(house.telemetry.events.find(({ type }) => type === 'lifecycle')).toMatchObject({
      message: expect.stringContaining('had 14000 bytes, with 10000 allowed: 5 variants (5000 bytes) went'),
    });
  });

  test('loses nothing while it is within its bytes', async () => {
    const store = aged();
    const house = createHouse({ store, maxBytes: 14_000 });
    for (let age = 1; age <= 14; age += 1) await house.put(variant(String(age)), age * hour);
    await house.pass();
    expect(await keysIn(store)).toHaveLength(14);
  });

  test('loses no more than it has to where all of it is equally old', async () => {
    const store = aged();
    const house = createHouse({ store, maxBytes: 10_000 });
    for (let index = 0; index < 100; index += 1) await house.put(variant(String(index)), 5 * hour);
    await house.pass();
    expect(await keysIn(store)).toHaveLength(9);
  });

  test('loses no more than it has to of what was all made just now, however much older that grows while it looks', async () => {
    const store = aged();
    const house = createHouse({ store, maxBytes: 10_000 });
    for (let index = 0; index < 200; index += 1) await house.put(variant(String(index)), 1000);
    await house.pass();
    expect(await keysIn(store)).toHaveLength(9);
  });

  test('keeps what was read since, and what memory answers for', async () => {
    const store = aged();
    const house = createHouse({ store, maxBytes: 3000, inMemory: () => ['hot.jpg'] });
    await house.put(variant('1', 'hot.jpg'), 500 * hour);
    await house.put(variant('1', 'read.jpg'), 400 * hour);
    (await house.bound.store.get(variant('1', 'read.jpg')))?.body.destroy();
    // Within the bytes at first: the second look comes an hour later, when memory has been noted.
    await house.put(variant('1'), 300 * hour);
    await house.pass(30);
    await house.put(variant('2'), 2 * hour);
    await house.pass(90);
    expect((await keysIn(store)).toSorted()).toEqual([variant('1', 'hot.jpg'), variant('1', 'read.jpg')].toSorted());
  });

  test('is looked through in a hundredth of the time', async () => {
    const house = createHouse({ store: aged(), maxBytes: 100_000 });
    for (let index = 0; index < 500; index += 1) await house.put(variant(String(index)), index * hour);
    await house.pass();
    const { worked, rested } = house.time;
    expect(rested).toBeGreaterThan(0);
    expect(rested / (rested + worked)).toBeGreaterThan(0.95);
  });

  test('is looked through again when a twentieth was written, or an hour has gone by', async () => {
    const store = createFaultyStore(aged());
    const house = createHouse({ store, maxBytes: 10_000 });
    const looks = () => store.calls.filter(({ operation, key }) => operation === 'list' && key === '').length;
    await house.pass(30);
    expect(looks()).toBe(1);
    await house.bound.store.put(variant('1'), Buffer.alloc(499));
    await house.pass(0);
    await house.bound.store.put(variant('2'), Buffer.alloc(1));
    const before = looks();
    await house.pass(1);
    expect(looks()).toBe(before + 1);
  });

  test('is left to a process that is at it, until that is gone', async () => {
    const store = aged();
    const house = createHouse({ store, maxBytes: 1000 });
    for (let index = 0; index < 5; index += 1) await house.put(variant(String(index)), index * hour);
    await store.put('.fovea-bound/mark', Buffer.from('x'));
    await house.pass(3);
    expect(await keysIn(store)).toHaveLength(6);
    await house.pass(12);
    expect(await keysIn(store)).toEqual([]);
  });

  test('that fails is an event, and looked through again', async () => {
    const store = createFaultyStore(aged());
    const house = createHouse({ store, maxBytes: 1000 });
    for (let index = 0; index < 5; index += 1) await house.put(variant(String(index)), index * hour);
    store.failOnce('list', { kind: 'upstream' });
    await house.pass(2);
    expect(house.telemetry.events).toContainEqual(
      expect.objectContaining({ type: 'tier-fault', tier: 'variants', operation: 'bound' }),
    );
    expect(await keysIn(store)).toEqual([]);
  });
});

describe('a folder', () => {
  test('keeps when an object was used last, beside it, so that its etag stays', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fovea-uses-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const store = createDiskStore({ directory });
    const { uses } = store;
    if (uses === undefined) throw new Error('a folder keeps them');
    await store.put(variant('1'), Buffer.from('x'), { metadata: { version: '1' } });
    const before = await store.head(variant('1'));
    const noted = (await uses.lastUsed(variant('1'))) ?? 0;
    await uses.note(variant('1'));
    expect(await uses.lastUsed(variant('1'))).toBeGreaterThanOrEqual(noted);
    // Whoever opens the folder anew finds it so.
    const anew = createDiskStore({ directory });
    expect(await anew.uses?.lastUsed(variant('1'))).toBe(await uses.lastUsed(variant('1')));
    expect(await anew.head(variant('1'))).toEqual(before);
    await uses.note(variant('2'));
    expect(await uses.lastUsed(variant('2'))).toBeUndefined();
  });
});

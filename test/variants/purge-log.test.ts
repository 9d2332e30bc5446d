import { describe, expect, it } from 'vitest';
import { createPurgeLog } from '../../src/variants/purge/purge-log.ts';
import type { PurgeNotice } from '../../src/variants/purge/stored-log.ts';
import { createAgeingStore } from '../support/ageing-store.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createRecordingTelemetry } from '../support/test-service.ts';

const signal = new AbortController().signal;
const minute = 60_000;
const everything: PurgeNotice = { prefix: '' };

/** Processes that share a store and a clock, which stands still unless it is told to go on. */
function neighbours() {
  const ageing = createAgeingStore(createMemoryStore());
  const store = createFaultyStore(ageing);
  let nowMs = 1_000;
  function start() {
    const heard: PurgeNotice[] = [];
    const telemetry = createRecordingTelemetry();
    const log = createPurgeLog({
      store,
      forget: (notice) => void heard.push(notice),
      telemetry,
      clock: { now: () => nowMs },
    });
    return {
      heard,
      telemetry,
      log,
      announce: (notice: PurgeNotice) => log.announce(notice, signal),
      /** A second later it is asked for something. */
      async lookLater() {
        nowMs += 1_000;
        await log.look();
      },
    };
  }
  return {
    store,
    age: ageing.age,
    start,
    pass(ms: number) {
      nowMs += ms;
    },
  };
}

describe('a purge that one process announces', () => {
  it('is heard once by every other process, and not by itself', async () => {
    const { start } = neighbours();
    const [one, other, third] = [start(), start(), start()];
    for (const process of [one, other, third]) await process.lookLater();
    await one.announce({ keys: ['a.jpg', 'b.jpg'] });
    await one.announce({ prefix: 'cats/' });
    for (const process of [one, other, third, other]) await process.lookLater();
    const all = [{ keys: ['a.jpg', 'b.jpg'] }, { prefix: 'cats/' }];
    expect([one.heard, other.heard, third.heard]).toEqual([[], all, all]);
    await third.announce({ keys: ['c.jpg'] });
    for (const process of [one, other, third]) await process.lookLater();
    expect([one.heard, other.heard.slice(2), third.heard.slice(2)]).toEqual([
      [{ keys: ['c.jpg'] }],
      [{ keys: ['c.jpg'] }],
      [],
    ]);
  });

  it('is not lost among those that others announce at the same moment', async () => {
    const { start } = neighbours();
    const listener = start();
    await listener.lookLater();
    const crowd = Array.from({ length: 20 }, start);
    const names = crowd.flatMap((_, index) => [`${index}/1.jpg`, `${index}/2.jpg`]);
    await Promise.all(
      crowd.flatMap(({ announce }, index) => [1, 2].map((n) => announce({ keys: [`${index}/${n}.jpg`] }))),
    );
    await listener.lookLater();
    const heard = listener.heard.flatMap((notice) => ('keys' in notice ? notice.keys : [])).sort();
    expect(heard).toEqual([...names].sort());
  });

  it('is one of everything to whoever was told of more than a log holds', async () => {
    const { start } = neighbours();
    const [one, other] = [start(), start()];
    await one.announce({ keys: ['first.jpg'] });
    await other.lookLater();
    for (let index = 0; index < 3; index += 1) {
      await one.announce({ keys: Array.from({ length: 1000 }, (_, name) => `${index}/${name}.jpg`) });
    }
    await other.lookLater();
    expect(other.heard).toEqual([{ keys: ['first.jpg'] }, everything]);
  });

  it('is one of everything to whoever has slept through the life of the logs', async () => {
    const { start, pass } = neighbours();
    const [one, other] = [start(), start()];
    await other.lookLater();
    pass(11 * minute);
    await one.announce({ keys: ['a.jpg'] });
    await other.lookLater();
    expect(other.heard).toEqual([everything]);
  });

  it('is one of everything to whoever looks for the first time when logs of its life may be gone', async () => {
    const { start, pass } = neighbours();
    const [one, other] = [start(), start()];
    await one.announce({ keys: ['a.jpg'] });
    pass(11 * minute);
    await one.announce({ keys: ['b.jpg'] });
    await other.lookLater();
    expect(other.heard).toContainEqual(everything);
  });

  it('is written with the next one when the store refused it', async () => {
    const { start, store } = neighbours();
    const [one, other] = [start(), start()];
    await other.lookLater();
    store.failOnce('put', { kind: 'upstream' });
    await expect(one.announce({ keys: ['a.jpg'] })).rejects.toMatchObject({ kind: 'upstream' });
    await one.announce({ keys: ['b.jpg'] });
    await other.lookLater();
    expect(other.heard).toEqual([{ keys: ['a.jpg', 'b.jpg'] }]);
  });

  it('is one of everything when its log cannot be understood', async () => {
    const { start, store } = neighbours();
    const [one, other] = [start(), start()];
    await other.lookLater();
    await store.put('.fovea-purges/from-the-future', Buffer.from('{"last": 7}'));
    await one.announce({ keys: ['a.jpg'] });
    await other.lookLater();
    expect(other.heard).toContainEqual(everything);
    await one.announce({ keys: ['b.jpg'] });
    await other.lookLater();
    expect(other.heard.filter((notice) => 'prefix' in notice)).toHaveLength(1);
  });
});

describe('a look for purges', () => {
  it('is waited for only when the last one is older than three quarters of a second', async () => {
    const { start, pass, store } = neighbours();
    const { log } = start();
    expect(log.look()).toBeInstanceOf(Promise);
    await log.look();
    pass(400);
    expect(log.look()).toBeUndefined();
    expect(store.count('head')).toBe(1);
    pass(280);
    // Behind the answer.
    expect(log.look()).toBeUndefined();
    expect(store.count('head')).toBe(2);
    pass(200);
    const late = log.look();
    expect(late).toBeInstanceOf(Promise);
    expect(log.look()).toBe(late);
  });

  it('costs one HEAD while nobody purges', async () => {
    const { start, store } = neighbours();
    const [one, other] = [start(), start()];
    await one.announce({ keys: ['a.jpg'] });
    await other.lookLater();
    const before = store.count('list');
    for (let count = 0; count < 10; count += 1) await other.lookLater();
    expect([store.count('list') - before, store.count('head')]).toEqual([0, 11]);
  });

  it('that fails is reported, holds nobody up, and is made up for', async () => {
    const { start, store, pass } = neighbours();
    const [one, other] = [start(), start()];
    await other.lookLater();
    await one.announce({ keys: ['a.jpg'] });
    store.fail('list', { kind: 'upstream' });
    await other.lookLater();
    expect(other.telemetry.events).toMatchObject([
      { type: 'tier-fault', tier: 'variants', operation: 'look for purges' },
    ]);
    pass(minute);
    expect(other.log.look()).toBeUndefined();
    store.heal();
    const heardLater = async () => {
      await other.lookLater();
      return other.heard;
    };
    await expect.poll(heardLater).toEqual([{ keys: ['a.jpg'] }]);
  });

  it('deletes logs that nobody has written to for ten minutes', async () => {
    const { start, store, age } = neighbours();
    const [one, other] = [start(), start()];
    await one.announce({ keys: ['a.jpg'] });
    await other.lookLater();
    await age(11 * minute);
    await start().announce({ keys: ['b.jpg'] });
    await other.lookLater();
    const keys: string[] = [];
    for await (const { key } of store.list('')) keys.push(key);
    expect(keys).toHaveLength(2);
    expect(keys).toContain('.fovea-purges/mark');
  });
});

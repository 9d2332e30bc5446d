import { describe, expect, test } from 'vitest';
import { readBody } from '../../src/storage/index.ts';
import { describeObjectStore } from '../contracts/object-store.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { createMemoryStore } from '../support/memory-store.ts';

describeObjectStore('a faulty store without faults', async () => ({
  store: createFaultyStore(createMemoryStore()),
  cleanup: async () => undefined,
}));

async function faultyStoreWith(key: string, bytes: Uint8Array) {
  const store = createFaultyStore(createMemoryStore());
  await store.put(key, bytes);
  store.forgetCalls();
  return store;
}

describe('a store that fails on command', () => {
  test('fails the operations and keys it was told to, and counts every call', async () => {
    const store = await faultyStoreWith('a', Buffer.from('a'));
    store.fail('get', { kind: 'overloaded' }, (key) => key === 'a');
    await expect(store.get('a')).rejects.toMatchObject({ kind: 'overloaded' });
    expect(await store.get('b')).toBeUndefined();
    expect(await store.head('a')).toMatchObject({ key: 'a' });
    store.heal();
    (await store.get('a'))?.body.destroy();
    expect(store.count('get')).toBe(3);
    expect(store.count('get', 'a')).toBe(2);
    expect(store.calls.map((call) => call.operation)).toEqual(['get', 'get', 'head', 'get']);
  });

  test('fails once', async () => {
    const store = await faultyStoreWith('a', Buffer.from('a'));
    store.failOnce('head', { kind: 'timeout' });
    await expect(store.head('a')).rejects.toMatchObject({ kind: 'timeout' });
    expect(await store.head('a')).toMatchObject({ key: 'a' });
  });

  test('waits for its gate, and leaves with the signal', async () => {
    const store = await faultyStoreWith('a', Buffer.from('a'));
    let open = (): void => undefined;
    store.failOnce('head', {
      kind: 'delayed',
      gate: new Promise<void>((resolve) => {
        open = resolve;
      }),
    });
    const head = store.head('a');
    open();
    expect(await head).toMatchObject({ key: 'a' });
    store.fail('all', { kind: 'silent' });
    const controller = new AbortController();
    const silent = store.head('a', { signal: controller.signal });
    controller.abort();
    await expect(silent).rejects.toMatchObject({ kind: 'cancelled' });
  });

  test('a reset and a short body are not mistaken for the whole', async () => {
    const store = await faultyStoreWith('a', Buffer.alloc(1000));
    for (const kind of ['reset-after', 'short-body'] as const) {
      store.failOnce('get', { kind, bytes: 400 });
      const object = await store.get('a');
      if (!object) throw new Error('expected an object');
      await expect(readBody(object, { maxBytes: 2000 })).rejects.toMatchObject({ kind: 'upstream' });
    }
  });

  test('a stalled body goes on when its gate opens, and lets itself be left before', async () => {
    const store = await faultyStoreWith('a', Buffer.alloc(1000));
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    store.fail('get', { kind: 'stalled-after', bytes: 400, gate });
    const left = await store.get('a');
    const controller = new AbortController();
    left?.body.once('data', () => controller.abort());
    if (!left) throw new Error('expected an object');
    const reading = readBody(left, { maxBytes: 2000, signal: controller.signal });
    await expect(reading).rejects.toMatchObject({ kind: 'cancelled' });
    const stalled = await store.get('a');
    stalled?.body.once('data', open);
    expect((await stalled?.body.toArray())?.reduce((sum, chunk) => sum + chunk.length, 0)).toBe(1000);
  });

  test('a lost answer has been done all the same', async () => {
    const store = await faultyStoreWith('a', Buffer.from('a'));
    store.failOnce('put', { kind: 'lost-answer' });
    await expect(store.put('b', Buffer.from('b'))).rejects.toMatchObject({ kind: 'upstream' });
    expect(await store.head('b')).toMatchObject({ key: 'b' });
  });
});

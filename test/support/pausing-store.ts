import type { ObjectStore } from '../../src/storage/index.ts';

type PausableOperation = 'head' | 'get' | 'put';

export interface PausingStore extends ObjectStore {
  /**
   * The next call of this operation waits: a read with its answer already in hand, a put before it is done. `reached`
   * resolves when it waits, and the answered function lets it go on.
   */
  pauseNext(operation: PausableOperation): { readonly reached: Promise<void>; readonly release: () => void };
}

function createGate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** A store whose calls can be stopped half way: for what may happen between a question and its answer. */
export function createPausingStore(store: ObjectStore): PausingStore {
  const pauses = new Map<PausableOperation, { readonly arrive: () => void; readonly until: Promise<void> }>();

  async function pause(operation: PausableOperation): Promise<void> {
    const waiting = pauses.get(operation);
    pauses.delete(operation);
    waiting?.arrive();
    await waiting?.until;
  }

  return {
    ...store,
    async head(key, options) {
      const info = await store.head(key, options);
      await pause('head');
      return info;
    },
    async get(key, options) {
      const object = await store.get(key, options);
      await pause('get');
      return object;
    },
    async put(key, body, options) {
      await pause('put');
      return store.put(key, body, options);
    },
    pauseNext(operation) {
      const [arrival, departure] = [createGate(), createGate()];
      pauses.set(operation, { arrive: arrival.open, until: departure.opened });
      return { reached: arrival.opened, release: departure.open };
    },
  };
}

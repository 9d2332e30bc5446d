import type { ObjectInfo, ObjectStore } from '../../src/storage/index.ts';

export interface AgeingStore extends ObjectStore {
  /** What lies in the store now was last changed so many milliseconds before now; later puts are as young as they are. */
  age(ms: number): Promise<void>;
}

/** A store whose objects can be made old. */
export function createAgeingStore(store: ObjectStore): AgeingStore {
  const ages = new Map<string, number>();
  const aged = (info: ObjectInfo): ObjectInfo => {
    const ms = ages.get(info.key);
    return ms === undefined ? info : { ...info, lastModified: new Date(info.lastModified.getTime() - ms) };
  };
  return {
    ...store,
    async head(key, options) {
      const info = await store.head(key, options);
      return info && aged(info);
    },
    async put(key, body, options) {
      const info = await store.put(key, body, options);
      if (info !== undefined) ages.delete(key);
      return info;
    },
    async *list(prefix, options) {
      for await (const info of store.list(prefix, options)) yield aged(info);
    },
    async age(ms) {
      for await (const { key } of store.list('')) ages.set(key, ms);
    },
  };
}

import type { ObjectInfo, ObjectStore } from './store.ts';

/** What is known of the place that a store's objects lie in. */
interface Presence {
  readonly store: ObjectStore;
  isFound: boolean;
  /** The probe under way, for all who want to know. */
  probing: Promise<void> | undefined;
}

/**
 * A store of which an object is absent only once the place that it would lie in has been found: until then whoever finds
 * nothing, or would put something there, gets the Failure of `probe`. A folder that is not mounted, and a bucket that is
 * misspelt, would otherwise be an empty one, and be remembered as such.
 */
export function withPresence(store: ObjectStore): ObjectStore {
  const presence: Presence = { store, isFound: false, probing: undefined };
  return {
    ...store,
    async probe(options) {
      await store.probe(options);
      presence.isFound = true;
    },
    head: async (key, options) => orFound(presence, await store.head(key, options)),
    get: async (key, options) => orFound(presence, await store.get(key, options)),
    async put(key, body, options) {
      await find(presence);
      return store.put(key, body, options);
    },
    list: (prefix, options) => listFound(presence, store.list(prefix, options)),
  };
}

async function orFound<Found>(presence: Presence, found: Found | undefined): Promise<Found | undefined> {
  if (found === undefined) await find(presence);
  return found;
}

async function* listFound(presence: Presence, found: AsyncIterable<ObjectInfo>) {
  let isEmpty = true;
  for await (const info of found) {
    isEmpty = false;
    yield info;
  }
  if (isEmpty) await find(presence);
}

async function find(presence: Presence): Promise<void> {
  if (presence.isFound) return;
  presence.probing ??= presence.store.probe();
  try {
    await presence.probing;
    presence.isFound = true;
  } finally {
    presence.probing = undefined;
  }
}

import { LRUCache } from 'lru-cache';
import PQueue from 'p-queue';
import { unlessAborted } from '../deadline.ts';
import { Failure, isFailure } from '../failure.ts';
import { checkId, readRemote } from '../grammar/index.ts';
import type { Telemetry } from '../telemetry.ts';
import { readBody } from './read-body.ts';
import type { ObjectStore } from './store.ts';

/** Where originals still lie that have not been moved: a URL that ends in a slash, and the beginning of the keys they get here. */
export interface OldHost {
  readonly url: string;
  readonly prefix: string;
}

export interface OldHostParts {
  /** None: nothing is looked for elsewhere. */
  readonly oldHost: () => OldHost | undefined;
  /** Reads pictures of that host, by the rules for pictures on other hosts. */
  readonly remote: Pick<ObjectStore, 'get'>;
  readonly isPicture: (bytes: Uint8Array) => boolean;
  readonly maxBytes: number;
  readonly telemetry: Telemetry;
}

/** Pictures that are moved at once: each is held in memory. */
const maxMoves = 4;
/** Past these, whoever asks is told to come again. */
const maxWaiting = 64;
/** Names that the old host has not: it is asked for each once in so long. */
const maxAbsent = 20_000;
const absentMs = 60 * 60_000;

interface OldHostState extends OldHostParts {
  readonly store: ObjectStore;
  readonly absent: LRUCache<string, true>;
  readonly moving: Map<string, Promise<boolean>>;
  readonly queue: PQueue;
}

/**
 * A store that asks an old host for what it does not have itself, and keeps what it gets: each original is moved when it is
 * asked for first. What the old host fails to say is a failure, and no absence.
 */
export function withOldHost(store: ObjectStore, parts: OldHostParts): ObjectStore {
  const state: OldHostState = {
    ...parts,
    store,
    absent: new LRUCache({ max: maxAbsent, ttl: absentMs }),
    moving: new Map(),
    queue: new PQueue({ concurrency: maxMoves }),
  };
  return {
    ...store,
    // A listing knows nothing of what is still elsewhere.
    listsAtOnce: store.listsAtOnce && parts.oldHost() === undefined,
    async head(key, options) {
      const info = await store.head(key, options);
      if (info !== undefined || !(await isMoved(state, key, options?.signal))) return info;
      return store.head(key, options);
    },
    async get(key, options) {
      const object = await store.get(key, options);
      if (object !== undefined || !(await isMoved(state, key, options?.signal))) return object;
      return store.get(key, options);
    },
  };
}

/** True when the original is there now. Those who ask for one at the same time wait for one move. */
async function isMoved(state: OldHostState, key: string, signal: AbortSignal | undefined): Promise<boolean> {
  const host = state.oldHost();
  if (host === undefined || !key.startsWith(host.prefix) || state.absent.has(key) || !isNameable(key)) return false;
  const known = state.moving.get(key);
  if (known !== undefined) return unlessAborted(known, signal);
  if (state.moving.size >= maxWaiting) {
    throw new Failure('overloaded', 'Many originals are being moved from their old host; try again later.');
  }
  const begun = state.queue.add(() => move(state, host, key)).finally(() => state.moving.delete(key));
  state.moving.set(key, begun);
  // Whoever began it may have left.
  begun.catch(() => undefined);
  return unlessAborted(begun, signal);
}

/** What no URL can name, our own objects among it, lies nowhere else. */
function isNameable(key: string): boolean {
  try {
    checkId(key);
    return true;
  } catch (error) {
    if (isFailure(error, 'invalid')) return false;
    throw error;
  }
}

async function move(state: OldHostState, { url, prefix }: OldHost, key: string): Promise<boolean> {
  const { store, remote, isPicture, maxBytes, telemetry } = state;
  const path = key.slice(prefix.length).split('/').map(encodeURIComponent).join('/');
  try {
    const object = await remote.get(readRemote(encodeURIComponent(url + path), [hostEntry(url)]).key);
    const bytes = object && (await readBody(object, { maxBytes }));
    if (bytes === undefined || !isPicture(bytes)) {
      state.absent.set(key, true);
      telemetry.report({ type: 'old-host', outcome: 'missing', bytes: 0 });
      return false;
    }
    const { contentType } = object?.info ?? {};
    // Somebody may have put one there meanwhile, which is newer.
    await store.put(key, bytes, { onlyIfAbsent: true, ...(contentType !== undefined && { contentType }) });
    telemetry.report({ type: 'old-host', outcome: 'moved', bytes: bytes.byteLength });
    return true;
  } catch (error) {
    telemetry.report({ type: 'old-host', outcome: 'failed', bytes: 0 });
    telemetry.report({ type: 'tier-fault', tier: 'originals', operation: 'old-host', error });
    throw error;
  }
}

/** How the rules for other hosts name it; `http` has to be said. */
export function hostEntry(url: string): string {
  const { protocol, host } = new URL(url);
  return protocol === 'http:' ? `http://${host}` : host;
}

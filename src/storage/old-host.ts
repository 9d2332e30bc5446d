import { LRUCache } from 'lru-cache';
import { type Bulkhead, createBulkhead } from '../bulkhead.ts';
import { unlessAborted } from '../deadline.ts';
import { Failure, isFailure } from '../failure.ts';
import { checkId, readRemote } from '../grammar/index.ts';
import type { Claim } from '../shares.ts';
import type { Telemetry } from '../telemetry.ts';
import { readBody } from './read-body.ts';
import type { ObjectStore, ReadOptions } from './store.ts';

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

/** Pictures that are moved at once, each of which is held in memory; one is always left to others than who has most. */
const limits = { atOnce: 4, atOnceEach: 3, waiting: 60 };
/** Clients that nobody names are one. */
const nobody = () => '';
/** Names that the old host has not: it is asked for each once in so long. */
const maxAbsent = 20_000;
const absentMs = 60 * 60_000;

/** The line is full, or the place in it was needed for others: by whom this was asked matters to those who joined them. */
export class MovesFull extends Failure {
  readonly client: string | undefined;

  constructor(client: string | undefined) {
    super('overloaded', 'Many originals are being moved from their old host; try again in a moment.', {
      retryAfterSeconds: 5,
    });
    this.client = client;
  }
}

interface OldHostState extends OldHostParts {
  readonly store: ObjectStore;
  readonly absent: LRUCache<string, true>;
  readonly moving: Map<string, Promise<boolean>>;
  readonly bulkhead: Bulkhead<Claim>;
}

/**
 * A store that asks an old host for what it does not have itself, and keeps what it gets: each original is moved when it is
 * asked for first. What the old host fails to say is a failure, and no absence. Clients take turns with it. Failures of `head`
 * and `get`: `MovesFull`, besides the store's and the old host's.
 */
export function withOldHost(store: ObjectStore, parts: OldHostParts): ObjectStore {
  const state: OldHostState = {
    ...parts,
    store,
    absent: new LRUCache({ max: maxAbsent, ttl: absentMs }),
    moving: new Map(),
    bulkhead: createBulkhead(limits, ({ client }) => new MovesFull(client)),
  };
  return {
    ...store,
    // A listing knows nothing of what is still elsewhere.
    listsAtOnce: () => store.listsAtOnce() && parts.oldHost() === undefined,
    async head(key, options) {
      const info = await store.head(key, options);
      if (info !== undefined || !(await isMoved(state, key, options))) return info;
      return store.head(key, options);
    },
    async get(key, options) {
      const object = await store.get(key, options);
      if (object !== undefined || !(await isMoved(state, key, options))) return object;
      return store.get(key, options);
    },
  };
}

/** True when the original is there now. Those who ask for one at the same time wait for one move. */
async function isMoved(
  state: OldHostState,
  key: string,
  { signal, client = nobody, hereOnly = false }: ReadOptions = {},
): Promise<boolean> {
  const host = state.oldHost();
  if (hereOnly || host === undefined || !key.startsWith(host.prefix) || !isNameable(key)) return false;
  if (state.absent.has(nameThere(host, key))) return false;
  const known = state.moving.get(key);
  if (known !== undefined) return unlessAborted(known, signal);
  const begun = moveInTurn(state, { host, key, client: client() }).finally(() => state.moving.delete(key));
  state.moving.set(key, begun);
  // Whoever began it may have left.
  begun.catch(() => undefined);
  return unlessAborted(begun, signal);
}

/** What one host has not, another that is named later may have. */
function nameThere({ url, prefix }: OldHost, key: string): string {
  return `${url}\0${prefix}\0${key}`;
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

interface Move extends Claim {
  readonly host: OldHost;
  readonly key: string;
}

async function moveInTurn(state: OldHostState, wanted: Move): Promise<boolean> {
  await state.bulkhead.enter(wanted);
  try {
    return await move(state, wanted);
  } finally {
    state.bulkhead.leave(wanted);
  }
}

async function move(state: OldHostState, { host, key }: Move): Promise<boolean> {
  const { store, remote, isPicture, maxBytes, telemetry } = state;
  const { url, prefix } = host;
  const path = key.slice(prefix.length).split('/').map(encodeURIComponent).join('/');
  try {
    const object = await remote.get(readRemote(encodeURIComponent(url + path), [hostEntry(url)]).key);
    const bytes = object && (await readBody(object, { maxBytes }));
    if (bytes === undefined || !isPicture(bytes)) {
      state.absent.set(nameThere(host, key), true);
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

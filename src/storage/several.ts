import { Failure, isFailure } from '../failure.ts';
import { reservedBeginning } from '../grammar/index.ts';
import { compareKeys } from './keys.ts';
import type {
  ListOptions,
  ObjectInfo,
  ObjectStore,
  PutOptions,
  ReadOptions,
  SeenObject,
  StoredObject,
} from './store.ts';

/** A store of originals beside the one that takes everything. */
export interface ListedStore {
  /** The beginning of the keys that it has; in the store they lie without it. */
  readonly prefix: string;
  readonly store: ObjectStore;
  /** Nothing is put there, and nothing deleted. */
  readonly isReadOnly: boolean;
}

interface Place extends ListedStore {
  /** The key by which it is known in its store. */
  readonly inner: string;
}

/**
 * Several stores as one: a key is looked for in each whose prefix it begins with, in their order, and in `last` behind them. It is
 * put into the first of them that may be written, or over what is there. What is deleted goes from all. A store that fails is no
 * store without the key. Failure `invalid` for what lies where nothing may be written.
 */
export function withListed(last: ObjectStore, listed: readonly ListedStore[]): ObjectStore {
  if (listed.length === 0) return last;
  const all: readonly ListedStore[] = [...listed, { prefix: '', store: last, isReadOnly: false }];
  return {
    listsAtOnce: () => all.every(({ store }) => store.listsAtOnce()),
    createsOnce: all.every(({ store, isReadOnly }) => isReadOnly || store.createsOnce),
    probe: async (options) => void (await Promise.all(all.map((one) => probe(one, options)))),
    head: (key, options) => headIn(all, key, options),
    get: (key, options) => getIn(all, key, options),
    put: (key, body, options) => putIn(all, key, { body, options }),
    delete: (keys, options) => deleteIn(all, keys, options),
    deleteUnchanged: (seen, options) => deleteUnchangedIn(all, seen, options),
    conditions: (options) => conditionsOf(all, options),
    list: (prefix, options) => listIn(all, prefix, options),
  };
}

function placesOf(all: readonly ListedStore[], key: string): readonly Place[] {
  // What we keep beside originals lies in the last store alone.
  const fitting = key.startsWith(reservedBeginning) ? all.slice(-1) : all;
  return fitting.flatMap((one) => {
    const inner = key.slice(one.prefix.length);
    const isNamed =
      key.startsWith(one.prefix) && inner !== '' && (one.prefix === '' || !inner.startsWith(reservedBeginning));
    return isNamed ? [{ ...one, inner }] : [];
  });
}

async function probe({ prefix, store }: ListedStore, options?: ReadOptions): Promise<void> {
  try {
    await store.probe(options);
  } catch (error) {
    if (!isFailure(error) || prefix === '') throw error;
    throw new Failure(error.kind, `Of keys that begin with ${prefix}: ${error.message}`, { cause: error.cause });
  }
}

/** Where a key is there of all that may have it, with what is known of it. */
async function holderOf(
  places: readonly Place[],
  options?: ReadOptions,
): Promise<{ readonly place: Place; readonly info: ObjectInfo } | undefined> {
  for (const place of places) {
    const info = await place.store.head(place.inner, options);
    if (info !== undefined) return { place, info };
  }
  return undefined;
}

async function headIn(
  all: readonly ListedStore[],
  key: string,
  options?: ReadOptions,
): Promise<ObjectInfo | undefined> {
  const places = placesOf(all, key);
  // What no store may hold is refused as each of them does.
  if (places.length === 0) return all.at(-1)?.store.head(key, options);
  const held = await holderOf(places, options);
  return held && { ...held.info, key };
}

async function getIn(
  all: readonly ListedStore[],
  key: string,
  options: Parameters<ObjectStore['get']>[1],
): Promise<StoredObject | undefined> {
  const places = placesOf(all, key);
  if (places.length === 0) return all.at(-1)?.store.get(key, options);
  for (const { store, inner } of places) {
    const object = await store.get(inner, options);
    if (object !== undefined) return { ...object, info: { ...object.info, key } };
  }
  return undefined;
}

interface Putting {
  readonly body: Parameters<ObjectStore['put']>[1];
  readonly options: PutOptions | undefined;
}

async function putIn(
  all: readonly ListedStore[],
  key: string,
  { body, options }: Putting,
): Promise<ObjectInfo | undefined> {
  const places = placesOf(all, key);
  if (places.length === 0) return all.at(-1)?.store.put(key, body, options);
  const reading = options?.signal === undefined ? {} : { signal: options.signal };
  // One that is alone is asked at once, and decides its conditions itself.
  const held = places.length === 1 ? undefined : await holderOf(places, reading);
  const target = held?.place ?? places.find(({ isReadOnly }) => !isReadOnly);
  if (held !== undefined && options?.onlyIfAbsent === true) return undefined;
  if (target === undefined || target.isReadOnly) throw readOnly(key);
  const put = await target.store.put(target.inner, body, options);
  return put && { ...put, key };
}

async function deleteIn(all: readonly ListedStore[], keys: readonly string[], options?: ReadOptions): Promise<void> {
  const found = new Map<ObjectStore, string[]>();
  for (const key of keys) {
    const places = placesOf(all, key);
    for (const { store, inner, isReadOnly } of places) {
      if (!isReadOnly) found.set(store, [...(found.get(store) ?? []), inner]);
      else if ((await store.head(inner, options)) !== undefined) throw readOnly(key);
    }
    if (places.length === 0) await all.at(-1)?.store.delete([key], options);
  }
  for (const [store, inner] of found) await store.delete(inner, options);
}

async function deleteUnchangedIn(
  all: readonly ListedStore[],
  seen: readonly SeenObject[],
  options?: ReadOptions,
): Promise<readonly string[]> {
  const deleted: string[] = [];
  for (const { key, etag } of seen) {
    const places = placesOf(all, key);
    const { place } = (await holderOf(places, options)) ?? {};
    if (place === undefined) continue;
    if (place.isReadOnly) throw readOnly(key);
    const gone = await place.store.deleteUnchanged([{ key: place.inner, etag }], options);
    if (gone.length === 0) continue;
    deleted.push(key);
    // What it stood before would come to light.
    const others = places.filter(({ store, isReadOnly }) => store !== place.store && !isReadOnly);
    for (const { store, inner } of others) await store.delete([inner], options);
  }
  return deleted;
}

async function conditionsOf(all: readonly ListedStore[], options?: ReadOptions) {
  const written = all.filter(({ isReadOnly }) => !isReadOnly);
  const each = await Promise.all(written.map(({ store }) => store.conditions(options)));
  return {
    createsOnly: each.every(({ createsOnly }) => createsOnly),
    putsUnchanged: each.every(({ putsUnchanged }) => putsUnchanged),
    deletesUnchanged: each.every(({ deletesUnchanged }) => deletesUnchanged),
  };
}

/** A listing of one store, and where it is. */
interface Cursor {
  readonly infos: AsyncIterator<ObjectInfo>;
  current: ObjectInfo | undefined;
}

/** The listings of all of them as one: of a key that several have, the first one's. */
async function* listIn(
  all: readonly ListedStore[],
  prefix: string,
  options: ListOptions = {},
): AsyncGenerator<ObjectInfo, void, undefined> {
  const cursors: Cursor[] = all.flatMap((one) => cursorOf(one, prefix, options));
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  try {
    await Promise.all(cursors.map(advance));
    while (left > 0) {
      const next = leastOf(cursors);
      if (next === undefined) return;
      left -= 1;
      yield next;
      await Promise.all(cursors.filter(({ current }) => current?.key === next.key).map(advance));
    }
  } finally {
    await Promise.all(cursors.map(({ infos }) => infos.return?.()));
  }
}

async function advance(cursor: Cursor): Promise<void> {
  const { done, value } = await cursor.infos.next();
  cursor.current = done === true ? undefined : value;
}

function leastOf(cursors: readonly Cursor[]): ObjectInfo | undefined {
  let least: ObjectInfo | undefined;
  for (const { current } of cursors) {
    if (current !== undefined && (least === undefined || compareKeys(current.key, least.key) < 0)) least = current;
  }
  return least;
}

function cursorOf(one: ListedStore, prefix: string, options: ListOptions): Cursor[] {
  const { prefix: before } = one;
  if (!prefix.startsWith(before) && !before.startsWith(prefix)) return [];
  const { startAfter, limit, signal } = options;
  const isBehind = startAfter !== undefined && !startAfter.startsWith(before) && compareKeys(startAfter, before) > 0;
  if (isBehind) return [];
  const inner = startAfter?.startsWith(before) === true ? startAfter.slice(before.length) : '';
  const infos = one.store.list(prefix.slice(before.length), {
    ...(signal !== undefined && { signal }),
    ...(inner !== '' && { startAfter: inner }),
    // Elsewhere the first of them may be what is passed over.
    ...(limit !== undefined && before === '' && { limit }),
  });
  return [{ infos: outer(infos, before)[Symbol.asyncIterator](), current: undefined }];
}

async function* outer(infos: AsyncIterable<ObjectInfo>, before: string): AsyncGenerator<ObjectInfo, void, undefined> {
  for await (const info of infos) {
    // What another server keeps beside its originals is none of ours.
    if (before === '' || !info.key.startsWith(reservedBeginning)) yield { ...info, key: before + info.key };
  }
}

function readOnly(key: string): Failure {
  return new Failure('invalid', `${key} lies in a store that is only read from here: expected it to be changed there.`);
}

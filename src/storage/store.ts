import type { Readable } from 'node:stream';
import type { ByteRange } from '../byte-range.ts';

/** What a store knows about one object. */
export interface ObjectInfo {
  readonly key: string;
  /** Bytes of the body. */
  readonly size: number;
  /** Opaque, unquoted; changes whenever the body does. */
  readonly etag: string;
  readonly lastModified: Date;
  readonly contentType: string | undefined;
  /** User metadata; names are lower case, values are ASCII. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** An object being read. Whoever gets one reads `body` to its end or destroys it. */
export interface StoredObject {
  /** Of the whole, whatever part of it is read. */
  readonly info: ObjectInfo;
  /** Which bytes `body` has, where a part was asked for; otherwise it has all. */
  readonly part?: ByteRange;
  /** Exactly `info.size` bytes, or those of `part`; a body that ends early errors. */
  readonly body: StoredBody;
}

/** A body, which some stores can also give at once, in place of being read piece by piece. */
export interface StoredBody extends Readable {
  /** All of it, of a body that nobody has begun to read; it is destroyed afterwards like any other. */
  readonly readAtOnce?: () => Promise<Buffer>;
}

export interface PutOptions {
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly cacheControl?: string;
  /** Create only: an object that is already there stays, and `put` returns undefined (`If-None-Match: *`). */
  readonly onlyIfAbsent?: boolean;
  /** Only over what is there with just this etag: with another, or with nothing there, `put` returns undefined (`If-Match`). */
  readonly ifMatch?: string;
  /** Bytes of a streamed body; required for streams, since S3 wants a Content-Length. */
  readonly size?: number;
  readonly signal?: AbortSignal;
}

/** An object as it was seen. */
export type SeenObject = Pick<ObjectInfo, 'key' | 'etag'>;

/**
 * Which conditions a store decides itself, in one step with what hangs on them. Elsewhere it is asked first, and somebody else's
 * write between the question and the deed goes unseen.
 */
export interface StoreConditions {
  /** `onlyIfAbsent`. */
  readonly createsOnly: boolean;
  /** `ifMatch`. */
  readonly putsUnchanged: boolean;
  /** `deleteUnchanged`. */
  readonly deletesUnchanged: boolean;
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** Names whoever asks, equal for what one of them asks: what takes long and is scarce is shared out among them. */
  readonly client?: () => string;
  /** Only what lies in the store itself is there: nobody else is asked for it, and nothing is moved here. */
  readonly hereOnly?: boolean;
}

export interface GetOptions extends ReadOptions {
  /**
   * Only these bytes are wanted, at least one, and a store that can reads no others. What goes past the end is left out:
   * what begins there comes to an empty body.
   */
  readonly range?: ByteRange | undefined;
}

export interface ListOptions {
  /** Start after this key (exclusive): how a long walk is resumed. */
  readonly startAfter?: string;
  /** No more than so many keys are wanted, at most 1,000: what is not asked for is not sent. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** When objects were used last, as far as a store keeps that: to the hour is enough for those who ask. */
export interface StoreUses {
  /** Now. Never fails. */
  note(key: string): Promise<void>;
  /** Milliseconds since 1970; undefined when nothing is known of it. */
  lastUsed(key: string): Promise<number | undefined>;
}

/** A state that an object has had, or the mark of its deletion. */
export interface ObjectVersion {
  /** As the store calls it; `null` where it has been kept without one. */
  readonly id: string;
  readonly lastModified: Date;
  readonly isLatest: boolean;
  /** Bytes; undefined for the mark of a deletion. */
  readonly size: number | undefined;
}

/** Earlier states of objects, as buckets with versioning keep them. */
export interface StoreVersions {
  /** The newest hundred of a key, newest first. */
  list(key: string, options?: ReadOptions): Promise<readonly ObjectVersion[]>;
  /** Undefined for an id that names none, and for a mark. */
  get(key: string, id: string, options?: ReadOptions): Promise<StoredObject | undefined>;
}

/**
 * Bytes by key. Roles are taken by `Pick` (`Pick<ObjectStore, 'head' | 'get'>` reads originals).
 *
 * Keys are `/`-separated UTF-8, at most 1,024 bytes. "Not there" is `undefined`; everything else that goes wrong is a
 * Failure: `upstream` (the store refused or broke), `timeout`, `overloaded` (it asked us to slow down), `cancelled`
 * (the signal), `invalid` (a key that this store cannot hold). A put is seen whole or not at all.
 */
export interface ObjectStore {
  /** True while listing a few keys costs one call, as looking one up does, and tells of all that is there; a folder reads all its names for it. */
  listsAtOnce(): boolean;
  /** True when of several who create a key at the same time (`onlyIfAbsent`), in whatever processes, exactly one does. */
  readonly createsOnce: boolean;
  /** Of a folder; others have rules of their own for what nobody uses. */
  readonly uses?: StoreUses | undefined;
  /** Of S3, whether the bucket keeps versions or not. */
  readonly versions?: StoreVersions | undefined;
  /**
   * Resolves when the place that objects lie in is there and may be read, and says more than `head` when not: S3 explains
   * a refusal in a body, which the answer to a HEAD has not, and a bucket that is missing looks like an absent object.
   */
  probe(options?: ReadOptions): Promise<void>;
  head(key: string, options?: ReadOptions): Promise<ObjectInfo | undefined>;
  get(key: string, options?: GetOptions): Promise<StoredObject | undefined>;
  /** The info's `lastModified` may be a second off, since S3 does not send it: `head` tells exactly. */
  put(key: string, body: Uint8Array | Readable, options?: PutOptions): Promise<ObjectInfo | undefined>;
  /** Idempotent: a key that is not there is no error. Any number of keys; batched inside. */
  delete(keys: readonly string[], options?: ReadOptions): Promise<void>;
  /** Deletes those that still have the etag they were seen with; resolves to the keys of those that were deleted. */
  deleteUnchanged(seen: readonly SeenObject[], options?: ReadOptions): Promise<readonly string[]>;
  /** Tried once, with an object of its own, where it is not known of the store. */
  conditions(options?: ReadOptions): Promise<StoreConditions>;
  /**
   * Every key that starts with `prefix`, in UTF-8 byte order, a page at a time: memory stays bounded.
   * A listing tells neither content type nor metadata, since S3 does not.
   */
  list(prefix: string, options?: ListOptions): AsyncIterable<ObjectInfo>;
}

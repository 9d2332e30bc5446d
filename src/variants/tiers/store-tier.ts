import type { Readable } from 'node:stream';
import type { ByteRange } from '../../byte-range.ts';
import { withDeadline } from '../../deadline.ts';
import { createFlights, type Flights } from '../../flights.ts';
import { type ObjectStore, readBody, type StoredObject } from '../../storage/index.ts';
import type { Telemetry } from '../../telemetry.ts';
import { isLeaseObject, type KeptIdentity, renderingName, sourceOfVariantKey } from '../identify/identity.ts';
import type { Found, StoredVariant, Variant, VariantFacts } from '../identify/variant.ts';
import { type Breaker, createBreaker, reportFault } from './breaker.ts';
import { leaseIn } from './leases.ts';
import type { Sending } from './sending.ts';
import { factsOf } from './stored-facts.ts';
import { createWrites, type Writes } from './writes.ts';

/** A stored variant that takes longer than this to read is a miss: rendering is the way out that always works. */
const readTimeoutMs = 1000;

/** No variant that we would write is larger; a longer body in the store is not ours. */
const maxVariantBytes = 256 * 1024 * 1024;

export interface StoreTier {
  /** The stored variant of any version, or that somebody makes it. A tier that fails is an event and a miss, never an error. */
  read(key: string, signal: AbortSignal): Promise<Found>;
  /**
   * The bytes of a variant that is stored, or is being written, in pieces, which the caller reads to their end or destroys;
   * undefined when those are not in the store, or it fails.
   */
  open(key: string, wanted: WantedBytes, signal: AbortSignal): Promise<StoredBody | undefined>;
  /** True for a variant that is stored as this identity says. */
  has(identity: Pick<KeptIdentity, 'key' | 'source' | 'stamp'>, signal: AbortSignal): Promise<boolean>;
  /** Writes behind the caller's back; `settled` waits for it. False when there is no room for it. */
  keep(identity: KeptIdentity, variant: Variant): boolean;
  /** At once: gives up writes of these keys that have not begun, and lets nobody join their reads; waits for writes that have. */
  abandon(matches: (key: string) => boolean): Promise<void>;
  /** True while variants of these keys are being read or written. */
  isBusyWith(matches: (key: string) => boolean): boolean;
  /** Resolves when every write begun so far is done. */
  settled(): Promise<void>;
  pendingBytes(): number;
}

export interface WantedBytes {
  /** Of no others. */
  readonly etag: string;
  /** Bytes that are there; undefined: all. */
  readonly range: ByteRange | undefined;
}

export interface StoredBody {
  readonly body: Readable;
  /** Bytes of the whole. */
  readonly size: number;
}

export interface StoreTierOptions {
  readonly store: Pick<ObjectStore, 'head' | 'get' | 'put'>;
  readonly telemetry: Telemetry;
  /** Where a variant has its room while it is read. */
  readonly sending: Pick<Sending, 'reserve'>;
  readonly cacheControl: string;
  /** By which rules variants of an original are drawn: those stored by others are none. */
  readonly rendering?: (source: string) => string;
}

interface StoreTierState extends Required<StoreTierOptions> {
  /** Not that of the writes: a disk that is full or read-only still holds what it holds. */
  readonly breaker: Breaker;
  readonly reads: Flights<Found>;
  readonly writes: Writes;
}

/** A stored object of ours. */
interface Ours {
  readonly object: StoredObject;
  readonly facts: VariantFacts;
}

const usual = renderingName({ keepAiMark: true, isOpen: true });

export function createStoreTier(given: StoreTierOptions): StoreTier {
  const options = { rendering: () => usual, ...given };
  const writes = createWrites(options);
  const state: StoreTierState = { ...options, breaker: createBreaker(), reads: createFlights(), writes };
  return {
    read: (key, signal) => read(state, key, signal),
    open: (key, wanted, signal) => open(state, { key, ...wanted }, signal),
    has: (identity, signal) => has(state, identity, signal),
    keep: writes.keep,
    abandon: (matches) => abandon(state, matches),
    isBusyWith: (matches) => state.reads.some(matches) || writes.some(matches),
    settled: writes.settled,
    pendingBytes: writes.pendingBytes,
  };
}

/** One GET for all who ask. */
async function read(state: StoreTierState, key: string, signal: AbortSignal): Promise<Found> {
  const { value } = await state.reads.join(key, signal, (control) =>
    attempt(state, control.signal, async (within) => {
      const object = await state.store.get(key, { signal: within });
      if (object !== undefined && isLeaseObject(object.info)) return leaseOf(object);
      const ours = object && oursOf(state, key, object);
      return ours && readOurs(state.sending, ours, within);
    }),
  );
  return value;
}

async function open(
  state: StoreTierState,
  { key, etag, range }: WantedBytes & { readonly key: string },
  signal: AbortSignal,
): Promise<StoredBody | undefined> {
  await state.writes.done(key);
  return attempt(state, signal, async (within) => {
    const object = await state.store.get(key, { range, signal: within });
    const ours = object && oursOf(state, key, object);
    return ours && openOurs(ours, etag);
  });
}

async function has(
  state: StoreTierState,
  { key, source, stamp }: Pick<KeptIdentity, 'key' | 'source' | 'stamp'>,
  signal: AbortSignal,
): Promise<boolean> {
  if (key === undefined) return false;
  const info = await attempt(state, signal, (within) => state.store.head(key, { signal: within }));
  return info !== undefined && factsOf(info, state.rendering(source))?.version === stamp;
}

/** What fails, or takes too long, is not there. */
async function attempt<T>(
  { breaker, telemetry }: StoreTierState,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await breaker.execute(() =>
      withDeadline({ ms: readTimeoutMs, signal }, (deadline) => call(deadline.signal)),
    );
  } catch (error) {
    reportFault(telemetry, 'get', error);
    return undefined;
  }
}

function leaseOf({ info, body }: StoredObject): Found {
  body.destroy();
  return leaseIn(info);
}

/** Undefined for what was drawn by other rules. */
function oursOf(state: StoreTierState, key: string, object: StoredObject): Ours | undefined {
  const facts = factsOf(object.info, state.rendering(sourceOfVariantKey(key) ?? ''));
  if (facts !== undefined) return { object, facts };
  object.body.destroy();
  return undefined;
}

async function readOurs(
  sending: Pick<Sending, 'reserve'>,
  { object, facts }: Ours,
  signal: AbortSignal,
): Promise<StoredVariant | undefined> {
  const { size } = object.info;
  const giveBack = size > maxVariantBytes ? undefined : sending.reserve(size);
  if (giveBack === undefined) {
    object.body.destroy();
    return size > maxVariantBytes ? undefined : { ...facts, bytes: undefined, size };
  }
  try {
    return { ...facts, bytes: await readBody(object, { maxBytes: maxVariantBytes, signal }) };
  } finally {
    giveBack();
  }
}

function openOurs({ object, facts }: Ours, etag: string): StoredBody | undefined {
  if (facts.etag === etag) return { body: object.body, size: object.info.size };
  object.body.destroy();
  return undefined;
}

async function abandon({ reads, writes }: StoreTierState, matches: (key: string) => boolean): Promise<void> {
  const begun = writes.abandon(matches);
  // A read that began before may still hold the old bytes: nobody joins it any more.
  reads.detach(matches);
  if (begun === undefined) return;
  await begun;
  reads.detach(matches);
}

import type { Readable } from 'node:stream';
import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleWhen, type IBackoff } from 'cockatiel';
import PQueue from 'p-queue';
import { withDeadline } from '../../deadline.ts';
import { Failure, isFailure } from '../../failure.ts';
import { createFlights } from '../../flights.ts';
import { type ObjectInfo, type ObjectStore, readBody } from '../../storage/index.ts';
import type { Telemetry } from '../../telemetry.ts';
import { cacheTag, renderingName, sourceOfVariantKey, type VariantIdentity } from '../identify/identity.ts';
import type { UnreadVariant, Variant, VariantFacts } from '../identify/variant.ts';
import type { Sending } from './sending.ts';

/** A stored variant that takes longer than this to read is a miss: rendering is the way out that always works. */
const readTimeoutMs = 1000;
const writeTimeoutMs = 30_000;

/** After so many failures in a row the tier is left alone for a while, so that its outage costs requests no wait. */
const failuresToOpen = 5;
const openMs = 5000;

/** Writes under way; more only wait for the same disk or connection pool. */
const concurrentWrites = 4;

/** Bytes of variants waiting to be written. Past it a write is dropped: the variant is rendered again some day. */
const maxPendingBytes = 128 * 1024 * 1024;

/** No variant that we would write is larger; a longer body in the store is not ours. */
const maxVariantBytes = 256 * 1024 * 1024;

export interface StoreTier {
  /** The stored variant of any version, or undefined. A tier that fails is an event and a miss, never an error. */
  read(key: string, signal: AbortSignal): Promise<Variant | UnreadVariant | undefined>;
  /**
   * The bytes of a variant that is stored, or is being written, in pieces, which the caller reads to their end or destroys;
   * undefined when those are not in the store, or it fails.
   */
  open(key: string, etag: string, signal: AbortSignal): Promise<StoredBody | undefined>;
  /** Writes behind the caller's back; `settled` waits for it. */
  keep(identity: VariantIdentity, variant: Variant): void;
  /** At once: gives up writes of these keys that have not begun, and lets nobody join their reads; waits for writes that have. */
  abandon(matches: (key: string) => boolean): Promise<void>;
  /** Resolves when every write begun so far is done. */
  settled(): Promise<void>;
  pendingBytes(): number;
}

export interface StoredBody {
  readonly body: Readable;
  readonly size: number;
}

export interface StoreTierOptions {
  readonly store: Pick<ObjectStore, 'get' | 'put'>;
  readonly telemetry: Telemetry;
  /** Where a variant has its room while it is read. */
  readonly sending: Pick<Sending, 'reserve'>;
  readonly cacheControl: string;
  /** By which rules variants of an original are drawn: those stored by others are none. */
  readonly rendering?: (source: string) => string;
}

const usual = renderingName({ keepAiMark: true, isOpen: true });

function toMetadata(identity: VariantIdentity, variant: Variant, rendering: string): Record<string, string> {
  return {
    'fovea-version': identity.stamp,
    'fovea-rendering': rendering,
    'fovea-etag': variant.etag.slice(1, -1),
    'fovea-modified': variant.lastModified.toISOString(),
    'cache-tag': identity.sources.map(cacheTag).join(','),
  };
}

function factsOf({ contentType, metadata }: ObjectInfo): VariantFacts | undefined {
  const version = metadata['fovea-version'];
  const etag = metadata['fovea-etag'];
  const modified = metadata['fovea-modified'];
  if (contentType === undefined || version === undefined || etag === undefined || modified === undefined)
    return undefined;
  return { contentType, etag: `"${etag}"`, version, lastModified: new Date(modified) };
}

function createBreaker() {
  return circuitBreaker(
    handleWhen((error) => !isFailure(error, 'cancelled')),
    { halfOpenAfter: { next: waitForOpenMs }, breaker: new ConsecutiveBreaker(failuresToOpen) },
  );
}

/**
 * How long a breaker that opens now stays open. It compares with the wall clock, which may be set back by hours
 * meanwhile; so it is told "not yet" or "long since", and the monotonic clock decides which.
 */
function waitForOpenMs(): IBackoff<unknown> {
  const openedAt = performance.now();
  return {
    next: waitForOpenMs,
    get duration() {
      return performance.now() - openedAt < openMs ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    },
  };
}

/** A write is given up only before it begins: one under way may already have happened. */
interface PendingWrite {
  readonly progress: { state: 'waiting' | 'begun' | 'abandoned' };
  readonly done: Promise<void>;
}

export function createStoreTier({
  store,
  telemetry,
  sending,
  cacheControl,
  rendering = () => usual,
}: StoreTierOptions): StoreTier {
  // One each: a disk that is full or read-only still holds what it holds.
  const reading = createBreaker();
  const writing = createBreaker();
  const reads = createFlights<Variant | UnreadVariant | undefined>();
  const writes = new PQueue({ concurrency: concurrentWrites });
  const pending = new Map<string, PendingWrite>();
  let pendingBytes = 0;

  function reportFault(operation: string, error: unknown): void {
    if (error instanceof BrokenCircuitError || isFailure(error, 'cancelled')) return;
    telemetry.report({ type: 'tier-fault', tier: 'variants', operation, error });
  }

  /** Undefined for what is not there, and for what was drawn by other rules. */
  async function getOurs(key: string, signal: AbortSignal) {
    const object = await store.get(key, { signal });
    if (object === undefined) return undefined;
    const isOurs = object.info.metadata['fovea-rendering'] === rendering(sourceOfVariantKey(key) ?? '');
    const facts = isOurs ? factsOf(object.info) : undefined;
    if (facts !== undefined) return { object, facts };
    object.body.destroy();
    return undefined;
  }

  async function fetchStored(key: string, signal: AbortSignal): Promise<Variant | UnreadVariant | undefined> {
    const found = await getOurs(key, signal);
    if (found === undefined) return undefined;
    const { object, facts } = found;
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

  async function openStored(key: string, etag: string, signal: AbortSignal): Promise<StoredBody | undefined> {
    const found = await getOurs(key, signal);
    if (found === undefined) return undefined;
    const { object, facts } = found;
    if (facts.etag === etag) return { body: object.body, size: object.info.size };
    object.body.destroy();
    return undefined;
  }

  async function write(key: string, identity: VariantIdentity, variant: Variant): Promise<void> {
    const started = performance.now();
    await writing.execute(() =>
      withDeadline({ ms: writeTimeoutMs }, ({ signal }) =>
        store.put(key, variant.bytes, {
          contentType: variant.contentType,
          cacheControl,
          metadata: toMetadata(identity, variant, rendering(identity.source)),
          signal,
        }),
      ),
    );
    telemetry.report({ type: 'stored', bytes: variant.bytes.byteLength, durationMs: performance.now() - started });
  }

  return {
    async read(key, signal) {
      const { value } = await reads.join(key, signal, async (control) => {
        try {
          return await reading.execute(() =>
            withDeadline({ ms: readTimeoutMs, signal: control.signal }, (attempt) => fetchStored(key, attempt.signal)),
          );
        } catch (error) {
          reportFault('get', error);
          return undefined;
        }
      });
      return value;
    },
    async open(key, etag, signal) {
      await pending.get(key)?.done;
      try {
        return await reading.execute(() =>
          withDeadline({ ms: readTimeoutMs, signal }, (attempt) => openStored(key, etag, attempt.signal)),
        );
      } catch (error) {
        reportFault('get', error);
        return undefined;
      }
    },
    keep(identity, variant) {
      const { key } = identity;
      const bytes = variant.bytes.byteLength;
      if (key === undefined || pending.has(key)) return;
      if (pendingBytes + bytes > maxPendingBytes) {
        reportFault('put', new Failure('overloaded', 'Too many bytes wait to be written to the variants store.'));
        return;
      }
      pendingBytes += bytes;
      const progress: PendingWrite['progress'] = { state: 'waiting' };
      const done = writes
        .add(async () => {
          if (progress.state === 'abandoned') return;
          progress.state = 'begun';
          await write(key, identity, variant);
        })
        .catch((error: unknown) => reportFault('put', error))
        .finally(() => {
          pendingBytes -= bytes;
          if (pending.get(key)?.progress === progress) pending.delete(key);
        });
      pending.set(key, { progress, done });
    },
    async abandon(matches) {
      const affected = [...pending].filter(([key]) => matches(key));
      const begun = affected.filter(([, { progress }]) => progress.state === 'begun');
      for (const [key, { progress }] of affected) {
        if (progress.state === 'begun') continue;
        progress.state = 'abandoned';
        pending.delete(key);
      }
      // A read that began before may still hold the old bytes: nobody joins it any more.
      reads.detach(matches);
      if (begun.length === 0) return;
      await Promise.all(begun.map(([, { done }]) => done));
      reads.detach(matches);
    },
    async settled() {
      await Promise.all([...pending.values()].map(({ done }) => done));
    },
    pendingBytes: () => pendingBytes,
  };
}

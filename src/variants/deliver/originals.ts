import { LRUCache } from 'lru-cache';
import { type Deadline, withDeadline } from '../../deadline.ts';
import { Failure, isFailure } from '../../failure.ts';
import { createFlights, type Flights } from '../../flights.ts';
import { type ObjectStore, readBody } from '../../storage/index.ts';
import type { Telemetry } from '../../telemetry.ts';
import { versionOf } from '../identify/identity.ts';

/** How long an original's bytes stay at hand for its next widths: a page asks for all of them within moments. */
const holdMs = 30_000;

/** An original that trickles holds a slot that others wait for: a fetch has so long, retries included. */
const defaultFetchTimeoutMs = 5_000;
/** What a large original is given on top: a store in the same region sends ten times as much. */
const minBytesPerSecond = 4 * 1024 * 1024;

/** One more try when a body breaks off: networks do, and the second read nearly always succeeds. */
const attempts = 2;

export interface OriginalsOptions {
  readonly store: Pick<ObjectStore, 'get'>;
  /** Larger originals are refused before they are read. */
  readonly maxBytes: number;
  /** Bytes of originals held for their next variants. */
  readonly holdBytes: number;
  readonly telemetry: Telemetry;
  /** Milliseconds until a fetch is given up, besides what its size allows for; 5 s by default. */
  readonly fetchTimeoutMs?: number;
}

/** The bytes of originals on their way to a render. */
export interface Originals {
  /** Larger ones are refused before they are read. */
  readonly maxBytes: number;
  /** One fetch for all who ask at once; `changed` when the store holds another version by now, `absent` when none. */
  fetch(source: string, version: string, signal: AbortSignal): Promise<Fetched>;
  forget(matches: (source: string) => boolean): void;
}

type Fetched = Uint8Array | 'changed' | 'absent';

interface OriginalsState extends Required<OriginalsOptions> {
  readonly flights: Flights<Fetched>;
  readonly held: LRUCache<string, Uint8Array>;
}

/** An original in one of its versions. */
interface OriginalVersion {
  readonly source: string;
  readonly version: string;
}

export function createOriginals(given: OriginalsOptions): Originals {
  const options = { fetchTimeoutMs: defaultFetchTimeoutMs, ...given };
  const held = new LRUCache<string, Uint8Array>({
    maxSize: Math.max(1, options.holdBytes),
    sizeCalculation: (bytes) => bytes.byteLength + 1,
    ttl: holdMs,
    ttlAutopurge: true,
  });
  const state: OriginalsState = { ...options, flights: createFlights(), held };
  return {
    maxBytes: options.maxBytes,
    fetch: (source, version, signal) => fetchShared(state, { source, version }, signal),
    forget: (matches) => forget(state, (key) => matches(key.slice(0, key.indexOf('\0')))),
  };
}

async function fetchShared(state: OriginalsState, wanted: OriginalVersion, signal: AbortSignal): Promise<Fetched> {
  const { held, flights } = state;
  const key = `${wanted.source}\0${wanted.version}`;
  const atHand = held.get(key);
  if (atHand !== undefined) return atHand;
  const { value } = await flights.join(key, signal, async (control) => {
    const fetched = await fetchInTime(state, wanted, control.signal);
    if (typeof fetched !== 'string' && control.isCurrent()) held.set(key, fetched);
    return fetched;
  });
  return value;
}

/** All tries together have one deadline. */
function fetchInTime(state: OriginalsState, wanted: OriginalVersion, signal: AbortSignal): Promise<Fetched> {
  const reason = () => new Failure('timeout', 'The original took too long to arrive.');
  return withDeadline({ ms: state.fetchTimeoutMs, signal, reason }, (deadline) =>
    fetchRetrying(state, wanted, deadline),
  );
}

async function fetchRetrying(state: OriginalsState, wanted: OriginalVersion, deadline: Deadline): Promise<Fetched> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fetchOnce(state, wanted, deadline);
    } catch (error) {
      if (attempt >= attempts || !isFailure(error, 'upstream')) throw error;
      state.telemetry.report({ type: 'tier-fault', tier: 'originals', operation: 'get', error });
    }
  }
}

async function fetchOnce(
  { store, maxBytes, telemetry }: OriginalsState,
  { source, version }: OriginalVersion,
  { signal, extend }: Deadline,
): Promise<Fetched> {
  const started = performance.now();
  const object = await store.get(source, { signal });
  if (object === undefined) return 'absent';
  if (versionOf(object.info).version !== version) {
    object.body.destroy();
    return 'changed';
  }
  extend((object.info.size / minBytesPerSecond) * 1000);
  const bytes = await readBody(object, { maxBytes, signal });
  telemetry.report({ type: 'fetched', bytes: bytes.byteLength, durationMs: performance.now() - started });
  return bytes;
}

function forget({ flights, held }: OriginalsState, matches: (key: string) => boolean): void {
  flights.detach(matches);
  for (const key of held.keys()) if (matches(key)) held.delete(key);
}

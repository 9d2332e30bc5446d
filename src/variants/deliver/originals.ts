import { LRUCache } from 'lru-cache';
import { type Deadline, startDeadline } from '../../deadline.ts';
import { Failure, isFailure } from '../../failure.ts';
import { createFlights } from '../../flights.ts';
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
  fetch(source: string, version: string, signal: AbortSignal): Promise<Uint8Array | 'changed' | 'absent'>;
  forget(matches: (source: string) => boolean): void;
}

export function createOriginals(options: OriginalsOptions): Originals {
  const { store, maxBytes, holdBytes, telemetry, fetchTimeoutMs = defaultFetchTimeoutMs } = options;
  type Outcome = Uint8Array | 'changed' | 'absent';
  const flights = createFlights<Outcome>();
  const held = new LRUCache<string, Uint8Array>({
    maxSize: Math.max(1, holdBytes),
    sizeCalculation: (bytes) => bytes.byteLength + 1,
    ttl: holdMs,
    ttlAutopurge: true,
  });

  async function fetchOnce(source: string, version: string, { signal, extend }: Deadline): Promise<Outcome> {
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

  async function fetchWithRetry(source: string, version: string, signal: AbortSignal): Promise<Outcome> {
    const reason = () => new Failure('timeout', 'The original took too long to arrive.');
    const deadline = startDeadline({ ms: fetchTimeoutMs, signal, reason });
    try {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await fetchOnce(source, version, deadline);
        } catch (error) {
          if (attempt >= attempts || !isFailure(error, 'upstream')) throw error;
          telemetry.report({ type: 'tier-fault', tier: 'originals', operation: 'get', error });
        }
      }
    } finally {
      deadline.stop();
    }
  }

  return {
    maxBytes,
    async fetch(source, version, signal) {
      const key = `${source}\0${version}`;
      const at = held.get(key);
      if (at !== undefined) return at;
      const { value } = await flights.join(key, signal, async (control) => {
        const outcome = await fetchWithRetry(source, version, control.signal);
        if (typeof outcome !== 'string' && control.isCurrent()) held.set(key, outcome);
        return outcome;
      });
      return value;
    },
    forget(matches) {
      const matchesKey = (key: string) => matches(key.slice(0, key.indexOf('\0')));
      flights.detach(matchesKey);
      for (const key of held.keys()) if (matchesKey(key)) held.delete(key);
    },
  };
}

import { LRUCache } from 'lru-cache';
import type { ObjectStore } from '../storage/index.ts';
import type { Telemetry } from '../telemetry.ts';
import { createFlights } from './flights.ts';
import { type SourceVersion, versionOf } from './identity.ts';

/** Some 300 bytes each: 100,000 remembered originals are about 30 MB. */
const maxRemembered = 100_000;

export interface VersionsOptions {
  readonly store: Pick<ObjectStore, 'head'>;
  /** Milliseconds that a version, or an absence, is believed. */
  readonly ttlMs: number;
  readonly telemetry: Telemetry;
  readonly clock: { now(): number };
}

/** What is known of originals without reading them: their version, or that they are not there. */
export interface Versions {
  /** What is remembered, without asking the store: `undefined` when nothing fresh is. */
  remembered(key: string): SourceVersion | 'absent' | undefined;
  /** One HEAD for all who ask at once. A store that fails answers with the last known state, if there is one. */
  lookup(key: string, signal: AbortSignal): Promise<SourceVersion | 'absent'>;
  forget(key: string): void;
  forgetMatching(matches: (key: string) => boolean): void;
  /** Keys of which something is remembered, however old. */
  keys(): Iterable<string>;
}

/** An absence is remembered only when the store said so: never from a fault. */
export function createVersions({ store, ttlMs, telemetry, clock }: VersionsOptions): Versions {
  const flights = createFlights<SourceVersion | 'absent'>();
  const known = new LRUCache<string, { readonly state: SourceVersion | 'absent'; readonly since: number }>({
    // By size and not by `max`, which takes the room for all of them, and the time, before there is one.
    maxSize: maxRemembered,
    sizeCalculation: () => 1,
  });

  function remembered(key: string): SourceVersion | 'absent' | undefined {
    const entry = known.get(key);
    return entry !== undefined && clock.now() - entry.since < ttlMs ? entry.state : undefined;
  }

  return {
    remembered,
    async lookup(key, signal) {
      const fresh = remembered(key);
      if (fresh !== undefined) return fresh;
      const { value } = await flights.join(key, signal, async (control) => {
        try {
          const asked = clock.now();
          const info = await store.head(key, { signal: control.signal });
          const state = info === undefined ? 'absent' : versionOf(info);
          if (control.isCurrent()) known.set(key, { state, since: asked });
          return state;
        } catch (error) {
          const last = known.get(key);
          if (last === undefined || last.state === 'absent' || control.signal.aborted) throw error;
          telemetry.report({ type: 'tier-fault', tier: 'originals', operation: 'head', error });
          return last.state;
        }
      });
      return value;
    },
    forget(key) {
      flights.detach((flightKey) => flightKey === key);
      known.delete(key);
    },
    forgetMatching(matches) {
      flights.detach(matches);
      for (const key of known.keys()) if (matches(key)) known.delete(key);
    },
    keys: () => known.keys(),
  };
}

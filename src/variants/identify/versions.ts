import { LRUCache } from 'lru-cache';
import { createFlights } from '../../flights.ts';
import type { ObjectStore } from '../../storage/index.ts';
import type { Telemetry } from '../../telemetry.ts';
import { type SourceVersion, versionOf } from './identity.ts';

/** Some 100,000 originals with keys of usual length. */
const maxRememberedBytes = 48 * 1024 * 1024;
/** What one costs beside its key (measured, rounded up). */
const entryBytes = 350;
/** Names with one beginning that are looked at: more are told apart one by one. */
const mostListed = 20;

export interface VersionsOptions {
  readonly store: Pick<ObjectStore, 'head'>;
  /** Where listing a few keys costs one call: then that is how an absence is found out. */
  readonly list?: ObjectStore['list'] | undefined;
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
  /**
   * Asks in one call which of these keys are there, all of which begin alike, and remembers the others as absent. Where
   * a listing costs more than look-ups, and after a fault, nothing is ruled out.
   */
  ruleOut(keys: readonly string[], signal: AbortSignal): Promise<void>;
  forget(key: string): void;
  forgetMatching(matches: (key: string) => boolean): void;
  /** Keys of which something is remembered, however old. */
  keys(): Iterable<string>;
}

/** An absence is remembered only when the store said so: never from a fault. */
export function createVersions({ store, list, ttlMs, telemetry, clock }: VersionsOptions): Versions {
  const listings = createFlights<void>();
  // How often something was forgotten: what was listed before may be wrong since.
  let forgettings = 0;
  const flights = createFlights<SourceVersion | 'absent'>();
  const known = new LRUCache<string, { readonly state: SourceVersion | 'absent'; readonly since: number }>({
    // By size and not by `max`, which takes the room for all of them, and the time, before there is one.
    maxSize: maxRememberedBytes,
    sizeCalculation: (_, key) => entryBytes + 2 * key.length,
  });

  function remembered(key: string): SourceVersion | 'absent' | undefined {
    const entry = known.get(key);
    return entry !== undefined && clock.now() - entry.since < ttlMs ? entry.state : undefined;
  }

  async function listAndRuleOut(keys: readonly string[], signal: AbortSignal): Promise<void> {
    if (list === undefined) return;
    const [asked, before] = [clock.now(), forgettings];
    const found: string[] = [];
    for await (const { key } of list(commonBeginning(keys), { limit: mostListed, signal })) found.push(key);
    if (forgettings !== before) return;
    const end = found.length < mostListed ? undefined : found.at(-1);
    for (const key of keys) {
      const isLookedAt = end === undefined || Buffer.compare(Buffer.from(key), Buffer.from(end)) < 0;
      if (isLookedAt && !found.includes(key)) known.set(key, { state: 'absent', since: asked });
    }
  }

  return {
    remembered,
    async ruleOut(keys, signal) {
      const unknown = keys.filter((key) => remembered(key) === undefined);
      if (list === undefined || unknown.length < 2) return;
      try {
        await listings.join(unknown.join('\0'), signal, (control) => listAndRuleOut(unknown, control.signal));
      } catch (error) {
        if (signal.aborted) throw error;
        telemetry.report({ type: 'tier-fault', tier: 'originals', operation: 'list', error });
      }
    },
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
      forgettings += 1;
      flights.detach((flightKey) => flightKey === key);
      known.delete(key);
    },
    forgetMatching(matches) {
      forgettings += 1;
      flights.detach(matches);
      for (const key of known.keys()) if (matches(key)) known.delete(key);
    },
    keys: () => known.keys(),
  };
}

function commonBeginning([first = '', ...others]: readonly string[]): string {
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}

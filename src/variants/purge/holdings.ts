import type { Flights } from '../../flights.ts';
import type { Originals } from '../deliver/originals.ts';
import type { Epochs } from '../identify/epochs.ts';
import { sourceOfVariantKey } from '../identify/identity.ts';
import type { Versions } from '../identify/versions.ts';
import type { MemoryTier } from '../tiers/memory-tier.ts';
import type { StoreTier } from '../tiers/store-tier.ts';
import type { ServedMarks } from './served-marks.ts';
import type { PurgeNotice } from './stored-log.ts';

/** What a piece of a purge is about. */
export interface Scope {
  readonly includes: (source: string) => boolean;
  /** Undefined: only `includes` knows. */
  readonly keys: readonly string[] | undefined;
}

export function scopeOf(notice: PurgeNotice): Scope {
  if ('prefix' in notice) return { includes: (source) => source.startsWith(notice.prefix), keys: undefined };
  const keys = new Set(notice.keys);
  return { includes: (source) => keys.has(source), keys: [...keys] };
}

export interface HoldingsParts {
  readonly epochs: Pick<Epochs, 'begin'>;
  readonly flights: Pick<Flights<unknown>, 'detach' | 'some'>;
  readonly memory: MemoryTier;
  readonly versions: Versions;
  readonly originals: Pick<Originals, 'forget'>;
  readonly store: Pick<StoreTier, 'abandon' | 'isBusyWith'> | undefined;
  readonly marks: Pick<ServedMarks, 'forget' | 'forgetMatching'>;
}

/** What this process holds of originals: variants in memory, versions, and work under way that rests on them. */
export interface Holdings {
  /** Originals in the scope of which variants are in memory. */
  sources(scope: Scope): readonly string[];
  /** Variants in memory of these originals. */
  count(sources: readonly string[]): number;
  /** True when a purge of this original could find anything here: otherwise all that is said of it is asked of the stores. */
  holds(source: string): boolean;
  /** Forgets in one turn, so that whatever begins afterwards sees the state after; resolves when writes under way are done. */
  forget(scope: Scope): Promise<void>;
}

export function createHoldings(parts: HoldingsParts): Holdings {
  const { memory, versions, marks } = parts;
  return {
    sources: ({ includes, keys }) =>
      (keys ?? [...memory.sources()].filter(includes)).filter((source) => memory.count(source) > 0),
    count: (sources) => sources.reduce((sum, source) => sum + memory.count(source), 0),
    holds: (source) => holds(parts, source),
    async forget({ includes, keys }) {
      for (const source of keys ?? [...memory.sources()].filter(includes)) memory.forget(source);
      parts.epochs.begin(includes);
      parts.flights.detach((flight) => includes(flight.slice(0, flight.indexOf('\0'))));
      parts.originals.forget(includes);
      for (const remembered of [versions, marks]) {
        if (keys === undefined) remembered.forgetMatching(includes);
        else for (const key of keys) remembered.forget(key);
      }
      await parts.store?.abandon((key) => includes(sourceOfVariantKey(key) ?? ''));
    },
  };
}

function holds({ memory, versions, flights, store }: HoldingsParts, source: string): boolean {
  return (
    versions.holds(source) ||
    memory.count(source) > 0 ||
    flights.some((flight) => flight.startsWith(`${source}\0`)) ||
    store?.isBusyWith((key) => sourceOfVariantKey(key) === source) === true
  );
}

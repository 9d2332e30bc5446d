import { LRUCache } from 'lru-cache';
import type { Telemetry } from '../../telemetry.ts';
import type { VariantIdentity } from '../identify/identity.ts';
import type { Variant } from '../identify/variant.ts';

/** What an entry costs beside its bytes and its key: records and the cache's own links (measured, rounded up). */
const entryOverheadBytes = 1400;

/** Smaller ones are read again sooner than they are sent. */
const giantBytes = 4 * 1024 * 1024;

/** Giants that are remembered while somebody reads them: a name and a weak reference each. */
const maxGiants = 64;

/** V8 keeps text beyond Latin-1 in two bytes a character. */
const bytesPerCharacter = 2;

/** One variant may take at most this share of the tier, so that a single giant does not empty it. */
const maxEntryShare = 4;

export interface MemoryTier {
  get(identity: Pick<VariantIdentity, 'memoryKey'>): Variant | undefined;
  set(identity: Pick<VariantIdentity, 'memoryKey' | 'source'>, variant: Variant): void;
  /** Drops everything made of an original; returns how many variants that were. */
  forget(source: string): number;
  /** Variants held of an original. */
  count(source: string): number;
  /** Originals of which variants are held. */
  sources(): Iterable<string>;
  bytes(): number;
}

interface MemoryEntry {
  readonly source: string;
  readonly variant: Variant;
}

interface MemoryTierState {
  readonly cache: LRUCache<string, MemoryEntry>;
  /** Which entries an original has, so that a purge does not walk the whole tier. */
  readonly bySource: Map<string, Set<string>>;
  /** Too large to keep, and in memory all the same for as long as somebody is sent it: the next reader shares it. */
  readonly giants: Map<string, { readonly source: string; readonly held: WeakRef<Variant> }>;
}

export function createMemoryTier(maxBytes: number, telemetry: Telemetry): MemoryTier {
  const bySource: MemoryTierState['bySource'] = new Map();
  const cache = new LRUCache<string, MemoryEntry>({
    maxSize: maxBytes,
    maxEntrySize: Math.max(1, Math.floor(maxBytes / maxEntryShare)),
    sizeCalculation: ({ source, variant }, key) =>
      variant.bytes.byteLength + entryOverheadBytes + bytesPerCharacter * (key.length + source.length),
    dispose({ source, variant }, key, reason) {
      if (reason === 'set') return;
      dropFrom(bySource, source, key);
      if (reason === 'evict') telemetry.report({ type: 'evicted', bytes: variant.bytes.byteLength });
    },
  });
  const state: MemoryTierState = { cache, bySource, giants: new Map() };
  return {
    get: ({ memoryKey }) => cache.get(memoryKey)?.variant ?? state.giants.get(memoryKey)?.held.deref(),
    set: ({ memoryKey, source }, variant) => set(state, memoryKey, { source, variant }),
    forget: (source) => forget(state, source),
    count: (source) => (bySource.get(source)?.size ?? 0) + giantsOf(state, source).length,
    sources: () => sourcesIn(state),
    bytes: () => cache.calculatedSize,
  };
}

function dropFrom(bySource: MemoryTierState['bySource'], source: string, key: string): void {
  const keys = bySource.get(source);
  keys?.delete(key);
  if (keys?.size === 0) bySource.delete(source);
}

function set({ cache, bySource, giants }: MemoryTierState, memoryKey: string, entry: MemoryEntry): void {
  cache.set(memoryKey, entry);
  if (cache.has(memoryKey)) noteIn(bySource, entry.source, memoryKey);
  else if (entry.variant.bytes.byteLength >= giantBytes) holdGiant(giants, memoryKey, entry);
}

function noteIn(bySource: MemoryTierState['bySource'], source: string, key: string): void {
  const keys = bySource.get(source);
  if (keys === undefined) bySource.set(source, new Set([key]));
  else keys.add(key);
}

function holdGiant(giants: MemoryTierState['giants'], memoryKey: string, { source, variant }: MemoryEntry): void {
  giants.delete(memoryKey);
  giants.set(memoryKey, { source, held: new WeakRef(variant) });
  for (const oldest of giants.keys()) if (giants.size > maxGiants) giants.delete(oldest);
}

function giantsOf({ giants }: MemoryTierState, source: string): readonly string[] {
  return [...giants].flatMap(([key, giant]) => (giant.source === source ? [key] : []));
}

function forget(state: MemoryTierState, source: string): number {
  const keys = [...(state.bySource.get(source) ?? [])];
  for (const key of keys) state.cache.delete(key);
  const shared = giantsOf(state, source);
  for (const key of shared) state.giants.delete(key);
  return keys.length + shared.length;
}

function* sourcesIn({ bySource, giants }: MemoryTierState): Generator<string, void, undefined> {
  yield* bySource.keys();
  for (const { source } of giants.values()) if (!bySource.has(source)) yield source;
}

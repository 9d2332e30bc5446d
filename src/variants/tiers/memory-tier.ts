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
  /** Drops everything made of an original; answers how many variants that were. */
  forget(source: string): number;
  /** Variants held of an original. */
  count(source: string): number;
  /** Originals of which variants are held. */
  sources(): Iterable<string>;
  bytes(): number;
}

export function createMemoryTier(maxBytes: number, telemetry: Telemetry): MemoryTier {
  interface Entry {
    readonly source: string;
    readonly variant: Variant;
  }
  // Which entries an original has, so that a purge does not walk the whole tier.
  const bySource = new Map<string, Set<string>>();
  const cache = new LRUCache<string, Entry>({
    maxSize: maxBytes,
    maxEntrySize: Math.max(1, Math.floor(maxBytes / maxEntryShare)),
    sizeCalculation: ({ source, variant }, key) =>
      variant.bytes.byteLength + entryOverheadBytes + bytesPerCharacter * (key.length + source.length),
    dispose: ({ source, variant }, key, reason) => {
      if (reason === 'set') return;
      const keys = bySource.get(source);
      keys?.delete(key);
      if (keys?.size === 0) bySource.delete(source);
      if (reason === 'evict') telemetry.report({ type: 'evicted', bytes: variant.bytes.byteLength });
    },
  });

  // Too large to keep, and in memory all the same for as long as somebody is sent it: the next reader shares it.
  const giants = new Map<string, { readonly source: string; readonly held: WeakRef<Variant> }>();

  const giantsOf = (source: string) => [...giants].flatMap(([key, giant]) => (giant.source === source ? [key] : []));

  function holdGiant(memoryKey: string, source: string, variant: Variant): void {
    giants.delete(memoryKey);
    giants.set(memoryKey, { source, held: new WeakRef(variant) });
    for (const oldest of giants.keys()) if (giants.size > maxGiants) giants.delete(oldest);
  }

  return {
    get: ({ memoryKey }) => cache.get(memoryKey)?.variant ?? giants.get(memoryKey)?.held.deref(),
    set({ memoryKey, source }, variant) {
      cache.set(memoryKey, { source, variant });
      if (!cache.has(memoryKey)) {
        if (variant.bytes.byteLength >= giantBytes) holdGiant(memoryKey, source, variant);
        return;
      }
      const keys = bySource.get(source);
      if (keys === undefined) bySource.set(source, new Set([memoryKey]));
      else keys.add(memoryKey);
    },
    forget(source) {
      const keys = [...(bySource.get(source) ?? [])];
      for (const key of keys) cache.delete(key);
      const shared = giantsOf(source);
      for (const key of shared) giants.delete(key);
      return keys.length + shared.length;
    },
    count: (source) => (bySource.get(source)?.size ?? 0) + giantsOf(source).length,
    *sources() {
      yield* bySource.keys();
      for (const { source } of giants.values()) if (!bySource.has(source)) yield source;
    },
    bytes: () => cache.calculatedSize,
  };
}

import { LRUCache } from 'lru-cache';
import type { Telemetry } from '../telemetry.ts';
import type { VariantIdentity } from './identity.ts';
import type { Variant } from './variant.ts';

/** What an entry costs beside its bytes: key, record and the cache's own links (measured, rounded up). */
const entryOverheadBytes = 1024;

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
    sizeCalculation: ({ variant }) => variant.bytes.byteLength + entryOverheadBytes,
    dispose: ({ source, variant }, key, reason) => {
      if (reason === 'set') return;
      const keys = bySource.get(source);
      keys?.delete(key);
      if (keys?.size === 0) bySource.delete(source);
      if (reason === 'evict') telemetry.report({ type: 'evicted', bytes: variant.bytes.byteLength });
    },
  });

  return {
    get: ({ memoryKey }) => cache.get(memoryKey)?.variant,
    set({ memoryKey, source }, variant) {
      cache.set(memoryKey, { source, variant });
      if (!cache.has(memoryKey)) return;
      const keys = bySource.get(source);
      if (keys === undefined) bySource.set(source, new Set([memoryKey]));
      else keys.add(memoryKey);
    },
    forget(source) {
      const keys = [...(bySource.get(source) ?? [])];
      for (const key of keys) cache.delete(key);
      return keys.length;
    },
    count: (source) => bySource.get(source)?.size ?? 0,
    sources: () => bySource.keys(),
    bytes: () => cache.calculatedSize,
  };
}

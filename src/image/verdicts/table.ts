import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Attempt } from './attempt.ts';

/** How long what is kept in a table counts. */
export interface TableTime {
  /** Milliseconds that an entry is remembered after it was put there. */
  readonly ttlMs: number;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
}

/** What an entry takes beside its texts. */
export const entryBytes = 300;

/** Two bytes a letter. */
export function bytesOf(text: string): number {
  return 2 * text.length;
}

/** A table that forgets what is old, and what is used least when its entries take more than so many bytes. */
export function createTable<Entry extends object>(
  { ttlMs, clock }: TableTime,
  maxBytes: number,
  sizeOf: (entry: Entry) => number,
): LRUCache<string, Entry> {
  return new LRUCache<string, Entry>({
    maxSize: maxBytes,
    sizeCalculation: (entry, name) => sizeOf(entry) + bytesOf(name),
    ttl: ttlMs,
    ttlResolution: 0,
    // The cache takes a time of 0 for none.
    perf: { now: () => clock() + 1 },
  });
}

/** Under which name a picture is kept: of a fixed length, however long the two are. */
export function nameOf({ fingerprint, picture }: Pick<Attempt, 'fingerprint' | 'picture'>): string {
  return createHash('sha256').update(fingerprint).update('\0').update(picture).digest('base64url');
}

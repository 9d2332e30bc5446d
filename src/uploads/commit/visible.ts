import type { ObjectInfo, ObjectStore, ReadOptions } from '../../storage/index.ts';
import { batchMark } from '../batch/keys.ts';
import { isBatch, readOutcome, stagingKeys } from '../batch/records.ts';

export interface VisibleParts {
  readonly store: Pick<ObjectStore, 'head' | 'get'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Far longer than any sweep is away: what is older has been decided, and costs no second look. Milliseconds. */
const undecidedForMs = 7 * 24 * 60 * 60_000;

/**
 * Originals as visitors may see them: what a batch has copied to its key is not there before the batch is decided. So
 * all of a batch appear at once, and none of one whose process died in the middle, swept or not.
 */
export function visibleOriginals(parts: VisibleParts): Pick<ObjectStore, 'head'> {
  return { head: (key, options) => headVisible(parts, key, options) };
}

async function headVisible(
  parts: VisibleParts,
  key: string,
  options: ReadOptions = {},
): Promise<ObjectInfo | undefined> {
  const info = await parts.store.head(key, options);
  return info !== undefined && (await isDecided(parts, info, options)) ? info : undefined;
}

async function isDecided(
  { store, now }: VisibleParts,
  { metadata, lastModified }: ObjectInfo,
  options: ReadOptions,
): Promise<boolean> {
  const batch = metadata[batchMark];
  if (batch === undefined || !isBatch(batch) || now() - lastModified.getTime() > undecidedForMs) return true;
  // The manifest goes once the batch is published; until then only the outcome tells.
  const manifest = await store.head(stagingKeys.manifest(batch), options);
  return manifest === undefined || (await readOutcome(store, batch, options))?.state === 'published';
}

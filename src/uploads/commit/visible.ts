import type { ObjectInfo, ObjectStore } from '../../storage/index.ts';
import { type Batches, isBatch, places } from '../batch/records.ts';
import { mark } from './publish.ts';

export interface VisibleParts {
  readonly store: Pick<ObjectStore, 'head'>;
  readonly batches: Pick<Batches, 'outcome'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Far longer than any sweep is away: what is older has been decided, and costs no second look. Milliseconds. */
const undecidedForMs = 7 * 24 * 60 * 60_000;

/**
 * Originals as visitors may see them: what a batch has copied to its key is not there before the batch is decided. So
 * all of a batch appear at once, and none of one whose process died in the middle, swept or not.
 */
export function createVisible({ store, batches, now }: VisibleParts): Pick<ObjectStore, 'head'> {
  async function isDecided({ metadata, lastModified }: ObjectInfo, signal: AbortSignal | undefined): Promise<boolean> {
    const batch = metadata[mark];
    if (batch === undefined || !isBatch(batch) || now() - lastModified.getTime() > undecidedForMs) return true;
    // The manifest goes once the batch is published; until then only the outcome tells.
    const manifest = await store.head(places.manifest(batch), signal === undefined ? {} : { signal });
    return manifest === undefined || (await batches.outcome(batch, signal))?.state === 'published';
  }

  return {
    async head(key, options = {}) {
      const info = await store.head(key, options);
      return info !== undefined && (await isDecided(info, options.signal)) ? info : undefined;
    },
  };
}

import { withDeadline } from '../../deadline.ts';
import { checkId } from '../../grammar/index.ts';
import type { ObjectInfo, ObjectStore, ObjectVersion, StoreVersions } from '../../storage/index.ts';
import { batchMark } from '../batch/keys.ts';
import { publishTimeoutMs } from '../sweep/take-back.ts';
import { putOver } from './put-over.ts';

/** Earlier states of originals, where the store may keep them. */
export interface OriginalVersions {
  /** The newest hundred, newest first; none where the store has never had such a key. Failures: the store's. */
  list(key: string, signal: AbortSignal): Promise<readonly ObjectVersion[]>;
  /**
   * Puts an earlier state, with all that was said of it, in the place of what is there. `unknown` where there is none of that
   * id, `unversioned` where the bucket keeps none. What was made of the one before is the caller's to purge. Failures:
   * `overloaded` when somebody else writes it at the same time; the store's.
   */
  restore(key: string, id: string, signal: AbortSignal): Promise<ObjectInfo | 'unknown' | 'unversioned'>;
}

interface RestoreParts {
  readonly store: Pick<ObjectStore, 'head' | 'put'>;
  readonly changed: (key: string) => void | Promise<void>;
}

/** Undefined of a store that has no versions at all. */
export function originalVersions(
  parts: RestoreParts,
  versions: StoreVersions | undefined,
): OriginalVersions | undefined {
  if (versions === undefined) return undefined;
  return {
    async list(key, signal) {
      checkId(key);
      return versions.list(key, { signal });
    },
    restore: (key, id, signal) => restore(parts, versions, { key, id, signal }),
  };
}

/** Of a bucket without versions this is what the one state of an object is called. */
const onlyVersion = 'null';

interface Restoring {
  readonly key: string;
  readonly id: string;
  readonly signal: AbortSignal;
}

async function restore(parts: RestoreParts, versions: StoreVersions, { key, id, signal }: Restoring) {
  checkId(key);
  const seen = await parts.store.head(key, { signal, hereOnly: true });
  const kept = await versions.get(key, id, { signal });
  if (kept === undefined || id === onlyVersion) {
    const all = await versions.list(key, { signal });
    const isUnversioned = all.length > 0 && all.every((one) => one.id === onlyVersion);
    if (kept === undefined || isUnversioned) {
      kept?.body.destroy();
      return isUnversioned ? 'unversioned' : 'unknown';
    }
  }
  const { size, contentType, metadata } = kept.info;
  // It is nobody's to take back any more.
  const { [batchMark]: _, ...said } = metadata;
  const info = await withDeadline({ ms: publishTimeoutMs }, ({ signal: inTime }) => {
    const put = { size, metadata: said, signal: inTime, ...(contentType !== undefined && { contentType }) };
    return putOver(parts.store, key, { body: kept.body, seen, put });
  });
  await parts.changed(key);
  return info;
}

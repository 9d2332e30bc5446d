import { Failure } from '../../failure.ts';
import type { ObjectStore } from '../../storage/index.ts';
import { type Caller, checkOwner, noBatch } from './caller.ts';
import { checkBatch, type Manifest, readManifest } from './records.ts';

export interface OpenBatchParts {
  readonly store: Pick<ObjectStore, 'get'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * The manifest of a batch that still takes files. Failures: `not_found` for a batch that is not there, or is somebody
 * else's; `invalid` for one that has expired.
 */
export async function openBatch({ store, now }: OpenBatchParts, batch: string, caller: Caller): Promise<Manifest> {
  checkBatch(batch);
  const manifest = await readManifest(store, batch, { signal: caller.signal });
  if (manifest === undefined) throw noBatch();
  checkOwner(manifest, caller);
  if (now() > manifest.expires) {
    throw new Failure('invalid', `The batch expired at ${new Date(manifest.expires).toISOString()}: sign it anew.`);
  }
  return manifest;
}

import { Failure } from '../../failure.ts';
import type { ObjectStore } from '../../storage/index.ts';
import type { Telemetry } from '../../telemetry.ts';
import { type Caller, checkOwner, noBatch } from '../batch/caller.ts';
import { batchMark, batchOfKey } from '../batch/keys.ts';
import { isNamed, publishedKeys } from '../batch/published.ts';
import {
  type BatchOutcome,
  checkBatch,
  decideOutcome,
  type Manifest,
  readManifest,
  readOutcome,
  stagingKeys,
} from '../batch/records.ts';

export interface TakeBackParts {
  readonly store: ObjectStore;
  readonly telemetry: Telemetry;
  /** Told of every key that appears or goes, so that nobody remembers it otherwise. */
  readonly changed: (key: string) => void | Promise<void>;
}

/** Publishing that takes longer is given up and taken back: a sweep must never meet one that still runs. Milliseconds. */
export const publishTimeoutMs = 10 * 60_000;

/** Ends a batch that is not published. Failures: `not_found`, also for somebody else's; `invalid` once it is published. */
export async function abortBatch(parts: TakeBackParts, batch: string, caller: Caller): Promise<void> {
  checkBatch(batch);
  const { signal } = caller;
  const manifest = await readManifest(parts.store, batch, { signal });
  const record = manifest ?? (await readOutcome(parts.store, batch, { signal }));
  if (record === undefined) throw noBatch();
  checkOwner(record, caller);
  const outcome = 'state' in record ? record : await revertBatch(parts, record);
  if (outcome.state === 'published') {
    throw new Failure('invalid', 'The batch is published already: what is published is purged, not aborted.');
  }
  // The decision stays for the sweep: a commit that runs beside us has to find it.
  await tidyBatch(parts, batch, 'pieces and manifest');
}

/** Takes back a published original that was named after its batch, and with it the batch. Failure `not_found`. */
export async function revertPublished(parts: TakeBackParts, key: string, caller: Caller): Promise<void> {
  const batch = batchOfKey(key);
  const published = batch === undefined ? [] : await publishedKeys(parts.store, batch, caller);
  if (batch === undefined || !published.some((known) => isNamed(known, key))) {
    throw new Failure('not_found', 'There is no upload of this name that could be taken back.');
  }
  await withdraw(parts, batch, published);
  await tidyBatch(parts, batch, 'all');
}

/** Decides that the batch is not, and takes back what of it is published; the outcome, if it was decided before. */
export async function revertBatch(parts: TakeBackParts, manifest: Manifest): Promise<BatchOutcome> {
  const { batch, owner, files } = manifest;
  const reverted = { state: 'reverted' as const, ...(owner === undefined ? {} : { owner }) };
  const decided = await decideOutcome(parts.store, batch, reverted);
  if (decided.state === 'reverted') {
    await withdraw(
      parts,
      batch,
      files.map(({ key }) => key),
    );
  }
  return decided;
}

/** Takes away those originals, as far as they are this batch's. */
export async function withdraw(
  { store, changed }: TakeBackParts,
  batch: string,
  keys: readonly string[],
): Promise<void> {
  for (const key of keys) {
    const info = await store.head(key);
    // Not what somebody else has put there since.
    if (info !== undefined && info.metadata[batchMark] === batch) await store.deleteUnchanged([info]);
    await changed(key);
  }
}

/** Deletes what is staged of a batch; `all` its records too. Never throws: the sweep does what could not be done. */
export async function tidyBatch(
  { store, telemetry }: TakeBackParts,
  batch: string,
  what: 'pieces' | 'pieces and manifest' | 'all',
): Promise<void> {
  try {
    const staged: string[] = [];
    for await (const { key } of store.list(stagingKeys.files(batch))) staged.push(key);
    await store.delete(staged);
    // The outcome goes last: as long as anything else is there, it says what to do with it.
    if (what !== 'pieces') await store.delete([stagingKeys.manifest(batch)]);
    if (what === 'all') await store.delete([stagingKeys.outcome(batch)]);
  } catch (error) {
    telemetry.report({ type: 'tier-fault', tier: 'originals', operation: 'tidy', error });
  }
}

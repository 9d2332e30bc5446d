import { Failure, isFailure } from '../../failure.ts';
import { extensionOf, formatOfMediaType } from '../../formats.ts';
import type { ObjectStore } from '../../storage/index.ts';
import { adminName, type Caller, checkOwner, holderOf } from '../batch/caller.ts';
import { batchMark, checkKeys, keyTaken } from '../batch/keys.ts';
import { openBatch } from '../batch/open.ts';
import { checkBatch, keepManifest, type Manifest, readOutcome } from '../batch/records.ts';
import { type BatchReport, publishedReport, refusedReport } from '../batch/report.ts';
import { findStaged, type StagedFile } from '../batch/staging.ts';
import { type TakeBackParts, tidyBatch } from '../sweep/take-back.ts';
import { type CheckedFile, type CheckParts, type CheckTurn, checkFile } from './check.ts';
import { publishBatch } from './publish.ts';

export interface CommitParts extends CheckParts, TakeBackParts {
  readonly store: ObjectStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Checks what has arrived of a batch, and publishes it; the same report again of one that is decided. Failures:
 * `not_found`, also for a batch that is somebody else's; `invalid` for one that was taken back, or has expired.
 */
export async function commitBatch(parts: CommitParts, batch: string, caller: Caller): Promise<BatchReport> {
  checkBatch(batch);
  const before = await decidedReport(parts, batch, caller);
  if (before !== undefined) return before;
  const result = await commitOpen(parts, batch, caller).catch((error: unknown) => {
    if (isFailure(error, 'not_found')) return error;
    throw error;
  });
  if (!isFailure(result) && result.published) {
    await tidyBatch(parts, batch, 'pieces and manifest');
    return result;
  }
  // Somebody who committed beside us may have published, and cleared away what we were about to check.
  const outcome = await readOutcome(parts.store, batch, { signal: caller.signal });
  if (outcome?.state === 'published') {
    checkOwner(outcome, caller);
    return publishedReport(batch, outcome);
  }
  if (isFailure(result)) throw result;
  return result;
}

/** The same where nobody commits, and the last file is enough: what was refused goes, so that it can be sent again. */
export async function commitArrived(parts: CommitParts, batch: string, caller: Caller): Promise<BatchReport> {
  const report = await commitBatch(parts, batch, caller);
  if (!report.published) await tidyBatch(parts, batch, 'pieces');
  return report;
}

/** The same for files whose staged bytes are at hand, and of which there is no manifest yet; in whose turn they are checked. */
export async function commitStaged(
  parts: CommitParts,
  manifest: Manifest,
  { staged, ...turn }: CheckTurn & { readonly staged: readonly StagedFile[] },
): Promise<BatchReport> {
  const { batch, owner } = manifest;
  const report = await checkAndPublish(parts, manifest, { staged, isKept: false, ...turn });
  // Only an owner comes back to what the record says; everybody else has just been answered.
  if (report.published) await tidyBatch(parts, batch, owner === undefined ? 'all' : 'pieces and manifest');
  return report;
}

async function decidedReport({ store }: CommitParts, batch: string, caller: Caller): Promise<BatchReport | undefined> {
  const outcome = await readOutcome(store, batch, { signal: caller.signal });
  if (outcome === undefined) return undefined;
  checkOwner(outcome, caller);
  if (outcome.state === 'reverted') throw new Failure('invalid', 'The batch was taken back: sign its files anew.');
  return publishedReport(batch, outcome);
}

async function commitOpen(parts: CommitParts, batch: string, caller: Caller): Promise<BatchReport> {
  const { store } = parts;
  const { signal } = caller;
  const manifest = await openBatch(parts, batch, caller);
  const staged = await Promise.all(manifest.files.map((_, index) => findStaged(store, { batch, index }, { signal })));
  const turn = { owner: turnOf(manifest, caller), signal };
  return checkAndPublish(parts, manifest, { staged, isKept: true, ...turn });
}

interface CheckAndPublishOptions extends CheckTurn {
  /** In the order of the manifest. */
  readonly staged: readonly StagedFile[];
  /** Whether the manifest is in the store as it is. */
  readonly isKept: boolean;
}

/** What every commit comes to. */
async function checkAndPublish(
  parts: CommitParts,
  manifest: Manifest,
  { staged, isKept, ...turn }: CheckAndPublishOptions,
): Promise<BatchReport> {
  const checked = await Promise.all(
    staged.map((file, index) => checkOne(parts, manifest, { index, staged: file, ...turn })),
  );
  if (!mayPublish(manifest, checked)) {
    const keys = manifest.files.map(({ key }) => key);
    return refusedReport(manifest.batch, keys, checked);
  }
  const resolved = withExtensions(manifest, checked);
  // Before anything is published, so that whoever has to take it back knows where it is.
  if (!isKept || resolved !== manifest) await keepManifest(parts.store, resolved, { signal: turn.signal });
  return publishBatch(parts, resolved, checked);
}

/** What is known of one file, or why it cannot be published. */
async function checkOne(
  parts: CommitParts,
  manifest: Manifest,
  { index, ...options }: CheckTurn & { readonly index: number; readonly staged: StagedFile },
): Promise<CheckedFile | Failure> {
  const promised = manifest.files[index];
  if (promised === undefined) throw new Error('a batch has a promise for each of its files');
  try {
    if (!promised.lacksExtension) await checkFree(parts, promised.key, { batch: manifest.batch, ...options });
    return await checkFile(parts, promised, options);
  } catch (error) {
    if (isFailure(error) && !isFailure(error, 'cancelled')) return error;
    throw error;
  }
}

/** Asked before anything is published, so that the usual refusal leaves no trace; the create-only put decides. */
async function checkFree(
  { store }: CommitParts,
  key: string,
  { batch, signal }: { readonly batch: string; readonly signal: AbortSignal },
): Promise<void> {
  const info = await store.head(key, { signal });
  if (info !== undefined && info.metadata[batchMark] !== batch) throw keyTaken(key);
}

/** Whoever commits; nobody does where the last file is enough. */
function turnOf(manifest: Manifest, { owner }: Caller): string {
  return owner ?? (manifest.automatic ? holderOf(manifest) : adminName);
}

function mayPublish({ atomic }: Manifest, checked: readonly (CheckedFile | Failure)[]): boolean {
  return atomic ? !checked.some((file) => isFailure(file)) : checked.some((file) => !isFailure(file));
}

function withExtensions(manifest: Manifest, checked: readonly (CheckedFile | Failure)[]): Manifest {
  if (!manifest.files.some(({ lacksExtension }) => lacksExtension)) return manifest;
  const files = manifest.files.map(({ lacksExtension, ...file }, index) => {
    const found = checked[index];
    if (!lacksExtension || found === undefined || isFailure(found)) return file;
    return { ...file, key: `${file.key}.${extensionOf(formatOfMediaType(found.type))}` };
  });
  checkKeys(files.map(({ key }) => key));
  return { ...manifest, files };
}

import { Failure, isFailure } from '../../failure.ts';
import { extensionOf, formatOfMediaType } from '../../formats.ts';
import type { ObjectStore } from '../../storage/index.ts';
import { type Caller, checkOwner, noBatch } from '../batch/caller.ts';
import { checkKeys } from '../batch/keys.ts';
import { type Batches, checkBatch, type Manifest } from '../batch/records.ts';
import { type BatchReport, publishedReport, refusedReport } from '../batch/report.ts';
import type { StagedFile, Staging } from '../batch/staging.ts';
import { adminName, holderOf } from '../bulkhead.ts';
import type { CheckedFile, CheckOptions, Checks } from './check.ts';
import { mark, type Publisher, taken } from './publish.ts';

export interface CommitterParts {
  readonly store: Pick<ObjectStore, 'head'>;
  readonly batches: Batches;
  readonly staging: Staging;
  readonly checks: Checks;
  readonly publisher: Publisher;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Whose turn a check takes. */
export type CheckTurn = Pick<CheckOptions, 'owner' | 'signal'>;

/** Checks what has arrived of a batch, and publishes it. */
export interface Committer {
  /** Failure `not_found` for a batch that is somebody else's, as everywhere below. */
  commit(batch: string, caller: Caller): Promise<BatchReport>;
  /** The same for files whose staged bytes are at hand, and of which there is no manifest yet; in whose turn they are checked. */
  commitStaged(manifest: Manifest, staged: readonly StagedFile[], turn: CheckTurn): Promise<BatchReport>;
  /** The manifest of a batch that still takes files; Failures `not_found` and `invalid` when there is none. */
  open(batch: string, caller: Caller): Promise<Manifest>;
  abort(batch: string, caller: Caller): Promise<void>;
}

export function createCommitter(parts: CommitterParts): Committer {
  const { store, batches, staging, checks, publisher, now } = parts;

  async function open(batch: string, caller: Caller): Promise<Manifest> {
    checkBatch(batch);
    const manifest = await batches.manifest(batch, caller.signal);
    if (manifest === undefined) throw noBatch();
    checkOwner(manifest, caller);
    if (now() > manifest.expires) {
      throw new Failure('invalid', `The batch expired at ${new Date(manifest.expires).toISOString()}: sign it anew.`);
    }
    return manifest;
  }

  async function checkFile(manifest: Manifest, index: number, staged: StagedFile, turn: CheckTurn) {
    const promised = manifest.files[index];
    if (promised === undefined) throw new Error('a batch has a promise for each of its files');
    try {
      if (!promised.lacksExtension && (await isTaken(promised.key, manifest.batch, turn.signal)))
        throw taken(promised.key);
      return await checks.check(promised, staged, turn);
    } catch (error) {
      if (isFailure(error) && !isFailure(error, 'cancelled')) return error;
      throw error;
    }
  }

  /** Asked before anything is published, so that the usual refusal leaves no trace; the create-only put decides. */
  async function isTaken(key: string, batch: string, signal: AbortSignal): Promise<boolean> {
    const info = await store.head(key, { signal });
    return info !== undefined && info.metadata[mark] !== batch;
  }

  async function checkAll(manifest: Manifest, staged: readonly StagedFile[], turn: CheckTurn) {
    return Promise.all(staged.map((file, index) => checkFile(manifest, index, file, turn)));
  }

  async function decided(batch: string, caller: Caller): Promise<BatchReport | undefined> {
    const outcome = await batches.outcome(batch, caller.signal);
    if (outcome !== undefined) checkOwner(outcome, caller);
    if (outcome?.state === 'reverted') throw new Failure('invalid', 'The batch was taken back: sign its files anew.');
    return outcome && publishedReport(batch, outcome);
  }

  async function commitOpen(batch: string, caller: Caller): Promise<BatchReport> {
    const { signal } = caller;
    const manifest = await open(batch, caller);
    const staged = await Promise.all(manifest.files.map((_, index) => staging.find({ batch, index }, signal)));
    const checked = await checkAll(manifest, staged, { owner: turnOf(manifest, caller), signal });
    if (!mayPublish(manifest, checked)) return refusedReport(batch, keysOf(manifest), checked);
    const resolved = withExtensions(manifest, checked);
    // Before anything is published, so that whoever has to take it back knows where it is.
    if (resolved !== manifest) await batches.promise(resolved, signal);
    return publisher.publish(resolved, checked);
  }

  async function commit(batch: string, caller: Caller): Promise<BatchReport> {
    checkBatch(batch);
    const before = await decided(batch, caller);
    if (before !== undefined) return before;
    const result = await commitOpen(batch, caller).catch((error: unknown) => {
      if (isFailure(error, 'not_found')) return error;
      throw error;
    });
    if (!isFailure(result) && result.published) {
      await publisher.tidy(batch, 'pieces and manifest');
      return result;
    }
    // Somebody who committed beside us may have published, and cleared away what we were about to check.
    const outcome = await batches.outcome(batch, caller.signal);
    if (outcome?.state === 'published') {
      checkOwner(outcome, caller);
      return publishedReport(batch, outcome);
    }
    if (isFailure(result)) throw result;
    return result;
  }

  async function commitStaged(
    manifest: Manifest,
    staged: readonly StagedFile[],
    turn: CheckTurn,
  ): Promise<BatchReport> {
    const { batch } = manifest;
    const { signal } = turn;
    const checked = await checkAll(manifest, staged, turn);
    if (!mayPublish(manifest, checked)) return refusedReport(batch, keysOf(manifest), checked);
    const resolved = withExtensions(manifest, checked);
    await batches.promise(resolved, signal);
    const report = await publisher.publish(resolved, checked);
    // Only an owner comes back to what the record says; everybody else has just been answered.
    if (report.published) await publisher.tidy(batch, manifest.owner === undefined ? 'all' : 'pieces and manifest');
    return report;
  }

  async function abort(batch: string, caller: Caller): Promise<void> {
    checkBatch(batch);
    const manifest = await batches.manifest(batch, caller.signal);
    const record = manifest ?? (await batches.outcome(batch, caller.signal));
    if (record === undefined) throw noBatch();
    checkOwner(record, caller);
    const outcome = 'state' in record ? record : await publisher.revert(record);
    if (outcome.state === 'published') {
      throw new Failure('invalid', 'The batch is published already: what is published is purged, not aborted.');
    }
    // The decision stays for the sweep: a commit that runs beside us has to find it.
    await publisher.tidy(batch, 'pieces and manifest');
  }

  return { commit, commitStaged, open, abort };
}

/** Whoever commits; nobody does where the last file is enough. */
function turnOf(manifest: Manifest, { owner }: Caller): string {
  return owner ?? (manifest.automatic ? holderOf(manifest) : adminName);
}

function keysOf(manifest: Manifest): readonly string[] {
  return manifest.files.map(({ key }) => key);
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

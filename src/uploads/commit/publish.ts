import PQueue from 'p-queue';
import { cancelled, Failure, isFailure } from '../../failure.ts';
import { focusMetadata } from '../../grammar/index.ts';
import type { ObjectStore } from '../../storage/index.ts';
import type { Telemetry } from '../../telemetry.ts';
import { type Batches, type BatchOutcome, type Manifest, places } from '../batch/records.ts';
import { type BatchReport, type FileResult, isPublished, publishedReport, refusedReport } from '../batch/report.ts';
import type { Staging } from '../batch/staging.ts';
import type { CheckedFile } from './check.ts';

export interface PublisherParts {
  readonly store: Pick<ObjectStore, 'head' | 'put' | 'delete' | 'list'>;
  readonly staging: Staging;
  readonly batches: Batches;
  readonly telemetry: Telemetry;
  /** Told of every key that appears or goes, so that nobody remembers it otherwise. */
  readonly changed: (key: string) => void | Promise<void>;
}

/** Files copied to their keys at once. */
const copiesAtOnce = 4;

/** Publishing that takes longer is given up and taken back: a sweep must never meet one that still runs. Milliseconds. */
export const publishTimeoutMs = 10 * 60_000;

/** Says on an original which batch put it there: only that one may take it away again. */
export const mark = 'fovea-batch';

/** Makes files of a batch originals, and takes them back. */
export interface Publisher {
  /**
   * Copies checked files to their keys, create-only, and decides the batch. `checked` holds a Failure where a file was
   * refused; of an atomic batch there is none. What the answer says is kept: whoever asks again hears the same.
   */
  publish(manifest: Manifest, checked: readonly (CheckedFile | Failure)[]): Promise<BatchReport>;
  /** Decides that the batch is not, and takes back what of it is published; the outcome, if it was decided before. */
  revert(manifest: Manifest): Promise<BatchOutcome>;
  /** Takes away those originals, as far as they are this batch's. */
  withdraw(batch: string, keys: readonly string[]): Promise<void>;
  /** Deletes what is staged of a batch; `all` its records too. Never throws: the sweep does what could not be done. */
  tidy(batch: string, what: 'pieces' | 'pieces and manifest' | 'all'): Promise<void>;
}

/**
 * Copied through here, not by the store: radosgw's CopyObject knows no If-None-Match, and only what is read with the
 * etag that was checked is certain to be what was checked, while the holder of a signed address may still overwrite it.
 */
export function createPublisher(parts: PublisherParts): Publisher {
  const { store, staging, batches, telemetry, changed } = parts;

  async function copy(manifest: Manifest, index: number, file: CheckedFile, signal: AbortSignal): Promise<void> {
    const { key = '', focus } = manifest.files[index] ?? {};
    const body = staging.open(file.staged, signal);
    const { batch } = manifest;
    const options = {
      size: file.bytes,
      contentType: file.type,
      metadata: { [mark]: batch, ...(focus === undefined ? {} : focusMetadata(focus)) },
      onlyIfAbsent: true,
      signal,
    };
    const put = await store.put(key, body, options);
    // Ours all the same when an answer was lost and the put was sent again, or when somebody commits beside us.
    if (put === undefined && !(await isOurs(key, batch))) throw taken(key);
  }

  async function isOurs(key: string, batch: string): Promise<boolean> {
    return (await store.head(key))?.metadata[mark] === batch;
  }

  async function withdraw(batch: string, keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      if (await isOurs(key, batch)) await store.delete([key]);
      await changed(key);
    }
  }

  async function revert(manifest: Manifest): Promise<BatchOutcome> {
    const decided = await batches.decide(manifest.batch, { state: 'reverted', ...ownerOf(manifest) });
    if (decided.state === 'published') return decided;
    const keys = manifest.files.map(({ key }) => key);
    await withdraw(manifest.batch, keys);
    return decided;
  }

  async function revertQuietly(manifest: Manifest): Promise<void> {
    await revert(manifest).catch((error: unknown) => {
      telemetry.report({ type: 'tier-fault', tier: 'originals', operation: 'revert', error });
    });
    await tidy(manifest.batch, 'pieces');
  }

  async function copyAll(manifest: Manifest, checked: readonly (CheckedFile | Failure)[]): Promise<FileResult[]> {
    const queue = new PQueue({ concurrency: copiesAtOnce });
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(publishTimeoutMs)]);
    const copyOne = async (file: CheckedFile | Failure, index: number): Promise<FileResult> => {
      if (isFailure(file)) return file;
      try {
        await copy(manifest, index, file, signal);
        const { staged: _, ...facts } = file;
        return { key: manifest.files[index]?.key ?? '', ...facts };
      } catch (error) {
        if (!isFailure(error)) throw error;
        if (manifest.atomic) stop.abort(cancelled(error));
        return error;
      }
    };
    return queue.addAll(checked.map((file, index) => () => copyOne(file, index)));
  }

  async function publish(manifest: Manifest, checked: readonly (CheckedFile | Failure)[]): Promise<BatchReport> {
    const { batch, atomic } = manifest;
    const keys = manifest.files.map(({ key }) => key);
    const results = await copyAll(manifest, checked).catch(async (error: unknown) => {
      await revertQuietly(manifest);
      throw error;
    });
    const published = results.filter(isPublished);
    if (published.length === 0 || (atomic && published.length < keys.length)) {
      await revertQuietly(manifest);
      return refusedReport(batch, keys, causes(results));
    }
    const refused = results.flatMap((result, index) => refusedEntry(keys[index] ?? '', result));
    // A copy whose answer was lost may be there although its file counts as refused.
    await withdraw(
      batch,
      refused.map(({ key }) => key),
    );
    const outcome = { state: 'published' as const, published, refused, ...ownerOf(manifest) };
    const decided = await batches.decide(batch, outcome);
    if (decided.state === 'published') {
      // Only now is any of them to be seen, and all of them are.
      for (const { key } of decided.published) await changed(key);
      return publishedReport(batch, decided);
    }
    await revertQuietly(manifest);
    throw new Failure('invalid', 'The batch was taken back while it was being published.');
  }

  async function tidy(batch: string, what: 'pieces' | 'pieces and manifest' | 'all'): Promise<void> {
    try {
      const staged: string[] = [];
      for await (const { key } of store.list(places.files(batch))) staged.push(key);
      await store.delete(staged);
      // The outcome goes last: as long as anything else is there, it says what to do with it.
      if (what !== 'pieces') await store.delete([places.manifest(batch)]);
      if (what === 'all') await store.delete([places.outcome(batch)]);
    } catch (error) {
      telemetry.report({ type: 'tier-fault', tier: 'originals', operation: 'tidy', error });
    }
  }

  return { publish, revert, withdraw, tidy };
}

function ownerOf({ owner }: Manifest): Pick<Manifest, 'owner'> {
  return owner === undefined ? {} : { owner };
}

/** Copies that were stopped because another failed are no cause of anything. */
function causes(results: readonly FileResult[]): readonly (Failure | undefined)[] {
  return results.map((result) => (isPublished(result) || result.kind === 'cancelled' ? undefined : result));
}

function refusedEntry(key: string, result: FileResult): { key: string; kind: Failure['kind']; message: string }[] {
  return isPublished(result) ? [] : [{ key, kind: result.kind, message: result.message }];
}

/** The refusal of a key that has its original. */
export function taken(key: string): Failure {
  return new Failure(
    'invalid',
    `The key is taken: ${key}. Originals are never overwritten; expected a key not in use.`,
  );
}

import PQueue from 'p-queue';
import { type Deadline, startDeadline } from '../../deadline.ts';
import { cancelled, Failure, isFailure } from '../../failure.ts';
import { focusMetadata } from '../../grammar/index.ts';
import { batchMark, isOfBatch, keyTaken } from '../batch/keys.ts';
import { decideOutcome, type Manifest } from '../batch/records.ts';
import { type BatchReport, type FileResult, isPublished, publishedReport, refusedReport } from '../batch/report.ts';
import { openStaged } from '../batch/staging.ts';
import { publishTimeoutMs, revertBatch, type TakeBackParts, tidyBatch, withdraw } from '../sweep/take-back.ts';
import type { CheckedFile } from './check.ts';

/** Files copied to their keys at once. */
const copiesAtOnce = 4;

/**
 * Copies checked files to their keys, create-only, and decides the batch. `checked` holds a Failure where a file was
 * refused; of an atomic batch there is none. What the report says is kept: whoever asks again hears the same.
 */
export async function publishBatch(
  parts: TakeBackParts,
  manifest: Manifest,
  checked: readonly (CheckedFile | Failure)[],
): Promise<BatchReport> {
  const { batch, atomic } = manifest;
  const results = await copyAll(parts, manifest, checked).catch(async (error: unknown) => {
    await revertQuietly(parts, manifest);
    throw error;
  });
  const published = results.filter(isPublished);
  if (published.length === 0 || (atomic && published.length < results.length)) {
    await revertQuietly(parts, manifest);
    const keys = manifest.files.map(({ key }) => key);
    return refusedReport(batch, keys, causesOf(results));
  }
  return decidePublished(parts, manifest, results);
}

/** All that could be copied is at its key, and is to be seen from the moment in which this is decided. */
async function decidePublished(
  parts: TakeBackParts,
  manifest: Manifest,
  results: readonly FileResult[],
): Promise<BatchReport> {
  const { batch, owner, files } = manifest;
  const refused = results.flatMap((result, index) => refusedEntry(files[index]?.key ?? '', result));
  // A copy whose answer was lost may be there although its file counts as refused.
  await withdraw(
    parts,
    batch,
    refused.map(({ key }) => key),
  );
  const published = results.filter(isPublished);
  const outcome = { state: 'published' as const, published, refused, ...(owner === undefined ? {} : { owner }) };
  const decided = await decideOutcome(parts.store, batch, outcome);
  if (decided.state === 'published') {
    // Only now is any of them to be seen, and all of them are.
    for (const { key } of decided.published) await parts.changed(key);
    return publishedReport(batch, decided);
  }
  await revertQuietly(parts, manifest);
  throw new Failure('invalid', 'The batch was taken back while it was being published.');
}

interface Copying {
  readonly parts: TakeBackParts;
  readonly manifest: Manifest;
  /** Of all copies of the batch. */
  readonly deadline: Deadline;
}

async function copyAll(
  parts: TakeBackParts,
  manifest: Manifest,
  checked: readonly (CheckedFile | Failure)[],
): Promise<FileResult[]> {
  const queue = new PQueue({ concurrency: copiesAtOnce });
  const deadline = startDeadline({ ms: publishTimeoutMs });
  const copying: Copying = { parts, manifest, deadline };
  try {
    return await queue.addAll(checked.map((file, index) => () => copyUnlessRefused(copying, file, index)));
  } catch (error) {
    deadline.end(cancelled(error));
    throw error;
  } finally {
    deadline.stop();
  }
}

async function copyUnlessRefused(copying: Copying, file: CheckedFile | Failure, index: number): Promise<FileResult> {
  if (isFailure(file)) return file;
  try {
    return await copyToKey(copying, file, index);
  } catch (error) {
    if (!isFailure(error)) throw error;
    if (copying.manifest.atomic) copying.deadline.end(cancelled(error));
    return error;
  }
}

/**
 * Copied through here, not by the store: radosgw's CopyObject knows no If-None-Match, and only what is read with the
 * etag that was checked is certain to be what was checked, while the holder of a presigned address may still overwrite it.
 */
async function copyToKey(
  { parts: { store }, manifest, deadline: { signal } }: Copying,
  { staged, ...facts }: CheckedFile,
  index: number,
): Promise<FileResult> {
  const { batch } = manifest;
  const { key = '', focus } = manifest.files[index] ?? {};
  const put = await store.put(key, openStaged(store, staged, { signal }), {
    size: facts.bytes,
    contentType: facts.type,
    metadata: { [batchMark]: batch, ...(focus === undefined ? {} : focusMetadata(focus)) },
    onlyIfAbsent: true,
    signal,
  });
  // Ours all the same when an answer was lost and the put was sent again, or when somebody commits beside us.
  if (put === undefined && !(await isOfBatch(store, key, batch))) throw keyTaken(key);
  return { key, ...facts };
}

async function revertQuietly(parts: TakeBackParts, manifest: Manifest): Promise<void> {
  await revertBatch(parts, manifest).catch((error: unknown) => {
    parts.telemetry.report({ type: 'tier-fault', tier: 'originals', operation: 'revert', error });
  });
  await tidyBatch(parts, manifest.batch, 'pieces');
}

/** Copies that were stopped because another failed are no cause of anything. */
function causesOf(results: readonly FileResult[]): readonly (Failure | undefined)[] {
  return results.map((result) => (isPublished(result) || result.kind === 'cancelled' ? undefined : result));
}

function refusedEntry(key: string, result: FileResult): { key: string; kind: Failure['kind']; message: string }[] {
  return isPublished(result) ? [] : [{ key, kind: result.kind, message: result.message }];
}

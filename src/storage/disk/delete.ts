import { randomUUID } from 'node:crypto';
import { link, realpath, rename, rm, unlink } from 'node:fs/promises';
import path from 'node:path';
import { batchesOf } from '../../batches.ts';
import { stopIfAborted } from '../../deadline.ts';
import type { ReadOptions, SeenObject } from '../store.ts';
import { codeOf, meansNoFile, meansNoLinks, withDiskFailures } from './failures.ts';
import { underLock } from './file-lock.ts';
import type { StoreFolder } from './folder.ts';
import { etagAt } from './info.ts';
import { checkDiskKey, isLink, pruneFoldersOf, realPathOf, reservedSegments } from './paths.ts';
import { removeFacts } from './sidecar.ts';

/** Deletes that run side by side: libuv has four threads for files. */
const parallelDeletes = 8;

/** Deletes any number of objects, a few side by side. */
export async function deleteFiles(
  { root, writers }: StoreFolder,
  keys: readonly string[],
  { signal }: ReadOptions,
): Promise<void> {
  for (const key of keys) checkDiskKey(key);
  await withDiskFailures(async () => {
    for (const batch of batchesOf(keys, parallelDeletes)) {
      stopIfAborted(signal);
      await Promise.all(batch.map((key) => writers.run(key, () => deleteFile(root, key))));
    }
  });
}

/** Deletes the objects that still have the etag they were seen with, a few side by side; the keys of those that were. */
export async function deleteUnchangedFiles(
  { root, writers }: StoreFolder,
  seen: readonly SeenObject[],
  { signal }: ReadOptions,
): Promise<readonly string[]> {
  for (const { key } of seen) checkDiskKey(key);
  const deleted: string[] = [];
  await withDiskFailures(async () => {
    for (const batch of batchesOf(seen, parallelDeletes)) {
      stopIfAborted(signal);
      const outcomes = await Promise.all(
        batch.map((object) =>
          writers.run(object.key, () => underLock(root, object.key, () => deleteSeen(root, object))),
        ),
      );
      deleted.push(...batch.filter((_, index) => outcomes[index]).map(({ key }) => key));
    }
  });
  return deleted;
}

/**
 * By whoever holds the lock of the key. Programs that take no lock are seen as well: the file is moved away first, which is one
 * step, and back again when it turns out to be another, unless there is a newer one by then.
 */
async function deleteSeen(root: string, { key, etag }: SeenObject): Promise<boolean> {
  const file = await realPathOf(root, key);
  if (file === undefined || (await etagAt(file)) !== etag) return false;
  // What a link leads to is not ours to move.
  if (await isLink(path.join(root, key))) await deleteFile(root, key);
  else if (!(await removeAside(root, file, etag))) return false;
  else await forget(root, key);
  return true;
}

async function removeAside(root: string, file: string, etag: string): Promise<boolean> {
  const aside = path.join(root, reservedSegments.temporary, randomUUID());
  await rename(file, aside);
  const isUnchanged = (await etagAt(aside)) === etag;
  if (!isUnchanged) await putBack(aside, file);
  await rm(aside, { force: true });
  return isUnchanged;
}

async function putBack(aside: string, file: string): Promise<void> {
  try {
    await link(aside, file);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    if (!meansNoLinks(error)) throw error;
    const isFree = (await etagAt(file)) === undefined;
    if (isFree) await rename(aside, file);
  }
}

async function deleteFile(root: string, key: string): Promise<void> {
  try {
    const folder = key.includes('/') ? await realPathOf(root, path.dirname(key)) : await realpath(root);
    if (folder !== undefined) await unlink(path.join(folder, path.basename(key)));
  } catch (error) {
    if (!meansNoFile(error)) throw error;
  }
  await forget(root, key);
}

/** What is kept for a key whose file is gone. */
async function forget(root: string, key: string): Promise<void> {
  await removeFacts(root, key);
  await pruneFoldersOf(root, key);
}

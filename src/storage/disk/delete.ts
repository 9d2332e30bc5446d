import { realpath, unlink } from 'node:fs/promises';
import path from 'node:path';
import { batchesOf } from '../../batches.ts';
import { stopIfAborted } from '../../deadline.ts';
import type { ReadOptions } from '../store.ts';
import { meansNoFile, withDiskFailures } from './failures.ts';
import type { StoreFolder } from './folder.ts';
import { checkDiskKey, pruneFoldersOf, realPathOf } from './paths.ts';
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

async function deleteFile(root: string, key: string): Promise<void> {
  try {
    const folder = key.includes('/') ? await realPathOf(root, path.dirname(key)) : await realpath(root);
    if (folder !== undefined) await unlink(path.join(folder, path.basename(key)));
  } catch (error) {
    if (!meansNoFile(error)) throw error;
  }
  await removeFacts(root, key);
  await pruneFoldersOf(root, key);
}

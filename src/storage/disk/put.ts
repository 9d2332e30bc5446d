import path from 'node:path';
import { stopIfAborted } from '../../deadline.ts';
import type { CheckedPut } from '../put-input.ts';
import type { ObjectInfo } from '../store.ts';
import { withDiskFailures } from './failures.ts';
import { removeLeftoversOnce, type StoreFolder } from './folder.ts';
import { fileInfo } from './info.ts';
import { checkFileNames } from './paths.ts';
import { publish } from './publish.ts';
import { factsToKeep } from './sidecar.ts';
import { syncFolders } from './sync.ts';
import { removeTemporary, type TemporaryFile, writeTemporary } from './temporary.ts';

/** Stores a body: written beside the objects, and then given its key in one step. */
export async function putFile(folder: StoreFolder, put: CheckedPut): Promise<ObjectInfo | undefined> {
  checkFileNames(put.key);
  return withDiskFailures(async () => {
    await removeLeftoversOnce(folder);
    const temporary = await writeTemporary(folder, put);
    return publishTemporary(folder, put, temporary);
  });
}

/** Gives a written body its key; undefined when it was to be created and is there already. */
async function publishTemporary(
  { root, writers, syncs }: StoreFolder,
  { key, options }: CheckedPut,
  temporary: TemporaryFile,
): Promise<ObjectInfo | undefined> {
  const { onlyIfAbsent = false, ifMatch, signal } = options;
  let isMoved = false;
  try {
    stopIfAborted(signal);
    const facts = factsToKeep(key, temporary.etag, options);
    const isPublished = await writers.run(key, () =>
      publish({ root, syncs, key, temporary, facts, onlyIfAbsent, ifMatch }),
    );
    isMoved = isPublished && !onlyIfAbsent;
    if (isPublished && syncs) await syncFolders(root, path.join(root, key));
    return isPublished ? fileInfo(key, temporary, facts) : undefined;
  } finally {
    if (!isMoved) await removeTemporary(temporary.path);
  }
}

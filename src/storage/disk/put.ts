import type { Readable } from 'node:stream';
import { stopIfAborted } from '../../deadline.ts';
import { Failure } from '../../failure.ts';
import { checkPut } from '../put-input.ts';
import type { ObjectInfo, PutOptions } from '../store.ts';
import { withDiskFailures } from './failures.ts';
import { removeLeftoversOnce, type StoreFolder } from './folder.ts';
import { fileInfo } from './info.ts';
import { fitsFileNames, isReserved } from './paths.ts';
import { publish } from './publish.ts';
import { factsToKeep } from './sidecar.ts';
import { removeTemporary, type TemporaryFile, writeTemporary } from './temporary.ts';

/** Stores a body: written beside the objects, and then given its key in one step. */
export async function putFile(
  folder: StoreFolder,
  key: string,
  body: Uint8Array | Readable,
  options: PutOptions,
): Promise<ObjectInfo | undefined> {
  const size = checkPut(key, body, options);
  if (isReserved(key) || !fitsFileNames(key)) {
    throw new Failure('invalid', 'The folder cannot hold this key: a segment is reserved or over 255 bytes.');
  }
  return withDiskFailures(async () => {
    await removeLeftoversOnce(folder);
    const temporary = await writeTemporary(folder.root, body, size, options.signal);
    return publishTemporary(folder, key, temporary, options);
  });
}

/** Gives a written body its key; undefined when it was to be created and is there already. */
async function publishTemporary(
  { root, writers }: StoreFolder,
  key: string,
  temporary: TemporaryFile,
  options: PutOptions,
): Promise<ObjectInfo | undefined> {
  const { onlyIfAbsent = false, signal } = options;
  let isMoved = false;
  try {
    stopIfAborted(signal);
    const facts = factsToKeep(key, temporary.etag, options);
    const isPublished = await writers.run(key, () => publish({ root, key, temporary, facts, onlyIfAbsent }));
    isMoved = isPublished && !onlyIfAbsent;
    return isPublished ? fileInfo(key, temporary, facts) : undefined;
  } finally {
    if (!isMoved) await removeTemporary(temporary.path);
  }
}

import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open, realpath, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { stopIfAborted } from '../deadline.ts';
import { Failure } from '../failure.ts';
import { contentTypeByExtension } from './content-type.ts';
import { createDiskBody, etagOf } from './disk/body.ts';
import { diskFailure, meansAbsent } from './disk/failures.ts';
import { createKeyLock } from './disk/key-lock.ts';
import { walkFiles } from './disk/list.ts';
import { fitsFileNames, isReserved, pruneFoldersOf, realPathOf } from './disk/paths.ts';
import { publish } from './disk/publish.ts';
import { factsToKeep, readFacts, removeFacts, type SidecarFacts } from './disk/sidecar.ts';
import { removeLeftovers, removeTemporary, writeTemporary } from './disk/temporary.ts';
import { checkKey } from './keys.ts';
import { checkPut } from './put-input.ts';
import type { ListOptions, ObjectInfo, ObjectStore, PutOptions, ReadOptions, StoredObject } from './store.ts';

export interface DiskStoreOptions {
  /** The folder; made at the first put. */
  readonly directory: string;
}

interface OpenedFile {
  readonly handle: FileHandle;
  readonly stats: BigIntStats;
  readonly info: ObjectInfo;
}

/** Deletes that run side by side: libuv has four threads for files. */
const parallelDeletes = 8;

/**
 * A folder as a store: an object is a plain file at its key, so files dropped in by hand are objects too. What a plain
 * file cannot say lies under `.fovea-meta/`. Cache-Control is not kept: nobody answers HTTP straight from the folder.
 */
export function createDiskStore(options: DiskStoreOptions): ObjectStore {
  const root = path.resolve(options.directory);
  const writers = createKeyLock();
  let leftoversRemoved: Promise<void> | undefined;

  async function head(key: string, options: ReadOptions = {}): Promise<ObjectInfo | undefined> {
    const file = await translated(() => openFile(root, key, options));
    await file?.handle.close();
    return file?.info;
  }

  async function get(key: string, options: ReadOptions = {}): Promise<StoredObject | undefined> {
    const file = await translated(() => openFile(root, key, options));
    return file && { info: file.info, body: createDiskBody(file.handle, file.stats, options.signal) };
  }

  async function put(
    key: string,
    body: Uint8Array | Readable,
    options: PutOptions = {},
  ): Promise<ObjectInfo | undefined> {
    const size = checkPut(key, body, options);
    if (isReserved(key) || !fitsFileNames(key)) {
      throw new Failure('invalid', 'The folder cannot hold this key: a segment is reserved or over 255 bytes.');
    }
    return translated(async () => {
      await removeLeftoversOnce();
      const temporary = await writeTemporary(root, body, size, options.signal);
      const onlyIfAbsent = options.onlyIfAbsent ?? false;
      let isMoved = false;
      try {
        stopIfAborted(options.signal);
        const facts = factsToKeep(key, temporary.etag, options);
        const published = await writers.run(key, () => publish({ root, key, temporary, facts, onlyIfAbsent }));
        isMoved = published && !onlyIfAbsent;
        return published ? describe(key, { ...temporary, size }, facts) : undefined;
      } finally {
        if (!isMoved) await removeTemporary(temporary.path);
      }
    });
  }

  async function removeLeftoversOnce(): Promise<void> {
    leftoversRemoved ??= removeLeftovers(root, Date.now());
    try {
      await leftoversRemoved;
    } catch (error) {
      leftoversRemoved = undefined;
      throw error;
    }
  }

  async function remove(keys: readonly string[], options: ReadOptions = {}): Promise<void> {
    for (const key of keys) checkDiskKey(key);
    await translated(async () => {
      for (let start = 0; start < keys.length; start += parallelDeletes) {
        stopIfAborted(options.signal);
        const batch = keys.slice(start, start + parallelDeletes);
        await Promise.all(batch.map((key) => writers.run(key, () => removeObject(root, key))));
      }
    });
  }

  async function* list(prefix: string, options: ListOptions = {}): AsyncGenerator<ObjectInfo, void, undefined> {
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    try {
      for await (const { key, stats } of walkFiles(root, prefix, options)) {
        if (left <= 0) return;
        left -= 1;
        yield { ...infoOf(key, stats, undefined), contentType: undefined };
      }
    } catch (error) {
      throw diskFailure(error);
    }
  }

  return { listsAtOnce: false, head, get, put, delete: remove, list };
}

function checkDiskKey(key: string): void {
  checkKey(key);
  if (isReserved(key)) throw new Failure('invalid', 'The key is not valid: its first segment is reserved.');
}

async function translated<Result>(task: () => Promise<Result>): Promise<Result> {
  try {
    return await task();
  } catch (error) {
    throw diskFailure(error);
  }
}

async function openFile(root: string, key: string, options: ReadOptions): Promise<OpenedFile | undefined> {
  checkDiskKey(key);
  stopIfAborted(options.signal);
  const file = await realPathOf(root, key);
  const handle = file && (await openRegular(file));
  if (!handle) return undefined;
  try {
    // Of the opened file, not of the path: info and body are of one object whatever is renamed over it meanwhile.
    const stats = await handle.stat({ bigint: true });
    if (stats.isFile()) return { handle, stats, info: infoOf(key, stats, await readFacts(root, key, etagOf(stats))) };
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

async function openRegular(file: string): Promise<FileHandle | undefined> {
  try {
    // NONBLOCK: a FIFO in the folder must not hold a thread until somebody writes to it.
    return await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (meansAbsent(error)) return undefined;
    throw error;
  }
}

async function removeObject(root: string, key: string): Promise<void> {
  try {
    const folder = key.includes('/') ? await realPathOf(root, path.dirname(key)) : await realpath(root);
    if (folder !== undefined) await unlink(path.join(folder, path.basename(key)));
  } catch (error) {
    if (!meansAbsent(error)) throw error;
  }
  await removeFacts(root, key);
  await pruneFoldersOf(root, key);
}

function infoOf(key: string, stats: BigIntStats, facts: SidecarFacts | undefined): ObjectInfo {
  return describe(key, { etag: etagOf(stats), size: Number(stats.size), lastModified: stats.mtime }, facts);
}

function describe(
  key: string,
  file: Pick<ObjectInfo, 'size' | 'etag' | 'lastModified'>,
  facts: SidecarFacts | undefined,
): ObjectInfo {
  return {
    key,
    size: file.size,
    etag: file.etag,
    lastModified: file.lastModified,
    contentType: facts?.contentType ?? contentTypeByExtension(key),
    metadata: facts?.metadata ?? {},
  };
}

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { clippedRange } from '../../byte-range.ts';
import { stopIfAborted } from '../../deadline.ts';
import type { GetOptions, ObjectInfo, ReadOptions, StoredObject } from '../store.ts';
import { createDiskBody, type OpenedFile } from './body.ts';
import { meansNoFile, withDiskFailures } from './failures.ts';
import type { StoreFolder } from './folder.ts';
import { etagOf, fileFacts, fileInfo } from './info.ts';
import { checkDiskKey, realPathOf } from './paths.ts';
import { readFacts } from './sidecar.ts';

interface FileFound extends OpenedFile {
  readonly info: ObjectInfo;
}

/** What the folder knows of an object; undefined when it is not there. */
export async function headFile(
  { root }: StoreFolder,
  key: string,
  options: ReadOptions,
): Promise<ObjectInfo | undefined> {
  const file = await withDiskFailures(() => openFile(root, key, options));
  await file?.handle.close();
  return file?.info;
}

/** An object with its body, or with a part of it; undefined when it is not there. */
export async function getFile(
  { root }: StoreFolder,
  key: string,
  options: GetOptions,
): Promise<StoredObject | undefined> {
  const file = await withDiskFailures(() => openFile(root, key, options));
  if (file === undefined) return undefined;
  const { info } = file;
  const part = options.range && clippedRange(options.range, info.size);
  const body = createDiskBody(file, { part, signal: options.signal });
  return { info, body, ...(part && { part }) };
}

async function openFile(root: string, key: string, options: ReadOptions): Promise<FileFound | undefined> {
  checkDiskKey(key);
  stopIfAborted(options.signal);
  const file = await realPathOf(root, key);
  const handle = file && (await openRegular(file));
  if (!handle) return undefined;
  try {
    // Of the opened file, not of the path: info and body are of one object whatever is renamed over it meanwhile.
    const stats = await handle.stat({ bigint: true });
    if (stats.isFile()) {
      const facts = await readFacts(root, key, etagOf(stats));
      return { handle, stats, info: fileInfo(key, fileFacts(stats), facts) };
    }
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
    if (meansNoFile(error)) return undefined;
    throw error;
  }
}

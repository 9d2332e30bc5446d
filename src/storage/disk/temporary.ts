import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { type CheckedPut, pour } from '../put-input.ts';
import type { ObjectInfo } from '../store.ts';
import { codeOf, meansNoFile } from './failures.ts';
import { fileFacts } from './info.ts';
import { makeFolders } from './make-folders.ts';
import { reservedSegments } from './paths.ts';

/** A body on its way to its key. Its etag survives the rename: inode, size and modification time move with the file. */
export interface TemporaryFile extends Pick<ObjectInfo, 'size' | 'etag' | 'lastModified'> {
  readonly path: string;
}

/** A temporary file that nobody has written to for so long belongs to a process that is gone. */
const leftoverAgeMs = 60 * 60 * 1000;

/** Writes the whole body beside the objects, on the same file system; leaves nothing when it fails. */
export async function writeTemporary(
  { root, syncs }: { readonly root: string; readonly syncs: boolean },
  put: CheckedPut,
): Promise<TemporaryFile> {
  const file = path.join(root, reservedSegments.temporary, randomUUID());
  try {
    const handle = await createFile(file);
    try {
      await fill(handle, put);
      // The kernel's clock ticks in milliseconds, and a freed inode is given out again at once: two bodies of equal
      // size could share an etag without a finer time.
      const now = (performance.timeOrigin + performance.now()) / 1000;
      await handle.utimes(now, now);
      if (syncs) await handle.sync();
      const stats = await handle.stat({ bigint: true });
      return { path: file, ...fileFacts(stats) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    await removeTemporary(file);
    throw error;
  }
}

/** Forgets a temporary file, published or not. */
export async function removeTemporary(file: string): Promise<void> {
  await rm(file, { force: true });
}

/** Removes what killed processes have left. */
export async function removeLeftovers(root: string, nowMs: number): Promise<void> {
  const folder = path.join(root, reservedSegments.temporary);
  const names = await readdir(folder).catch((error: unknown) => {
    if (meansNoFile(error)) return [];
    throw error;
  });
  for (const name of names) {
    const file = path.join(folder, name);
    const stats = await stat(file).catch(() => undefined);
    if (stats?.isFile() && nowMs - stats.mtimeMs > leftoverAgeMs) await rm(file, { force: true });
  }
}

async function createFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    await makeFolders(path.dirname(file));
    return open(file, 'wx');
  }
}

async function fill(handle: FileHandle, { body, size, options: { signal } }: CheckedPut): Promise<void> {
  if (body instanceof Readable) await pour(body, { size, signal }, (chunk) => handle.writeFile(chunk));
  else await handle.writeFile(body, signal ? { signal } : {});
}

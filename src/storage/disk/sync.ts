import { open } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from './failures.ts';

/** What file systems answer that cannot, or need not, write a folder out (SMB, FUSE). */
const unable: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EBADF', 'EISDIR', 'EPERM']);

/** Writes out the folder that a file has its name in, and those above it up to the root, which may be new as well. */
export async function syncFolders(root: string, file: string): Promise<void> {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    await syncFolder(folder);
    if (folder === root || !folder.startsWith(root)) return;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!unable.has(codeOf(error) ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

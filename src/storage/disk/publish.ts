import { link, lstat, rename, rmdir } from 'node:fs/promises';
import { Failure, isFailure } from '../../failure.ts';
import type { PutOptions } from '../store.ts';
import { codeOf, meansNoFile, meansNoLinks } from './failures.ts';
import { underLock } from './file-lock.ts';
import { etagAt } from './info.ts';
import { inFolderOf, isLink, leadsOut, realPathOf } from './paths.ts';
import { type SidecarFacts, writeFacts } from './sidecar.ts';
import type { TemporaryFile } from './temporary.ts';

export interface Publication {
  readonly root: string;
  readonly syncs: boolean;
  readonly key: string;
  readonly temporary: TemporaryFile;
  readonly facts: SidecarFacts | undefined;
  readonly onlyIfAbsent: NonNullable<PutOptions['onlyIfAbsent']>;
  /** Only over what is there with this etag. */
  readonly ifMatch: PutOptions['ifMatch'];
}

/**
 * Gives a temporary file its key in one step; false when `onlyIfAbsent` and the key was taken, or another etag is there than
 * `ifMatch`. The file is moved there, and with `onlyIfAbsent` linked: only that refuses to replace what is there. Where there are
 * no links it is moved, too, under a lock that all who create this key take; so it is with `ifMatch`.
 */
export async function publish(publication: Publication): Promise<boolean> {
  const { root, key, temporary, facts, onlyIfAbsent, ifMatch } = publication;
  try {
    if (ifMatch !== undefined) return await underLock(root, key, () => replaceUnchanged(publication, ifMatch));
    return await inFolderOf(root, key, async (file) => {
      if (onlyIfAbsent && (await isTaken(file))) {
        // Nobody could ever read what is behind it, so it is no original that has the key already.
        if ((await isLink(file)) && (await realPathOf(root, key)) === undefined) throw leadsOut();
        return false;
      }
      // First, so that a body is never seen without its facts; until the body appears nobody asks for them.
      if (facts) await writeFacts(publication, facts);
      return onlyIfAbsent ? create(publication, file) : replace(temporary.path, file);
    });
  } catch (error) {
    // Whatever means "cannot be there" to a reader means "cannot be put there" to a writer.
    if (isFailure(error) || !meansNoFile(error)) throw error;
    throw new Failure('invalid', 'The folder cannot hold this key beside the keys it has.', { cause: error });
  }
}

/** By whoever holds the lock of the file. */
async function replaceUnchanged(publication: Publication, etag: string): Promise<boolean> {
  const { root, key, temporary, facts } = publication;
  const file = await realPathOf(root, key);
  if (file === undefined || (await etagAt(file)) !== etag) return false;
  if (facts) await writeFacts(publication, facts);
  return replace(temporary.path, file);
}

async function isTaken(file: string): Promise<boolean> {
  const stats = await lstat(file).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  return stats !== undefined && !stats.isDirectory();
}

async function create(publication: Publication, file: string): Promise<boolean> {
  const { root, key, temporary } = publication;
  try {
    await link(temporary.path, file);
    return true;
  } catch (error) {
    if (meansNoLinks(error)) return underLock(root, key, () => createByRename(temporary.path, file));
    if (codeOf(error) !== 'EEXIST') throw error;
    if (await isTaken(file)) return false;
    await removeEmptyFolder(file);
    return create(publication, file);
  }
}

/** The same without links, by whoever holds the lock of the file. */
async function createByRename(temporary: string, file: string): Promise<boolean> {
  if (await isTaken(file)) return false;
  return replace(temporary, file);
}

async function replace(temporary: string, file: string): Promise<boolean> {
  try {
    await rename(temporary, file);
  } catch (error) {
    if (codeOf(error) !== 'EISDIR') throw error;
    await removeEmptyFolder(file);
    await rename(temporary, file);
  }
  return true;
}

/** An empty folder holds no keys: it is what a racing put or delete has left in the way. */
async function removeEmptyFolder(folder: string): Promise<void> {
  await rmdir(folder).catch((error: unknown) => {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return;
    throw new Failure('invalid', 'The key is the folder of other keys.', { cause: error });
  });
}

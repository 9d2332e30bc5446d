import { type BigIntStats, type Dirent, stat } from 'node:fs';
import { opendir } from 'node:fs/promises';
import path from 'node:path';
import { batchesOf } from '../../batches.ts';
import { stopIfAborted } from '../../deadline.ts';
import { compareKeys, isKey, isSegment } from '../keys.ts';
import type { ListOptions, ObjectInfo } from '../store.ts';
import { diskFailure, meansForbidden, meansNoFile } from './failures.ts';
import type { StoreFolder } from './folder.ts';
import { fileFacts, fileInfo } from './info.ts';
import { isReserved, realPathOf } from './paths.ts';

interface ListedFile {
  readonly key: string;
  readonly stats: BigIntStats;
}

interface FolderWalk {
  readonly folder: StoreFolder;
  readonly prefix: string;
  readonly startAfter: string;
  readonly signal: AbortSignal | undefined;
}

/** A name in a folder: the key of a file, or what the keys of a whole folder begin with (ends in `/`). */
interface Entry {
  readonly path: string;
  readonly mayBeLink: boolean;
}

/** Files that are looked at together: they are given in order, one at a time. */
const statBatch = 32;

/** The objects whose keys start with `prefix`; what is kept beside them is not read. */
export async function* listFiles(
  folder: StoreFolder,
  prefix: string,
  options: ListOptions,
): AsyncGenerator<ObjectInfo, void, undefined> {
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  try {
    for await (const { key, stats } of walkFiles(folder, prefix, options)) {
      if (left <= 0) return;
      left -= 1;
      yield { ...fileInfo(key, fileFacts(stats), undefined), contentType: undefined };
    }
  } catch (error) {
    throw diskFailure(error);
  }
}

/** Every file below the root whose key starts with `prefix`, in order of the keys; holds one folder's names per level. */
async function* walkFiles(
  folder: StoreFolder,
  prefix: string,
  options: ListOptions,
): AsyncGenerator<ListedFile, void, undefined> {
  const start = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  // A prefix such as `a//` or `../` starts no key, and must not start a walk either.
  if (start !== '' && !start.slice(0, -1).split('/').every(isSegment)) return;
  const walk: FolderWalk = { folder, prefix, startAfter: options.startAfter ?? '', signal: options.signal };
  yield* walkFolder(walk, start, []);
}

async function* walkFolder(
  walk: FolderWalk,
  folder: string,
  parents: readonly string[],
): AsyncGenerator<ListedFile, void, undefined> {
  stopIfAborted(walk.signal);
  const { root } = walk.folder;
  const isStart = parents.length === 0;
  const realFolder = await unlessForbidden(walk, { folder, isStart }, async () =>
    folder === '' ? root : realPathOf(root, folder),
  );
  // A link to a folder above would make the walk endless.
  if (realFolder === undefined || parents.includes(realFolder)) return;
  const entries = await unlessForbidden(walk, { folder, isStart }, () => readEntries(walk, folder, realFolder));
  for (const batch of batchesOf(entries ?? [], statBatch)) {
    const found = await Promise.all(
      batch.map((entry) => unlessForbidden(walk, { folder, isStart }, () => inspect(root, entry))),
    );
    for (const file of found) {
      stopIfAborted(walk.signal);
      if (file === undefined) continue;
      if (file.stats.isFile()) yield file;
      else yield* walkFolder(walk, file.key, [...parents, realFolder]);
    }
  }
}

/**
 * Undefined, and reported, where this process may not look: somebody else's folder on the way (`lost+found`) holds no
 * object of ours, and must not end a walk over all others. Where the walk starts it does: that folder was asked for.
 */
async function unlessForbidden<Result>(
  { folder: { passOver } }: FolderWalk,
  { folder, isStart }: { readonly folder: string; readonly isStart: boolean },
  task: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await task();
  } catch (error) {
    if (isStart || !meansForbidden(error)) throw error;
    passOver(folder, error);
    return undefined;
  }
}

async function readEntries(walk: FolderWalk, folder: string, realFolder: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  try {
    for await (const dirent of await opendir(realFolder)) {
      for (const entry of entriesOf(folder, dirent)) if (isWanted(walk, entry.path)) entries.push(entry);
    }
  } catch (error) {
    if (!meansNoFile(error)) throw error;
  }
  return entries.sort((left, right) => compareKeys(left.path, right.path));
}

/** A link may turn out to be either, and the two have different places in the order. */
function entriesOf(folder: string, dirent: Dirent): readonly Entry[] {
  const file = folder + dirent.name;
  if (dirent.isFile()) return [{ path: file, mayBeLink: false }];
  if (dirent.isDirectory()) return [{ path: `${file}/`, mayBeLink: false }];
  if (!dirent.isSymbolicLink()) return [];
  return [
    { path: file, mayBeLink: true },
    { path: `${file}/`, mayBeLink: true },
  ];
}

function isWanted(walk: FolderWalk, entry: string): boolean {
  if (isReserved(entry)) return false;
  if (!entry.endsWith('/')) {
    return isKey(entry) && entry.startsWith(walk.prefix) && compareKeys(entry, walk.startAfter) > 0;
  }
  const mayMatch = entry.startsWith(walk.prefix) || walk.prefix.startsWith(entry);
  const mayFollow = walk.startAfter.startsWith(entry) || compareKeys(entry, walk.startAfter) > 0;
  return isKey(entry.slice(0, -1)) && mayMatch && mayFollow;
}

/** The entry with its facts; undefined when it is gone, leads outside, or is not what its path says. */
async function inspect(root: string, entry: Entry): Promise<ListedFile | undefined> {
  const isFolder = entry.path.endsWith('/');
  try {
    const real = entry.mayBeLink ? await realPathOf(root, entry.path.replace(/\/$/, '')) : path.join(root, entry.path);
    if (real === undefined) return undefined;
    const stats = await statOf(real);
    return (isFolder ? stats.isDirectory() : stats.isFile()) ? { key: entry.path, stats } : undefined;
  } catch (error) {
    if (meansNoFile(error)) return undefined;
    throw error;
  }
}

/** By a callback: a promise of the file system's costs the one thread ten times as much, and a folder has thousands of files. */
function statOf(file: string): Promise<BigIntStats> {
  return new Promise((resolve, reject) => {
    stat(file, { bigint: true }, (error, stats) => (error ? reject(error) : resolve(stats)));
  });
}

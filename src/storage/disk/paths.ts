import { lstat, mkdir, realpath, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../failure.ts';
import { checkKey } from '../keys.ts';
import { codeOf, meansNoFile } from './failures.ts';

/** First segments that hold the store's own files, so that no key may begin with them. */
export const reservedSegments = { temporary: '.fovea-tmp', sidecars: '.fovea-meta' } as const;

const reserved: ReadonlySet<string> = new Set(Object.values(reservedSegments));
/** The longest name of one file on the usual file systems (NAME_MAX). */
const maxSegmentBytes = 255;
/** How often a put makes its folder again when deletes of the last sibling keep pruning it. */
const maxFolderAttempts = 20;

/** True when the key's first segment is one of the store's own folders. */
export function isReserved(key: string): boolean {
  return reserved.has(key.split('/', 1)[0] ?? '');
}

/** Throws `invalid` for what can be no object's key. */
export function checkDiskKey(key: string): void {
  checkKey(key);
  if (isReserved(key)) throw new Failure('invalid', 'The key is not valid: its first segment is reserved.');
}

/** Throws `invalid` for a key that no file can have: its first segment is ours, or one is longer than a file's name. */
export function checkFileNames(key: string): void {
  if (isReserved(key)) throw new Failure('invalid', 'The folder cannot hold this key: its first segment is reserved.');
  for (const segment of key.split('/')) {
    const bytes = Buffer.byteLength(segment);
    if (bytes <= maxSegmentBytes) continue;
    const named = JSON.stringify(`${segment.slice(0, 40)}…`);
    const expected = `expected at most ${maxSegmentBytes} bytes between two slashes, as files are named, got ${bytes}`;
    throw new Failure('invalid', `The folder cannot hold this key: ${expected} (${named}).`);
  }
}

/** Where the key's file really is, links followed; undefined when it is absent or outside the root. */
export async function realPathOf(root: string, key: string): Promise<string | undefined> {
  try {
    const file = path.join(root, key);
    const realFile = await realpath(file);
    return isInside(await realRootOf(root, { file, realFile }), realFile) ? realFile : undefined;
  } catch (error) {
    if (meansNoFile(error)) return undefined;
    throw error;
  }
}

interface Found {
  readonly file: string;
  readonly realFile: string;
}

/** Where the root really is. What is found where it was looked for has no link on its way, so the root has none either. */
async function realRootOf(root: string, { file, realFile }: Found): Promise<string> {
  return realFile === file ? root : realpath(root);
}

/** Makes the folder a key's file goes to and runs `task` in it, again when a racing delete pruned it in between. */
export async function inFolderOf<Result>(
  root: string,
  key: string,
  task: (file: string) => Promise<Result>,
): Promise<Result> {
  const file = path.join(root, key);
  for (let attempt = 1; ; attempt++) {
    try {
      const folder = await makeFolder(root, path.dirname(file));
      return await task(path.join(folder, path.basename(file)));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || attempt === maxFolderAttempts) throw error;
    }
  }
}

/** Removes the folders above the key's file that have become empty, never the root itself. */
export async function pruneFoldersOf(root: string, key: string): Promise<void> {
  const segments = key.split('/');
  for (let depth = segments.length - 1; depth > 0; depth--) {
    try {
      await rmdir(path.join(root, ...segments.slice(0, depth)));
    } catch {
      return; // Not empty, gone already, or not ours to remove: an empty folder holds no object and harms nobody.
    }
  }
}

/** Makes `folder` step by step, so that no link on the way leads a write out of the root; returns its real path. */
async function makeFolder(root: string, folder: string): Promise<string> {
  const existing = await realpath(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' && folder !== root) return undefined;
    throw error;
  });
  if (existing !== undefined) return checkedFolder(root, folder, existing);
  const parent = await makeFolder(root, path.dirname(folder));
  const made = path.join(parent, path.basename(folder));
  await mkdir(made).catch(async (error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
    if (await isLink(made)) throw leadsOut();
  });
  return checkedFolder(root, folder, await realpath(made));
}

/** True for a link, wherever it leads. */
export async function isLink(file: string): Promise<boolean> {
  const stats = await lstat(file).catch(() => undefined);
  return stats?.isSymbolicLink() === true;
}

async function checkedFolder(root: string, file: string, realFile: string): Promise<string> {
  const realRoot = await realRootOf(root, { file, realFile });
  if (realFile === realRoot || isInside(realRoot, realFile)) return realFile;
  throw leadsOut();
}

/** The refusal of a key on whose way there is a link to somewhere else. */
export function leadsOut(): Failure {
  return new Failure('invalid', 'The key leads out of the folder of the store: a link lies on its way.');
}

function isInside(realRoot: string, realFile: string): boolean {
  const relative = path.relative(realRoot, realFile);
  return relative !== '' && relative !== '..' && !relative.startsWith(`..${path.sep}`) && !isReserved(relative);
}

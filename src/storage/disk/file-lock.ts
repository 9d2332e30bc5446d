import { createHash, randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Failure } from '../../failure.ts';
import { codeOf, meansNoFile } from './failures.ts';
import { makeFolders } from './make-folders.ts';
import { reservedSegments } from './paths.ts';

/** Who waits looks so often. A lock is held for a look and a move: milliseconds. */
const lookMs = 20;
/** A lock that one holder has had for so long, while somebody watched, is that of a process that was killed. */
const abandonedMs = 5000;
/** Longer nobody waits. */
const giveUpMs = 20_000;

/**
 * Runs a task while no other process of this store runs one for the same key: a lock file beside the temporary ones,
 * created exclusively, which even file systems without links can. Failure `overloaded` when it cannot be had.
 */
export async function underLock<Result>(root: string, key: string, task: () => Promise<Result>): Promise<Result> {
  const name = createHash('sha256').update(key).digest('hex').slice(0, 40);
  const lock = path.join(root, reservedSegments.temporary, `${name}.lock`);
  const holder = randomUUID();
  await take(lock, holder);
  try {
    return await task();
  } finally {
    // Not that of whoever took ours for abandoned.
    if ((await holderOf(lock)) === holder) await rm(lock, { force: true });
  }
}

async function take(lock: string, self: string): Promise<void> {
  const began = performance.now();
  let watched = { holder: '', since: began };
  while (!(await isTakenNow(lock, self))) {
    const now = performance.now();
    if (now - began > giveUpMs) throw new Failure('overloaded', 'The folder is being written to by others.');
    const holder = await holderOf(lock);
    if (holder !== watched.holder) watched = { holder, since: now };
    else if (now - watched.since > abandonedMs) await breakLock(lock);
    await wait(lookMs);
  }
}

async function isTakenNow(lock: string, self: string): Promise<boolean> {
  try {
    await writeFile(lock, self, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      await makeFolders(path.dirname(lock));
      return false;
    }
    if (codeOf(error) !== 'EEXIST') throw error;
    return false;
  }
}

/** What tells one holder from the next; empty while there is none. */
async function holderOf(lock: string): Promise<string> {
  return readFile(lock, 'utf8').catch((error: unknown) => {
    if (meansNoFile(error)) return '';
    throw error;
  });
}

/** Moved away first: of several who break it one succeeds, and the others find it gone. */
async function breakLock(lock: string): Promise<void> {
  const broken = `${lock}.${randomUUID()}`;
  await rename(lock, broken).catch((error: unknown) => {
    if (!meansNoFile(error)) throw error;
  });
  await rm(broken, { force: true });
}

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from './failures.ts';

/** Makes a folder and those above it. Node's own recursive `mkdir` never ends where nobody may make any, as in `/proc`. */
export async function makeFolders(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (error) {
    const parent = path.dirname(folder);
    if (codeOf(error) !== 'ENOENT' || parent === folder) throw error;
    await makeFolders(parent);
    await makeFolder(folder);
  }
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
}

import { access, constants, opendir } from 'node:fs/promises';
import { stopIfAborted } from '../../deadline.ts';
import type { ReadOptions } from '../store.ts';
import { withDiskFailures } from './failures.ts';
import type { StoreFolder } from './folder.ts';

/** Resolves when the folder is there and lets itself be read. */
export async function probeFolder({ root }: StoreFolder, { signal }: ReadOptions): Promise<void> {
  stopIfAborted(signal);
  await withDiskFailures(async () => {
    const folder = await opendir(root);
    await folder.close();
    await access(root, constants.X_OK);
  });
}

import { stat, utimes } from 'node:fs';
import type { StoreUses } from '../store.ts';
import { meansNoFile } from './failures.ts';
import type { StoreFolder } from './folder.ts';
import { sidecarFile } from './sidecar.ts';

/**
 * When objects of a folder were used last: the time of what lies beside each, which nothing else depends on (its own time is
 * part of its etag, and many file systems are mounted without times of access). It outlives restarts, and all processes see it.
 */
export function createFolderUses({ root }: StoreFolder): StoreUses {
  return {
    note: (key) => touch(sidecarFile(root, key)),
    lastUsed: (key) => timeOf(sidecarFile(root, key)),
  };
}

/** By callbacks, as a listing does: a promise of the file system's costs the one thread ten times as much. */
function touch(file: string): Promise<void> {
  const now = Date.now() / 1000;
  // That it cannot be noted, or that the object is gone, harms nobody.
  return new Promise((resolve) => utimes(file, now, now, () => resolve()));
}

function timeOf(file: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    stat(file, (error, stats) => {
      if (error === null) resolve(stats.mtimeMs);
      else if (meansNoFile(error)) resolve(undefined);
      else reject(error);
    });
  });
}

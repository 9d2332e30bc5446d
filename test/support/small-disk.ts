import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A file system of its own, small enough to be filled. */
export interface SmallDisk {
  /** Writes until not a byte more fits. */
  fill(): void;
  /** Takes away what `fill` has written. */
  empty(): void;
  /** From now on nothing can be written, or everything again. */
  setReadOnly(isReadOnly: boolean): void;
  unmount(): void;
}

function run(command: string, ...words: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, words, { encoding: 'utf8' });
  if (status === 0) return;
  const [reason = ''] = (error?.message ?? stderr).trim().split('\n');
  throw new Error(`This needs Linux and the right to mount a tmpfs (root, or CAP_SYS_ADMIN): ${reason}`);
}

/** Mounts a small disk on a folder, which is made; it goes with `unmount`, or with the machine. */
export async function mountSmallDisk(folder: string, megabytes: number): Promise<SmallDisk> {
  await mkdir(folder, { recursive: true });
  run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'fovea-small-disk', folder);
  const filler = join(folder, '.filler');
  return {
    fill() {
      const file = openSync(filler, 'a');
      const page = Buffer.alloc(4096, 1);
      try {
        for (;;) writeSync(file, page);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      } finally {
        closeSync(file);
      }
    },
    empty: () => rmSync(filler),
    setReadOnly: (isReadOnly) => run('mount', '-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, folder),
    // Lazily: what still has a file open there must not keep the folder from going.
    unmount: () => run('umount', '--lazy', folder),
  };
}

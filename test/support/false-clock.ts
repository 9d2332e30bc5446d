import { spawnSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A clock that is wrong by as much as one says, for one process. */
export interface FalseClock {
  /** For that process's environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** From now on it is so many seconds ahead of ours, or behind it. */
  set(aheadSeconds: number): void;
}

/** The wall clock alone is wrong: durations are measured by the monotonic one, and files carry the dates they have. */
export function createFalseClock(folder: string): FalseClock {
  // The command knows where its library lies: it puts it into the environment of what it runs.
  const { stdout, status } = spawnSync('faketime', ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' });
  if (status !== 0) throw new Error('This needs libfaketime: apt-get install faketime');
  const file = join(folder, 'clock');
  const set = (aheadSeconds: number) => {
    // In one step: the process reads it at any moment.
    writeFileSync(`${file}.new`, `${aheadSeconds < 0 ? '-' : '+'}${Math.abs(aheadSeconds)}`);
    renameSync(`${file}.new`, file);
  };
  set(0);
  return {
    environment: {
      LD_PRELOAD: stdout.trim(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    },
    set,
  };
}

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a container is to the kernel: processes that share a limit of memory. */
export interface ControlGroup {
  /** Goes before a command's words: it starts within the group. */
  readonly enter: readonly string[];
  /** Processes that were killed since memory had run out. */
  readonly killed: () => number;
  /** The most that was ever taken, the files read and not let go included; undefined where the kernel does not tell. */
  readonly peakBytes: () => number | undefined;
  /** When its processes have ended. */
  readonly remove: () => Promise<void>;
}

interface Version {
  readonly parent: string;
  readonly limit: string;
  readonly peak: string;
  readonly events: string;
}

// Version 1 of control groups, and version 2.
const versions: readonly Version[] = [
  {
    parent: '/sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    peak: 'memory.max_usage_in_bytes',
    events: 'memory.oom_control',
  },
  { parent: '/sys/fs/cgroup', limit: 'memory.max', peak: 'memory.peak', events: 'memory.events' },
];

/** A group whose processes have so much memory between them, and no swap; undefined where this user may make none. */
export function createControlGroup(memoryBytes: number): ControlGroup | undefined {
  for (const version of versions) {
    const folder = `${version.parent}/fovea-${process.pid}`;
    try {
      if (!existsSync(`${version.parent}/cgroup.procs`)) continue;
      mkdirSync(folder);
    } catch {
      continue;
    }
    try {
      writeFileSync(`${folder}/${version.limit}`, String(memoryBytes));
      return groupIn(folder, version);
    } catch {
      rmdirSync(folder);
    }
  }
  return undefined;
}

function groupIn(folder: string, { peak, events }: Version): ControlGroup {
  return {
    enter: ['/bin/sh', '-c', 'echo $$ >"$0" && exec "$@"', `${folder}/cgroup.procs`],
    killed: () => Number(/^oom_kill (\d+)$/m.exec(readFileSync(`${folder}/${events}`, 'utf8'))?.[1] ?? Number.NaN),
    peakBytes: () => (existsSync(`${folder}/${peak}`) ? Number(readFileSync(`${folder}/${peak}`, 'utf8')) : undefined),
    remove: async () => {
      // The kernel lets a group go a moment after its last process.
      for (let tries = 0; ; tries += 1) {
        try {
          return rmdirSync(folder);
        } catch (error) {
          if (tries === 100) throw error;
          await sleep(50);
        }
      }
    },
  };
}

import { readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second for whoever reads it (USER_HZ, proc(5)), whatever its own clock. */
const msPerTick = 10;

/** A process that was started by way of others (a shell, a sandbox) has few of them; more is none that we started. */
const mostGenerations = 4;

/** Milliseconds of processor time taken so far by a process; undefined where nobody tells. */
export type CpuTime = () => number | undefined;

/**
 * Reads what a process, and those that it had started when this was called, have computed, all threads together. It is
 * the kernel that tells: a process that decodes strangers' bytes is not asked. Undefined off Linux, or once it has ended.
 */
export function createCpuTime(pid: number): CpuTime {
  const pids = family(pid, mostGenerations);
  return () => {
    const times = pids.map(readMs);
    return times.includes(undefined) ? undefined : times.reduce<number>((sum, ms) => sum + (ms ?? 0), 0);
  };
}

/** Bytes of memory that a process has; undefined off Linux, or once it has ended. */
export function residentBytesOf(pid: number): number | undefined {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

function family(pid: number, generations: number): readonly number[] {
  if (generations === 0) return [];
  const children = read(`/proc/${pid}/task/${pid}/children`) ?? '';
  const next = children.split(' ').filter((text) => /^\d+$/.test(text));
  return [pid, ...next.flatMap((child) => family(Number(child), generations - 1))];
}

function readMs(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The second field is the program's name in brackets, which may hold anything: what follows the last bracket is the third.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields?.[11]) + Number(fields?.[12]);
  return Number.isFinite(ticks) ? ticks * msPerTick : undefined;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // It has ended, or this is not Linux.
    return undefined;
  }
}

import { readdirSync, readFileSync } from 'node:fs';

interface Member {
  readonly pid: number;
  readonly parent: number;
  readonly residentBytes: number;
}

function memberOf(pid: number): Member | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    return { pid, parent: read('PPid'), residentBytes: read('VmRSS') * 1024 };
  } catch {
    return undefined; // It has ended since it was listed.
  }
}

/** A process and its children (Linux). */
export function processGroup(pid: number): readonly Member[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => memberOf(Number(name)) ?? [])
    .filter((member) => member.pid === pid || member.parent === pid);
}

export function residentBytes(pid: number): number {
  return processGroup(pid).reduce((sum, member) => sum + member.residentBytes, 0);
}

/** Looks ten times a second at the resident memory of a process and its children. */
export function watchMemory(pid: number): { readonly peakBytes: () => number; stop(): void } {
  let peak = residentBytes(pid);
  const timer = setInterval(() => {
    peak = Math.max(peak, residentBytes(pid));
  }, 100);
  return { peakBytes: () => peak, stop: () => clearInterval(timer) };
}

/** Open descriptors. */
export function descriptorCount(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

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

/** A process, its children and theirs (Linux): a server, its spawner and its render processes. */
export function processGroup(pid: number): readonly Member[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => memberOf(Number(name)) ?? []);
  const family = all.filter((member) => member.pid === pid);
  for (const { pid: parent } of family) family.push(...all.filter((member) => member.parent === parent));
  return family;
}

/** The render processes of a server. */
export function renderProcesses(pid: number): readonly number[] {
  return processGroup(pid).flatMap((member) => (isRenderProcess(member.pid) ? [member.pid] : []));
}

function isRenderProcess(pid: number): boolean {
  try {
    // Not the shell, nor what keeps its cage, whose words end with the same ones.
    return /^[^\0]*node\0.*render-process/s.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    return false; // It has ended since it was listed.
  }
}

export function residentBytes(pid: number): number {
  return processGroup(pid).reduce((sum, member) => sum + member.residentBytes, 0);
}

/** What a process and its children take of the machine: memory that several share is counted once between them. */
export function ownedBytes(pid: number): number {
  return processGroup(pid).reduce((sum, member) => sum + proportionalBytes(member.pid), 0);
}

function proportionalBytes(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0; // It has ended since it was listed.
  }
}

/** Looks ten times a second at the memory of a process and its children, as `measure` takes it. */
export function watchMemory(
  pid: number,
  measure: (pid: number) => number = residentBytes,
): { readonly peakBytes: () => number; stop(): void } {
  let peak = measure(pid);
  const timer = setInterval(() => {
    peak = Math.max(peak, measure(pid));
  }, 100);
  return { peakBytes: () => peak, stop: () => clearInterval(timer) };
}

/** Open descriptors. */
export function descriptorCount(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

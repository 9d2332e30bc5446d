/** Resident bytes of a process that has drawn small pictures only: Node, libvips, and the buffer it reads into. */
export const idleProcessBytes = 80 * 1024 * 1024;

/**
 * What is over this would not be there in a fresh process: some 45 MB of it are shared with the server, so that what rests has
 * at most 40 MB of its own. Below it, starting one costs more than it gives.
 */
export const grownProcessBytes = 1.1 * idleProcessBytes;

export interface MemoryBudget {
  /** Render processes kept running. */
  readonly processes: number;
  /** Resident bytes of all processes together: what would not fit beside the renders under way waits. */
  readonly maxMemoryBytes: number;
}

/** The most that a single render may ever take. */
export function mostRenderBytes({ processes, maxMemoryBytes }: MemoryBudget): number {
  return maxMemoryBytes - processes * idleProcessBytes;
}

/** Of what all renders may take, what originals' pixels may take that are kept for the next pictures of them. */
const keptShare = 1 / 8;

/** However much memory there is: a process is replaced at half a gigabyte, and what it keeps goes with it. */
const keptBytesAtMost = 128 * 1024 * 1024;

/** The most that one process keeps of them. */
export function mostKeptBytes(budget: MemoryBudget): number {
  return Math.floor(Math.min(keptBytesAtMost, (Math.max(0, mostRenderBytes(budget)) * keptShare) / budget.processes));
}

/** What one process holds. */
export interface Holder {
  /** What it took after its last render; 0 before the first. */
  readonly residentBytes: number;
  /** What it draws now, if anything, and the bytes that this may take beside. */
  readonly drawing: { readonly memoryBytes: number } | undefined;
}

/** All processes together, if this one began to draw something of so many bytes. A place without a process will have one. */
export function bytesWith(holders: readonly Holder[], beginning: Holder, memoryBytes: number): number {
  let sum = memoryBytes;
  for (const holder of holders) {
    sum += Math.max(idleProcessBytes, holder.residentBytes);
    if (holder !== beginning) sum += holder.drawing?.memoryBytes ?? 0;
  }
  return sum;
}

import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { megabyte } from './values.ts';

/** What this process may use of the machine. */
export interface Machine {
  /** Cores, as far as the scheduler and a quota let it have them; at least one. */
  readonly cores: number;
  readonly memoryBytes: number;
}

/** What the system says, and the limits of the control group (versions 2 and 1) that a container is. */
export function readMachine(): Machine {
  const limit = process.constrainedMemory();
  const quota = Math.min(quotaOf('/sys/fs/cgroup/cpu.max'), quotaOf('/sys/fs/cgroup/cpu/cpu.cfs_quota_us'));
  return {
    cores: Math.max(1, Math.min(availableParallelism(), Math.ceil(quota))),
    memoryBytes: limit > 0 ? Math.min(totalmem(), limit) : totalmem(),
  };
}

/** Cores by a file of the control group: `150000 100000`, or the first number alone, of periods that are a tenth of a second. */
function quotaOf(path: string): number {
  try {
    const [quota, period = 100_000] = readFileSync(path, 'utf8').trim().split(' ').map(Number);
    // `max` and -1 are none.
    return quota !== undefined && quota > 0 ? quota / period : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** What was said of sizes; undefined where the machine decides. */
export interface GivenSizes {
  readonly memoryBytes: number | undefined;
  readonly renderers: number | undefined;
  readonly renderMemoryBytes: number | undefined;
}

/** Half of it is what a process takes idle. */
export const leastMegabytesPerRenderer = 160;
/** With it a render has about as much where one process works alone as where two share the least that they need. */
export const leastRenderMegabytes = 256;

const usualTierMegabytes = 256;
/** For the server itself and a crowd of its visitors. */
const serverMegabytes = 256;
/** What a process takes that draws usual pictures. */
const usualMegabytesPerRenderer = 220;
const mostRenderers = 256;

/** Sizes that fit the machine; what was said stays, and the rest fits beside it as far as that goes. */
export function sizesFor(given: GivenSizes, machine: Machine): { readonly [Name in keyof GivenSizes]: number } {
  const megabytes = Math.floor(machine.memoryBytes / megabyte);
  const memoryBytes =
    given.memoryBytes ?? Math.min(usualTierMegabytes, Math.max(16, Math.floor(megabytes / 8))) * megabyte;
  const room = Math.floor(megabytes - memoryBytes / megabyte - serverMegabytes);
  const affordable =
    given.renderMemoryBytes === undefined
      ? Math.floor(room / usualMegabytesPerRenderer)
      : Math.floor(given.renderMemoryBytes / megabyte / leastMegabytesPerRenderer);
  const renderers = given.renderers ?? Math.max(1, Math.min(machine.cores, affordable, mostRenderers));
  const least = Math.max(leastRenderMegabytes, leastMegabytesPerRenderer * renderers);
  const usual = Math.max(1024, 512 * renderers);
  const renderMemoryBytes = given.renderMemoryBytes ?? Math.max(least, Math.min(usual, room)) * megabyte;
  return { memoryBytes, renderers, renderMemoryBytes };
}

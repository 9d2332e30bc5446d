/**
 * A program: visitors of a server, which must have `dog-0.jpg` to `dog-19.jpg`. Visitors have cores of their own,
 * elsewhere. Here they go first on the server's, and are a process of their own, without a test runner's memory to
 * collect: so what they time is the server and not themselves.
 *
 * Usage: visitors URL PID, of the server. Writes what they saw to standard output, as JSON: `Visits`.
 */
import { constants, setPriority } from 'node:os';
import { cpuMsOfTree } from '../../bench/processes.ts';
import { startLoad, timedGet } from './load.ts';

/** What some visitors saw together. */
export interface Run {
  readonly timed: readonly { readonly status: number; readonly tookMs: number }[];
  /** Milliseconds, of the server and its processes. */
  readonly cpuMs: number;
  readonly wallMs: number;
}

export interface Visits {
  readonly peak: Run;
  readonly floods: readonly Run[];
  /** Beside the floods. */
  readonly hits: { readonly times: readonly number[]; readonly failures: readonly string[] };
}

const [url = '', pid = ''] = process.argv.slice(2);
let asked = 0;

/** Never the same picture, and always as much work; of several originals, since one may have only so many variants. */
function next(): string {
  asked += 1;
  const [width, height] = [200 + (asked % 100), 200 + (Math.floor(asked / 100) % 100)];
  return `${url}/w_${width},h_${height}/dog-${asked % 20}.jpg`;
}

async function run(visitors: number, seconds: number): Promise<Run> {
  const timed: { status: number; tookMs: number }[] = [];
  const began = performance.now();
  const until = began + seconds * 1000;
  const visit = async (index: number) => {
    // They come within a second, as a rate and not as one wave.
    await new Promise((resolve) => setTimeout(resolve, (index * 1_000) / visitors));
    while (performance.now() < until) {
      const { status, tookMs, headers } = await timedGet(next());
      timed.push({ status, tookMs });
      // Who is refused comes again when told to.
      const pauseMs = Number(headers['retry-after'] ?? 0) * 1000;
      if (performance.now() + pauseMs > until) return;
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  const before = cpuMsOfTree(Number(pid));
  await Promise.all(Array.from({ length: visitors }, (_, index) => visit(index)));
  // Whoever waits in the queue at the end is answered too.
  return { timed, cpuMs: cpuMsOfTree(Number(pid)) - before, wallMs: performance.now() - began };
}

async function flood(rounds: number, seconds: number): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (let round = 0; round < rounds; round += 1) runs.push(await run(300, seconds));
  return runs;
}

try {
  setPriority(constants.priority.PRIORITY_HIGH);
} catch {
  // Without the right to it the figures are only worse.
}
// Drawing and refusing are compiled by then, as they are in a server that has run for a minute: who is refused is so
// in the first of the seconds.
await flood(6, 2);
const peak = await run(4, 4);
const load = startLoad(2, () => `${url}/w_201,h_200/dog-1.jpg`, 20);
const floods = await flood(3, 4);
await load.stop();
const { times, failures } = load;
process.stdout.write(JSON.stringify({ peak, floods, hits: { times, failures } } satisfies Visits), () =>
  process.exit(0),
);

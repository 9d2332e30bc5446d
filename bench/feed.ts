import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { spread, table } from './machine.ts';
import { startFovea } from './processes.ts';

/*
 * What the server process itself computes for each small picture that its renderers make: how many of them one process
 * can feed. A 218 kB JPEG → some 130 px, four at a time, each another size; all threads of that process, and the one that
 * JavaScript has. Before it, thousands of tiny ones, so that the code is compiled as in a server that has run for a minute.
 */
const repeats = 5;
const pictures = 200;
const warmUps = 3_000;
const parallel = 4;
/** Of each file so many at most: an original has a budget of sizes that nobody declared. */
const files = 10;

interface CpuMs {
  readonly all: number;
  readonly oneThread: number;
}

/** Hundredths of a second, in milliseconds. */
function cpuMsOf(path: string): number {
  const stat = readFileSync(path, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const ownCpuMs = (pid: number): CpuMs => ({
  all: cpuMsOf(`/proc/${pid}/stat`),
  oneThread: cpuMsOf(`/proc/${pid}/task/${pid}/stat`),
});

/** Asks for so many pictures of these files in sizes that were not asked for before. */
function createVisitors(url: string) {
  let asked = 0;
  return async (count: number, prefix: string): Promise<void> => {
    const last = asked + count;
    async function visitor(): Promise<void> {
      while (asked < last) {
        asked += 1;
        const size = `w_${100 + (asked % 60)},h_${100 + Math.floor(asked / 60)}`;
        const response = await fetch(`${url}/${size},f_jpg/${prefix}${asked % files}.jpg`);
        if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
        await response.arrayBuffer();
      }
    }
    await Promise.all(Array.from({ length: parallel }, visitor));
  };
}

async function measureWith(variants: string, originals: string): Promise<readonly CpuMs[]> {
  const server = await startFovea(originals, variants);
  try {
    const visit = createVisitors(server.url);
    await visit(warmUps, 'tiny');
    const taken: CpuMs[] = [];
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      const before = ownCpuMs(server.pid);
      await visit(pictures, 'seeding');
      const after = ownCpuMs(server.pid);
      taken.push({
        all: (after.all - before.all) / pictures,
        oneThread: (after.oneThread - before.oneThread) / pictures,
      });
    }
    return taken;
  } finally {
    await server.stop();
  }
}

/** The table of what one process feeds. */
export async function measureFeeding(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-'));
  const sample = fileURLToPath(new URL('../data/originals/seeding.jpg', import.meta.url));
  try {
    for (let index = 0; index < files; index += 1) {
      copyFileSync(sample, join(folder, `seeding${index}.jpg`));
      await sharp(sample)
        .resize(60)
        .jpeg()
        .toFile(join(folder, `tiny${index}.jpg`));
    }
    const rows: string[][] = [];
    for (const [name, variants] of [
      ['folder store', join(folder, 'variants')],
      ['no store of variants', 'none'],
    ] as const) {
      const taken = await measureWith(variants, folder);
      const perSecond = taken.map(({ oneThread }) => 1000 / oneThread);
      rows.push([
        name,
        spread(
          taken.map(({ all }) => all),
          1,
        ),
        spread(
          taken.map(({ oneThread }) => oneThread),
          1,
        ),
        spread(perSecond),
      ]);
    }
    return table([
      ['variants are kept in', 'all threads, ms', 'the one thread, ms', 'pictures a second of it'],
      ...rows,
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp, { type Sharp } from 'sharp';
import { residentMegabytes, spread, table } from './machine.ts';
import { readPhotographs } from './photographs.ts';

/**
 * Memory of one render process under a mixed load, by allocator: the same renders in the same order, one at a time as
 * a render process does them, in a fresh process for each allocator.
 */
const repeats = 3;
const passes = 3;
const jemalloc = '/usr/lib/x86_64-linux-gnu/libjemalloc.so.2';

interface Taken {
  readonly settled: number;
  readonly peak: number;
  readonly cpuMs: number;
}

const outputs: readonly ((picture: Sharp) => Sharp)[] = [
  (picture) => picture.resize(128, 128).jpeg({ quality: 80 }),
  (picture) => picture.resize(400, 400).png(),
  (picture) => picture.resize(640).webp({ quality: 80, effort: 2 }),
  (picture) => picture.resize(1280).jpeg({ quality: 80 }),
  (picture) => picture.resize(480).avif({ quality: 50, effort: 2 }),
];

async function load(): Promise<Taken> {
  sharp.concurrency(1);
  sharp.cache(false);
  const photographs = readPhotographs([
    'p8.jpg',
    'p24.jpg',
    'p8prog.jpg',
    'p8rot6.jpg',
    'p8.png',
    'p8.webp',
    'p8.avif',
  ]);
  const started = process.cpuUsage();
  for (let pass = 0; pass < passes; pass += 1) {
    for (const output of outputs) {
      // A copy, as an original arrives over a pipe: its memory is part of what the allocator has to deal with.
      for (const { bytes } of photographs) await output(sharp(Buffer.from(bytes)).autoOrient()).toBuffer();
    }
  }
  const { user, system } = process.cpuUsage(started);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const { now, peak } = residentMegabytes('self');
  return { settled: now, peak, cpuMs: (user + system) / 1000 / (passes * outputs.length * photographs.length) };
}

function measure(environment: Readonly<Record<string, string>>): Taken {
  const { PATH = '', BENCH_PHOTOS } = process.env;
  const photos = BENCH_PHOTOS === undefined ? {} : { BENCH_PHOTOS };
  const child = spawnSync(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), 'load'], {
    env: { PATH, ...photos, ...environment },
    encoding: 'utf8',
  });
  if (child.status !== 0) throw new Error(`the load failed: ${child.stderr}`);
  return JSON.parse(child.stdout) as Taken;
}

/** The table of allocators. */
export async function measureAllocators(): Promise<string> {
  const allocators: [string, Readonly<Record<string, string>>][] = [
    ['glibc', {}],
    ['glibc, MALLOC_ARENA_MAX=2', { MALLOC_ARENA_MAX: '2' }],
  ];
  if (existsSync(jemalloc)) allocators.push(['jemalloc', { LD_PRELOAD: jemalloc }]);
  const taken = allocators.map(() => [] as Taken[]);
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    for (const [index, [, environment]] of allocators.entries()) taken[index]?.push(measure(environment));
  }
  const rows = allocators.map(([name], index) => {
    const runs = taken[index] ?? [];
    return [
      name,
      spread(runs.map(({ settled }) => settled)),
      spread(runs.map(({ peak }) => peak)),
      spread(runs.map(({ cpuMs }) => cpuMs)),
    ];
  });
  return table([['allocator', 'RSS after the load, MB', 'peak RSS, MB', 'CPU ms a render'], ...rows]);
}

if (process.argv[2] === 'load') console.log(JSON.stringify(await load()));

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { median, spread, table } from './machine.ts';
import { type Job, jobs } from './miss-jobs.ts';
import { readPhotographs } from './photographs.ts';
import { cpuMsOfTree, startFovea, startProcess } from './processes.ts';

/**
 * Cold variants through the whole service (HTTP, folder store, render processes, the write behind the response) against
 * bare sharp in this process with the same options, against that behind hono, and against IPX with its defaults: CPU
 * milliseconds a picture, children included, and the time that it took with one picture under way for each core.
 */
const repeats = 3;
const parallel = availableParallelism();

interface Taken {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly bytes: number;
}

/** Makes so many pictures, one under way for each core; `make` answers how many bytes each has. */
async function take(pictures: number, make: (index: number) => Promise<number>, cpuMs: () => number): Promise<Taken> {
  let next = 0;
  let bytes = 0;
  async function work(): Promise<void> {
    while (next < pictures) {
      const made = await make(next++);
      bytes += made;
    }
  }
  await make(pictures); // Connections, and code that is compiled at its first use.
  const [cpuBefore, started] = [cpuMs(), performance.now()];
  await Promise.all(Array.from({ length: parallel }, work));
  const wallMs = (performance.now() - started) / pictures;
  return { cpuMs: (cpuMs() - cpuBefore) / pictures, wallMs, bytes: bytes / pictures };
}

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function download(url: string, isMiss: (response: Response) => boolean = () => true): Promise<number> {
  const response = await fetch(url);
  const body = await response.arrayBuffer();
  if (!response.ok || !isMiss(response)) {
    throw new Error(`${url}: ${response.status}, ${response.headers.get('cache-status')}`);
  }
  return body.byteLength;
}

/** A job on the file that there is for it. */
interface Case {
  readonly job: Job;
  readonly folder: string;
  readonly file: string;
}

/** A server of its own for each repeat: its memory and its store are as cold as the first time. */
async function takeFovea({ job, folder, file }: Case, repeat: number): Promise<Taken> {
  const server = await startFovea(folder, join(folder, `variants-${job.name.length}-${repeat}`));
  const isMiss = (response: Response) => response.headers.get('cache-status')?.includes('fwd=miss') === true;
  const make = (index: number) => download(`${server.url}/${job.url(job.width + index)}/${file}`, isMiss);
  const taken = await take(job.pictures, make, () => cpuMsOfTree(server.pid));
  await server.stop();
  return taken;
}

async function takeBare({ job, folder, file }: Case): Promise<Taken> {
  const draw = async (index: number) => {
    const original = await readFile(join(folder, file));
    return (await job.bare(original, job.width + index).toBuffer()).length;
  };
  return take(job.pictures, draw, ownCpuMs);
}

/** Another server, started with these words on the folder. */
async function takePeer({ job, folder }: Case, words: readonly string[], path: (width: number) => string) {
  const server = await startProcess([...words, folder], {}, /listening on http:/);
  const url = /http:\S+/.exec(server.greeting)?.[0] ?? '';
  const make = (index: number) => download(url + path(job.width + index));
  const taken = await take(job.pictures, make, () => cpuMsOfTree(server.pid));
  await server.stop();
  return taken;
}

const scriptOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

function takeHono(measured: Case): Promise<Taken> {
  const words = [...process.execArgv, scriptOf('bare-hono.ts')];
  return takePeer(measured, words, (width) => `/${measured.file}/${jobs.indexOf(measured.job)}/${width}`);
}

async function takeIpx(measured: Case): Promise<Taken | undefined> {
  const { ipx } = measured.job;
  if (ipx === undefined) return undefined;
  return takePeer(measured, [scriptOf('peers/ipx.mjs')], (width) => `/${ipx(width)}/${measured.file}`);
}

async function measureJob(measured: Case): Promise<readonly string[]> {
  const { job, file } = measured;
  const [fovea, bare, hono]: [Taken[], Taken[], Taken[]] = [[], [], []];
  const ipx: Taken[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    fovea.push(await takeFovea(measured, repeat));
    bare.push(await takeBare(measured));
    hono.push(await takeHono(measured));
    const taken = await takeIpx(measured);
    if (taken !== undefined) ipx.push(taken);
  }
  const size = (await readFile(join(measured.folder, file))).length;
  return [
    `${file} (${(size / 1e6).toFixed(1)} MB) → ${job.name}`,
    spread(fovea.map(({ cpuMs }) => cpuMs)),
    spread(bare.map(({ cpuMs }) => cpuMs)),
    ratios(fovea, bare, ({ cpuMs }) => cpuMs),
    ratios(fovea, hono, ({ cpuMs }) => cpuMs),
    ipx.length === 0 ? '' : ratios(fovea, ipx, ({ cpuMs }) => cpuMs),
    ratios(fovea, bare, ({ wallMs }) => wallMs),
    `${median(fovea.map(({ bytes }) => bytes)).toFixed(0)} / ${median(bare.map(({ bytes }) => bytes)).toFixed(0)}`,
  ];
}

/** Each repeat of the one over the same repeat of the other: they ran one right after the other. */
function ratios(some: readonly Taken[], others: readonly Taken[], figure: (taken: Taken) => number): string {
  const pairs = some.flatMap((taken, index) => {
    const other = others[index];
    return other === undefined ? [] : [figure(taken) / figure(other)];
  });
  return spread(pairs, 2);
}

/** The table of misses. */
export async function measureMisses(): Promise<string> {
  sharp.concurrency(1);
  sharp.cache(false);
  // A sharp of its own, which is not to be the one that is measured here.
  execFileSync('npm', ['ci', '--prefix', scriptOf('peers'), '--ignore-scripts', '--no-audit', '--no-fund', '--silent']);
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-'));
  try {
    const rows: (readonly string[])[] = [];
    for (const job of jobs) {
      const [photograph] = readPhotographs([job.photograph]);
      if (photograph === undefined) throw new Error('there is no photograph to measure with');
      writeFileSync(join(folder, photograph.name), photograph.bytes);
      rows.push(await measureJob({ job, folder, file: photograph.name }));
    }
    const head = [
      ...['picture', 'fovea, CPU ms', 'bare sharp, CPU ms', 'CPU to bare sharp', 'CPU to hono and sharp', 'CPU to IPX'],
      ...['time to bare sharp', 'bytes, fovea / bare'],
    ];
    return table([head, ...rows]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

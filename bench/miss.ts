import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { median, spread, table } from './machine.ts';
import { type Photograph, readPhotographs } from './photographs.ts';
import { cpuMsOfTree, startFovea } from './processes.ts';

/**
 * Cold variants through the whole service (HTTP, folder store, render processes, the write behind the response) against
 * bare sharp in this process with the same options: CPU milliseconds a picture, children included, and the time that
 * both took with one picture under way for each core. Each picture is another width, so nothing is ever found.
 */
interface Job {
  readonly name: string;
  readonly photograph: string;
  readonly pictures: number;
  readonly width: number;
  readonly url: (width: number) => string;
  readonly bare: (picture: Sharp, width: number) => Sharp;
  /** All frames, not only the first. */
  readonly animated?: true;
}

const jobs: readonly Job[] = [
  {
    name: '128×128 JPEG q80',
    photograph: 'p8.jpg',
    pictures: 60,
    width: 100,
    url: (width) => `w_${width},h_${width},q_80`,
    bare: (picture, width) => picture.resize(width, width).jpeg({ quality: 80 }),
  },
  {
    name: '640w WebP q80',
    photograph: 'p24.jpg',
    pictures: 24,
    width: 630,
    url: (width) => `c_scale,w_${width},f_webp,q_80`,
    bare: (picture, width) => picture.resize(width).webp({ quality: 80, effort: 4 }),
  },
  {
    name: '400×400 PNG',
    photograph: 'p8.png',
    pictures: 16,
    width: 392,
    url: (width) => `w_${width},h_${width},f_png`,
    bare: (picture, width) => picture.resize(width, width).png({ compressionLevel: 6 }),
  },
  {
    name: '640w AVIF q50',
    photograph: 'p8.jpg',
    pictures: 12,
    width: 634,
    url: (width) => `c_scale,w_${width},f_avif,q_50`,
    bare: (picture, width) => picture.resize(width).avif({ quality: 50, effort: 3, chromaSubsampling: '4:2:0' }),
  },
  {
    name: '240w WebP, 24 frames; sharp’s defaults',
    photograph: 'anim.gif',
    pictures: 6,
    width: 240,
    url: (width) => `c_scale,w_${width},f_webp`,
    bare: (picture, width) => picture.resize(width).webp(),
    animated: true,
  },
  {
    name: '240w GIF, 24 frames; sharp’s defaults',
    photograph: 'anim.gif',
    pictures: 3,
    width: 240,
    url: (width) => `c_scale,w_${width},f_gif`,
    bare: (picture, width) => picture.resize(width).gif(),
    animated: true,
  },
];

const repeats = 5;
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
  const [cpuBefore, started] = [cpuMs(), performance.now()];
  await Promise.all(Array.from({ length: parallel }, work));
  const wallMs = (performance.now() - started) / pictures;
  return { cpuMs: (cpuMs() - cpuBefore) / pictures, wallMs, bytes: bytes / pictures };
}

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function download(url: string): Promise<number> {
  const response = await fetch(url);
  const body = await response.arrayBuffer();
  const status = response.headers.get('cache-status') ?? '';
  if (!response.ok || !status.includes('fwd=miss')) throw new Error(`${url}: ${response.status}, ${status}`);
  return body.byteLength;
}

async function measureJob(job: Job, folder: string): Promise<readonly string[]> {
  const photograph = pick(readPhotographs([job.photograph]));
  const fovea: Taken[] = [];
  const bare: Taken[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    // A server of its own for each repeat: its memory and its store are as cold as the first time.
    const server = await startFovea(folder, join(folder, `variants-${job.pictures}-${repeat}`));
    const make = (index: number) => download(`${server.url}/${job.url(job.width + index)}/${photograph.name}`);
    await make(job.pictures); // Connections, and code that is compiled at its first use.
    fovea.push(await take(job.pictures, make, () => cpuMsOfTree(server.pid)));
    await server.stop();
    const draw = async (index: number) => {
      const original = await readFile(join(folder, photograph.name));
      const opened = sharp(original, { animated: job.animated === true });
      return (await job.bare(job.animated ? opened : opened.autoOrient(), job.width + index).toBuffer()).length;
    };
    await draw(job.pictures);
    bare.push(await take(job.pictures, draw, ownCpuMs));
  }
  return [
    `${photograph.name} (${(photograph.bytes.length / 1e6).toFixed(1)} MB) → ${job.name}`,
    spread(fovea.map(({ cpuMs }) => cpuMs)),
    spread(bare.map(({ cpuMs }) => cpuMs)),
    ratios(fovea, bare, ({ cpuMs }) => cpuMs),
    ratios(fovea, bare, ({ wallMs }) => wallMs),
    `${median(fovea.map(({ bytes }) => bytes)).toFixed(0)} / ${median(bare.map(({ bytes }) => bytes)).toFixed(0)}`,
  ];
}

function pick(photographs: readonly Photograph[]): Photograph {
  const [photograph] = photographs;
  if (photograph === undefined) throw new Error('there is no photograph to measure with');
  return photograph;
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
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-'));
  try {
    for (const { photograph } of jobs) {
      const { name, bytes } = pick(readPhotographs([photograph]));
      writeFileSync(join(folder, name), bytes);
    }
    const rows: (readonly string[])[] = [];
    for (const job of jobs) rows.push(await measureJob(job, folder));
    const head = ['picture', 'fovea, CPU ms', 'bare sharp, CPU ms', 'CPU ratio', 'time ratio', 'bytes, fovea / bare'];
    return table([head, ...rows]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { spread, table } from './machine.ts';
import { type Photograph, readPhotographs } from './photographs.ts';
import { cpuMsOfTree, startFovea } from './processes.ts';

/** Pictures of an original, and an encoder for them. */
interface Subject {
  readonly photograph: string;
  /** By default all. */
  readonly scenes?: readonly Scene[];
  readonly format: string;
  readonly encode: (picture: Sharp) => Sharp;
}

const webp = (picture: Sharp) => picture.webp({ quality: 80, effort: 4 });
const jpeg = (picture: Sharp) => picture.jpeg({ quality: 80 });

const repeats = 3;
const copies = 8;
const eightWidths = [320, 480, 640, 800, 960, 1280, 1600, 1920];
const thumbnailWidths = Array.from({ length: 20 }, (_, index) => 128 + index);

interface Server {
  readonly pid: number;
  readonly url: string;
}

/** What is asked of the service, and what bare sharp draws for it. */
interface Scene {
  readonly name: string;
  /** Before anything is measured. */
  readonly before?: (ask: Ask) => Promise<void>;
  readonly measured: (ask: Ask) => Promise<void>;
  readonly widths: readonly number[];
}

/** Asks for a picture that wide of a copy of the original. */
type Ask = (copy: number, width: number) => Promise<void>;

const eightAtOnce: Scene = {
  name: 'eight widths',
  async measured(ask) {
    await Promise.all(eightWidths.map((width) => ask(0, width)));
  },
  widths: eightWidths,
};

const allScenes: readonly Scene[] = [
  {
    name: 'first picture, 128 px',
    async measured(ask) {
      for (let copy = 0; copy < copies; copy += 1) await ask(copy, 128);
    },
    widths: Array.from({ length: copies }, () => 128),
  },
  {
    name: 'another picture, 128 px',
    before: (ask) => ask(0, 400),
    async measured(ask) {
      for (const width of thumbnailWidths) await ask(0, width);
    },
    widths: thumbnailWidths,
  },
  eightAtOnce,
];

const subjects: readonly Subject[] = [
  { photograph: 'p8.png', format: 'webp', encode: webp },
  { photograph: 'p8.avif', format: 'jpg', encode: jpeg },
  { photograph: 'p8.webp', format: 'webp', encode: webp },
  { photograph: 'p24.jpg', format: 'jpg', encode: jpeg },
  { photograph: 'p24.jpg', format: 'webp', encode: webp, scenes: [eightAtOnce] },
];

/** CPU milliseconds of everything that is measured of a scene, by a server that has seen nothing of it. */
async function ofFovea({ before, measured }: Scene, { format }: Subject, folder: string, names: readonly string[]) {
  const variants = mkdtempSync(join(tmpdir(), 'fovea-bench-variants-'));
  const server = await startFovea(folder, variants);
  const ask: Ask = (copy, width) => download(`${server.url}/c_scale,w_${width},f_${format},q_80/${names[copy]}`);
  // Connections, and code that is compiled at its first use.
  await Promise.all([10, 11, 12, 13].map((width) => download(`${server.url}/c_scale,w_${width},f_jpg/warm.png`)));
  await before?.(ask);
  const cpuMs = await cpuOf(server, () => measured(ask));
  await server.stop();
  rmSync(variants, { recursive: true });
  return cpuMs;
}

async function cpuOf({ pid }: Server, work: () => Promise<void>): Promise<number> {
  const before = cpuMsOfTree(pid);
  await work();
  return cpuMsOfTree(pid) - before;
}

async function download(url: string): Promise<void> {
  const response = await fetch(url);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
}

/** The same by bare sharp, one picture after the other, each from the file. */
async function ofBareSharp({ widths }: Scene, { encode }: Subject, original: Buffer): Promise<number> {
  const before = process.cpuUsage();
  for (const width of widths) await encode(sharp(original).resize(width)).toBuffer();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function measureScene(scene: Scene, subject: Subject, folder: string, photograph: Photograph) {
  const { name, bytes } = photograph;
  const names = Array.from({ length: copies }, (_, copy) => `${copy}${extname(name)}`);
  const [fovea, bare]: [number[], number[]] = [[], []];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    fovea.push((await ofFovea(scene, subject, folder, names)) / scene.widths.length);
    bare.push((await ofBareSharp(scene, subject, bytes)) / scene.widths.length);
  }
  const ratios = fovea.map((cpuMs, index) => cpuMs / (bare[index] ?? Number.NaN));
  return [`${name} → ${subject.format}`, scene.name, spread(fovea), spread(bare), spread(ratios, 2)];
}

/** The table of pictures that share a decode. */
export async function measureIntermediates(): Promise<string> {
  sharp.concurrency(1);
  sharp.cache(false);
  const rows: (readonly string[])[] = [
    ['pictures', 'of which', 'fovea, CPU ms each', 'bare sharp, CPU ms each', 'ratio'],
  ];
  for (const subject of subjects) {
    const [photograph] = readPhotographs([subject.photograph]);
    if (photograph === undefined) throw new Error('there is no photograph to measure with');
    const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-'));
    try {
      await layOut(folder, photograph);
      for (const scene of subject.scenes ?? allScenes)
        rows.push(await measureScene(scene, subject, folder, photograph));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  return table(rows);
}

/** The copies, and a small picture to warm up with. */
async function layOut(folder: string, { name, bytes }: Photograph): Promise<void> {
  const first = join(folder, `0${extname(name)}`);
  writeFileSync(first, bytes);
  for (let copy = 1; copy < copies; copy += 1) copyFileSync(first, join(folder, `${copy}${extname(name)}`));
  const small = sharp({ create: { width: 64, height: 64, channels: 3, background: 'teal' } });
  writeFileSync(join(folder, 'warm.png'), await small.png().toBuffer());
}

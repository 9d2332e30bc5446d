import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { Pixels } from '../src/image/drawing/write/quality/likeness/colours.ts';
import { scoreBetween } from '../src/image/drawing/write/quality/likeness/ssimulacra2.ts';
import { median, table } from './machine.ts';
import { cpuMsOfTree, startFovea } from './processes.ts';
import { scenes } from './scenes.ts';
import { photographFolder } from './sight/photographs.ts';

/** What the promise is held at, and what is shown beside it. */
const widths = [480, 960];
const formats = ['jpg', 'webp', 'avif'] as const;

/** A picture as somebody gets it, and how it compares with what it was made of. */
interface Seen {
  readonly bytes: Buffer;
  readonly score: number;
  /** Butteraugli's 3-norm: the less, the more alike. Not a number where Debian's libjxl-devtools are not installed. */
  readonly second: number;
}

interface Drawn {
  readonly pictures: readonly Buffer[];
  /** Of all processes, for all pictures. */
  readonly cpuMs: number;
}

/** `q_auto` against sharp's JPEG of quality 80, over photographs of Debian's packages, through the whole service. */
export async function measureQuality(): Promise<string> {
  sharp.concurrency(1);
  const paths = scenes();
  const head = [
    'width, format',
    'score, p10',
    'median',
    'sd',
    'Butteraugli, median',
    'p90',
    'bytes to JPEG q80’s, sum',
    'geometric mean',
  ];
  const rows: string[][] = [[...head, 'CPU to a plain one’s']];
  for (const width of widths) rows.push(...(await atWidth(paths, width)));
  return `${paths.length} photographs.\n\n${table(rows)}`;
}

async function atWidth(paths: readonly string[], width: number): Promise<string[][]> {
  const { pictures } = await drawn(paths, `c_scale,w_${width},f_png`);
  const originals = await Promise.all(pictures.map(pixelsOf));
  const jpegs = await Promise.all(
    originals.map(({ data, ...size }) =>
      sharp(data, { raw: { ...size, channels: 3 } })
        .jpeg()
        .toBuffer(),
    ),
  );
  const base = await seenAll(originals, jpegs);
  const rows = [[`${width}, sharp’s JPEG q80`, ...figures(base, base), '']];
  const columns = new Map([['jpeg q80', base]]);
  for (const format of formats) {
    const plain = await drawn(paths, `c_scale,w_${width},f_${format}`);
    const auto = await drawn(paths, `c_scale,w_${width},q_auto,f_${format}`);
    const seen = await seenAll(originals, auto.pictures);
    columns.set(`${format}, q_auto`, seen);
    rows.push([`${width}, ${format}`, ...figures(seen, base), (auto.cpuMs / plain.cpuMs).toFixed(2)]);
  }
  writePage(paths, width, columns);
  return rows;
}

/** Every photograph, by a service that has seen none of them. */
async function drawn(paths: readonly string[], transformation: string): Promise<Drawn> {
  const variants = mkdtempSync(join(tmpdir(), 'fovea-bench-'));
  const server = await startFovea(photographFolder, variants);
  try {
    // Code is compiled at its first uses.
    for (const quality of [50, 60, 70]) await download(`${server.url}/${transformation},q_${quality}/${paths[0]}`);
    const before = cpuMsOfTree(server.pid);
    const pictures: Buffer[] = [];
    for (const path of paths) pictures.push(await download(`${server.url}/${transformation}/${path}`));
    return { pictures, cpuMs: cpuMsOfTree(server.pid) - before };
  } finally {
    await server.stop();
    rmSync(variants, { recursive: true });
  }
}

async function download(url: string): Promise<Buffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

async function pixelsOf(picture: Buffer): Promise<Pixels> {
  const pipeline = sharp(picture).removeAlpha().toColourspace('srgb');
  const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

async function seenAll(originals: readonly Pixels[], pictures: readonly Buffer[]): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  for (const [index, original] of originals.entries()) {
    const bytes = pictures[index] ?? Buffer.alloc(0);
    const pixels = await pixelsOf(bytes);
    seen.push({ bytes, score: scoreBetween(original, pixels), second: await butteraugli(original, pixels) });
  }
  return seen;
}

async function butteraugli(...pictures: readonly [Pixels, Pixels]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-judge-'));
  try {
    const files = pictures.map((_, index) => join(folder, `${index}.png`));
    for (const [index, { data, ...size }] of pictures.entries()) {
      await sharp(data, { raw: { ...size, channels: 3 } })
        .png({ compressionLevel: 1 })
        .toFile(files[index] ?? '');
    }
    const { stdout } = spawnSync('butteraugli_main', files, { encoding: 'utf8' });
    return Number(/^3-norm: ([\d.]+)/m.exec(stdout ?? '')?.[1]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function figures(seen: readonly Seen[], base: readonly Seen[]): string[] {
  const scores = seen.map(({ score }) => score);
  const seconds = seen.map(({ second }) => second);
  const shares = seen.map(({ bytes }, index) => bytes.length / (base[index]?.bytes.length ?? Number.NaN));
  const sum = (all: readonly Seen[]) => all.reduce((total, { bytes }) => total + bytes.length, 0);
  const mean = scores.reduce((total, score) => total + score, 0) / scores.length;
  const deviation = Math.sqrt(scores.reduce((total, score) => total + (score - mean) ** 2, 0) / scores.length);
  const geometric = Math.exp(shares.reduce((total, share) => total + Math.log(share), 0) / shares.length);
  return [
    quantile(scores, 0.1).toFixed(1),
    median(scores).toFixed(1),
    deviation.toFixed(1),
    median(seconds).toFixed(2),
    quantile(seconds, 0.9).toFixed(2),
    `${((100 * sum(seen)) / sum(base)).toFixed(0)} %`,
    `${(100 * geometric).toFixed(0)} %`,
  ];
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
}

/** A page to look at: each photograph beside what was made of it. */
function writePage(paths: readonly string[], width: number, columns: ReadonlyMap<string, readonly Seen[]>): void {
  const folder = fileURLToPath(new URL('pages/quality/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const row = (path: string, index: number) => {
    const cells = [...columns].map(([name, all]) => {
      const one = all[index];
      if (one === undefined) return '';
      const type = name.startsWith('jp') ? 'jpeg' : name.split(',')[0];
      const text = `${name}: ${one.bytes.length} bytes, ${one.score.toFixed(1)}`;
      return `<td><img src="data:image/${type};base64,${one.bytes.toString('base64')}" alt=""><br>${text}</td>`;
    });
    return `<tr><th>${basename(path)}</th>${cells.join('')}</tr>`;
  };
  const style = 'body{font:14px system-ui}td,th{vertical-align:top;padding:4px;text-align:left}';
  const page = `<!doctype html><meta charset="utf-8"><title>q_auto</title><style>${style}</style><table>${paths.map(row).join('')}</table>`;
  writeFileSync(`${folder}${width}.html`, page);
}

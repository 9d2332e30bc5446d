import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { candidatesOf, type Shape, shapes } from '../playground/url/gallery.ts';
import { table } from './machine.ts';
import { startFovea } from './processes.ts';
import { fileOf, photographFolder } from './sight/photographs.ts';

const backgrounds = 'usr/share/backgrounds';

/** What the page shows: photographs as people upload them, of 6 to 16 megapixels. */
const originals = [
  'Dragonfly_by_Bolly',
  'Kleiber_by_Lukas_Baubkus',
  'Fossa_by_Jasper_Roks',
  'Bridge_by_Sander_Klootwijk',
  'life_by_Aitzol_Berasategi',
  'seeding_by_Clements_Engelhardt',
  'sunset_by_Aitzol_Berasategi',
  'free_by_Peter_Nerlich',
].map((name) => `${backgrounds}/${name}.jpg`);

interface Device {
  readonly name: string;
  readonly dpr: number;
  readonly hero: Shape;
  /** CSS pixels of what is shown, as the demo lays it out there. */
  readonly widths: { readonly hero: number; readonly card: number; readonly face: number };
}

const devices: readonly Device[] = [
  { name: 'phone, 390 px, dpr 3', dpr: 3, hero: shapes.tall, widths: { hero: 390, card: 390, face: 64 } },
  { name: 'laptop, 1440 px, dpr 2', dpr: 2, hero: shapes.wide, widths: { hero: 1200, card: 389, face: 64 } },
];

const accepts = { 'fovea, JPEG': 'image/jpeg', 'fovea, WebP': 'image/webp', 'fovea, AVIF': 'image/avif' } as const;

/** The page of `/-/demo`: what it weighs as it is, with its originals, and with sharp's JPEGs of the same pixels. */
export async function measureGallery(): Promise<string> {
  const head = ['device', 'pictures', 'originals', 'sharp’s JPEG q80', ...Object.keys(accepts)];
  const variants = mkdtempSync(join(tmpdir(), 'fovea-bench-'));
  const server = await startFovea(photographFolder, variants);
  try {
    const rows: string[][] = [];
    for (const device of devices) rows.push(await rowOf(server.url, device));
    return table([head, ...rows]);
  } finally {
    await server.stop();
    rmSync(variants, { recursive: true });
  }
}

async function rowOf(url: string, device: Device): Promise<string[]> {
  const paths = await pathsFor(device);
  const plain = await Promise.all(originals.map((path) => readFileSync(fileOf(path)).length));
  const jpegs: number[] = [];
  for (const path of paths) {
    const lossless = await download(url + path.replace('/f_auto,q_auto/', '/f_png/'), 'image/png');
    jpegs.push((await sharp(lossless).flatten({ background: '#fff' }).jpeg().toBuffer()).length);
  }
  const weights = [sum(plain), sum(jpegs)];
  for (const accept of Object.values(accepts)) {
    const sent: number[] = [];
    for (const path of paths) sent.push((await download(url + path, accept)).length);
    weights.push(sum(sent));
  }
  const [, base = Number.NaN] = weights;
  const text = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB, ${((100 * bytes) / base).toFixed(0)} %`;
  return [device.name, String(paths.length), ...weights.map(text)];
}

/** The first as the hero, and each as a card and as an avatar: of each the candidate that such a browser takes. */
async function pathsFor({ dpr, hero, widths }: Device): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const [index, key] of originals.entries()) {
    const { width, height } = await sharp(fileOf(key)).metadata();
    const info = { key, width, height, bytes: 0, placeholder: '' };
    const taken = (shape: Shape, css: number) => candidateFor(candidatesOf(info, shape).srcset, css * dpr);
    if (index === 0) paths.push(taken(hero, widths.hero));
    paths.push(taken(shapes.card, widths.card), taken(shapes.face, widths.face));
  }
  return paths;
}

/** The first that is wide enough, else the widest. */
function candidateFor(srcset: string, wanted: number): string {
  const all = srcset.split(', ').map((one) => one.split(' '));
  return (all.find(([, width = '']) => Number.parseInt(width, 10) >= wanted) ?? all.at(-1))?.[0] ?? '';
}

async function download(url: string, accept: string): Promise<Buffer> {
  for (let tries = 1; ; tries++) {
    const response = await fetch(url, { headers: { Accept: accept } });
    const bytes = Buffer.from(await response.arrayBuffer());
    if (response.ok) return bytes;
    // A machine that is busy with something else draws the largest ones past the limit, which is no finding here.
    if (response.status < 500 || tries > 30) throw new Error(`${url}: ${response.status}`);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { z } from 'zod';
import type { Pixel } from '../support/pictures.ts';

/** Readers that are programs of their own; none shares a line with what writes our answers. */

const run = promisify(execFile);
const maxBuffer = 256 * 1024 * 1024;

/** Pictures to read, by a name of the test's own. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** What a program needs to be there for; the one line that a reader of a red test needs. */
async function output(program: string, words: readonly string[], from: string): Promise<string> {
  try {
    return (await run(program, words, { maxBuffer })).stdout;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Error(`There is no ${program} here: apt-get install ${from}, as .ci/run does.`);
    }
    throw error;
  }
}

/** Lays the files into a folder for the time of one call, under names that no program can read as an option. */
export async function withFiles<T>(files: Files, use: (paths: readonly string[]) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-independent-'));
  try {
    const paths = [...files.values()].map((_, index) => join(folder, `${index}`));
    await Promise.all([...files.values()].map((bytes, index) => writeFile(paths[index] ?? '', bytes)));
    return await use(paths);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function byName<T>(files: Files, values: readonly T[]): ReadonlyMap<string, T> {
  const names = [...files.keys()];
  if (values.length !== names.length) throw new Error(`${names.length} files were read as ${values.length}.`);
  return new Map(names.map((name, index) => [name, values[index] as T]));
}

/** Read by ImageMagick; pixels of 0 to 255, alpha last. */
export interface MagickReading {
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly points: readonly Pixel[];
}

/** A place on a picture, as shares of its width and height. */
export type Place = readonly [x: number, y: number];

/** Behind all files that are read. */
const profileName = '\0 sRGB';

/** The profile that pixels are brought to, so that a place is the same colour whatever its file's profile is. */
async function srgbProfile(): Promise<Buffer> {
  const named = sharp({ create: { width: 1, height: 1, channels: 3, background: '#fff' } }).withIccProfile('srgb');
  const { icc } = await sharp(await named.png().toBuffer()).metadata();
  if (icc === undefined) throw new Error('sharp writes the profile that it is asked for');
  return icc;
}

/** What ImageMagick reads of the first frame of each, at these places, by its profile; AVIF's turning boxes are heeded, EXIF's word is too. */
export async function readByMagick(
  files: Files,
  places: readonly Place[],
): Promise<ReadonlyMap<string, MagickReading>> {
  const points = places
    .flatMap(([x, y]) =>
      ['r', 'g', 'b', 'a'].map((channel) => `%[fx:round(255*p{floor(${x}*w),floor(${y}*h)}.${channel})]`),
    )
    .join(' ');
  const all = new Map([...files, [profileName, await srgbProfile()]]);
  return withFiles(all, async (paths) => {
    const profile = `icc:${paths.at(-1)}`;
    const words = paths
      .slice(0, -1)
      .flatMap((path) => ['(', `${path}[0]`, '-auto-orient', '-colorspace', 'sRGB', '-profile', profile, ')']);
    const lines = await output('convert', [...words, '-format', `%m %w %h ${points}\n`, 'info:'], 'imagemagick');
    const readings = lines
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [format = '', ...rest] = line.split(' ');
        const [width = 0, height = 0, ...values] = rest.map(Number);
        const pixels = places.map((_, index) => values.slice(index * 4, index * 4 + 4));
        return { format, width, height, points: pixels };
      });
    return byName(files, readings);
  });
}

/** The same of AVIFs, drawn by libavif, which heeds their alpha: ImageMagick does not, and Chromium stretches it (see README.md). */
export async function readByAvifdec(
  files: Files,
  places: readonly Place[],
): Promise<ReadonlyMap<string, MagickReading>> {
  return readConverted(files, places, ['avifdec', 'libavif-bin']);
}

/** The same of HEICs, drawn by the system's libheif. */
export async function readByHeifConvert(
  files: Files,
  places: readonly Place[],
): Promise<ReadonlyMap<string, MagickReading>> {
  return readConverted(files, places, ['heif-convert', 'libheif-examples']);
}

async function readConverted(
  files: Files,
  places: readonly Place[],
  [program, from]: readonly [program: string, from: string],
): Promise<ReadonlyMap<string, MagickReading>> {
  const drawn = await withFiles(files, (paths) =>
    Promise.all(
      paths.map(async (path) => {
        await output(program, [path, `${path}.png`], from);
        return readFile(`${path}.png`);
      }),
    ),
  );
  return readByMagick(new Map([...files.keys()].map((name, index) => [name, drawn[index] ?? Buffer.alloc(0)])), places);
}

const tags = z.record(z.string(), z.unknown());

/** Every tag that exiftool finds in each, by group and name, such as `IFD0:Orientation`; what it says of the file as such left out. */
export async function readByExiftool(files: Files): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> {
  return withFiles(files, async (paths) => {
    const words = ['-json', '-G1', '-a', '-u', '-charset', 'iptc=UTF8', '-api', 'largefilesupport=1', ...paths];
    const read = z.array(tags).parse(JSON.parse(await output('exiftool', words, 'libimage-exiftool-perl')));
    return byName(files, read);
  });
}

/** Frames of an animation: how often it runs (0 without end), and each one's milliseconds. */
export interface Frames {
  readonly width: number;
  readonly height: number;
  readonly runs: number;
  readonly delays: readonly number[];
}

/** An animated WebP, read by Google's own tool. */
export async function readByWebpmux(bytes: Uint8Array): Promise<Frames> {
  const text = await withFiles(new Map([['', bytes]]), ([path = '']) => output('webpmux', ['-info', path], 'webp'));
  const [, width, height] = /Canvas size: (\d+) x (\d+)/.exec(text) ?? [];
  const runs = /Loop Count : (\d+)/.exec(text)?.[1];
  const delays = [...text.matchAll(/^ *\d+: +\d+ +\d+ +\w+ +\d+ +\d+ +(\d+) /gm)].map(([, delay]) => Number(delay));
  return { width: Number(width), height: Number(height), runs: Number(runs), delays };
}

/** A GIF, read by gifsicle. Delays are of hundredths of a second there, and 0 where none is said. */
export async function readByGifsicle(bytes: Uint8Array): Promise<Frames> {
  const text = await withFiles(new Map([['', bytes]]), ([path = '']) =>
    output('gifsicle', ['--info', path], 'gifsicle'),
  );
  const [, width, height] = /logical screen (\d+)x(\d+)/.exec(text) ?? [];
  const images = text.split(/^ {2}\+ image /m).slice(1);
  const delays = images.map((image) => Math.round(1_000 * Number(/delay ([\d.]+)s/.exec(image)?.[1] ?? 0)));
  const loops = /loop (forever|count (\d+))/.exec(text);
  const runs = loops === null ? 1 : loops[1] === 'forever' ? 0 : Number(loops[2]);
  return { width: Number(width), height: Number(height), runs, delays };
}

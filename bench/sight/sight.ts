import { mkdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { Region } from '../../src/grammar/index.ts';
import { pictureOf } from '../../src/image/drawing/picture/picture.ts';
import type { Raster } from '../../src/image/drawing/picture/raster.ts';
import { lookForFaces } from '../../src/image/drawing/seeing/faces.ts';
import { createFaceNetwork } from '../../src/image/drawing/seeing/model.ts';
import { cutByContent } from '../../src/image/drawing/steps/cut-by-content.ts';
import { median, spread, table } from '../machine.ts';
import { type Box, fileOf, photographs, type Seen } from './photographs.ts';
import { contactSheet, type Framed } from './sheet.ts';

/**
 * `npm run bench sight`: faces found and taken for some in photographs where they were counted, and how much of what a
 * picture is about is kept by cuts of it. Pictures to look at are written to `bench/sight/sheets`, which git ignores: the
 * photographs are their authors'.
 */
export async function measureSight(): Promise<string> {
  const looked: Looked[] = [];
  for (const seen of photographs) looked.push(await look(seen));
  return [await facesTable(looked), await cutsTable(looked)].join('\n\n');
}

interface Looked {
  readonly seen: Seen;
  readonly raster: Raster;
  readonly faces: readonly Region[];
  /** With a second look. */
  readonly all: readonly Region[];
  readonly ms: number;
}

const network = createFaceNetwork();

async function look(seen: Seen): Promise<Looked> {
  const raster = await rasterOf(readFileSync(fileOf(seen.path)), 512);
  const once = await lookForFaces(raster, 'never', network);
  const began = performance.now();
  await lookForFaces(raster, 'never', network);
  const ms = performance.now() - began;
  const { faces, small = [] } = await lookForFaces(raster, 'always', network);
  return { seen, raster, faces: once.faces, all: [...faces, ...small], ms };
}

async function rasterOf(bytes: Buffer, side: number): Promise<Raster> {
  const { data, info } = await sharp(bytes)
    .autoOrient()
    .resize(side, side, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#808080' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, size: { width: info.width, height: info.height }, frames: 1, channels: info.channels as 1 | 3 };
}

/** The same photograph, four times as far away. */
async function farAway(seen: Seen): Promise<Raster> {
  const { width = 1, height = 1 } = await sharp(readFileSync(fileOf(seen.path))).metadata();
  const near = await sharp(readFileSync(fileOf(seen.path)))
    .resize(300)
    .toBuffer();
  const far = sharp({
    create: { width: 1200, height: Math.round((1200 * height) / width), channels: 3, background: '#8a9a8a' },
  });
  return rasterOf(
    await far
      .composite([{ input: near, left: 520, top: 180 }])
      .png()
      .toBuffer(),
    512,
  );
}

async function facesTable(looked: readonly Looked[]): Promise<string> {
  const people = looked.filter(({ seen }) => seen.faces > 0);
  const others = looked.filter(({ seen }) => seen.faces === 0);
  const there = sum(people.map(({ seen }) => seen.faces));
  let [far, farTwice] = [0, 0];
  for (const { seen } of people) {
    const raster = await farAway(seen);
    const { faces, small = [] } = await lookForFaces(raster, 'always', network);
    far += faces.length;
    farTwice += faces.length + small.length;
  }
  await writeSheet(
    'faces',
    looked.map(({ seen, raster, all }) => ({ name: seen.path, raster, boxes: all.map(boxOf) })),
  );
  const found = (list: readonly Looked[], which: 'faces' | 'all') => sum(list.map((one) => one[which].length));
  return table([
    [
      'look',
      `found of ${there} faces in ${people.length} photographs`,
      `of the same, four times as far away`,
      `taken for a face in ${others.length} without`,
      'time, ms',
    ],
    ...[
      ['a glance', found(people, 'faces'), far, found(others, 'faces'), spread(looked.map(({ ms }) => ms))],
      ['and a second look', found(people, 'all'), farTwice, found(others, 'all'), ''],
    ].map((row) => row.map(String)),
  ]);
}

const shapes = { '1:1': 1, '9:16': 9 / 16, '3:1': 3 } as const;

/** Where a cut begins, in shares of the picture's sides. */
type Way = (looked: Looked, cut: Cut) => Promise<{ readonly x: number; readonly y: number }>;

/** Shares of the picture's sides. */
interface Cut {
  readonly width: number;
  readonly height: number;
}

const ways: Readonly<Record<string, Way>> = {
  'the centre': async (_, { width, height }) => ({ x: (1 - width) / 2, y: (1 - height) / 2 }),
  'sharp’s attention': (looked, cut) => bySharp(looked, cut, sharp.strategy.attention),
  'sharp’s entropy': (looked, cut) => bySharp(looked, cut, sharp.strategy.entropy),
  'g_auto:classic': (looked, cut) => byContent(looked, cut, { kind: 'auto', algorithm: 'classic' }),
  'g_auto without faces': (looked, cut) => byContent({ ...looked, faces: [] }, cut, { kind: 'auto' }),
  g_auto: (looked, cut) => byContent(looked, cut, { kind: 'auto' }),
};

async function bySharp({ raster }: Looked, cut: Cut, position: number) {
  const { data, size, channels } = raster;
  const wanted = pixelsOf(cut, raster);
  const { info } = await sharp(data, { raw: { ...size, channels } })
    .resize(wanted.width, wanted.height, { fit: 'cover', position })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { x: -(info.cropOffsetLeft ?? 0) / size.width, y: -(info.cropOffsetTop ?? 0) / size.height };
}

async function byContent({ raster, faces }: Looked, cut: Cut, gravity: Parameters<typeof cutByContent>[1]['gravity']) {
  const wish = {
    wanted: pixelsOf(cut, raster),
    gravity,
    faces,
  };
  const { box } = await cutByContent(pictureOf(raster), wish);
  return { x: box.left / raster.size.width, y: box.top / raster.size.height };
}

function pixelsOf({ width, height }: Cut, { size }: Raster) {
  return { width: Math.max(1, Math.round(width * size.width)), height: Math.max(1, Math.round(height * size.height)) };
}

async function cutsTable(looked: readonly Looked[]): Promise<string> {
  const subjects = looked.flatMap((one) =>
    one.seen.subject === undefined ? [] : [{ ...one, subject: one.seen.subject }],
  );
  const rows: string[][] = [];
  for (const [name, way] of Object.entries(ways)) {
    const [kept, times, sheet]: [number[], number[], Framed[]] = [[], [], []];
    for (const one of subjects) {
      const boxes: Box[] = [];
      for (const ratio of Object.values(shapes)) {
        const cut = cutOf(one.raster, ratio);
        const began = performance.now();
        const { x, y } = await way(one, cut);
        times.push(performance.now() - began);
        boxes.push([x, y, cut.width, cut.height]);
        kept.push(keptOf(one.subject, [x, y, cut.width, cut.height]));
      }
      sheet.push({ name: one.seen.path, raster: one.raster, boxes: [one.subject, ...boxes] });
    }
    if (name === 'g_auto' || name === 'sharp’s attention')
      await writeSheet(`cuts-${name === 'g_auto' ? 'auto' : 'attention'}`, sheet);
    const lost = kept.filter((share) => share < 0.6).length;
    rows.push([name, (sum(kept) / kept.length).toFixed(3), String(lost), median(times).toFixed(0)]);
  }
  const cuts = subjects.length * Object.keys(shapes).length;
  return table([
    [
      `way, ${subjects.length} photographs cut to ${Object.keys(shapes).join(', ')}`,
      'kept of what it is about',
      `less than 0.6 of it, of ${cuts}`,
      'time, ms',
    ],
    ...rows,
  ]);
}

function cutOf({ size }: Raster, ratio: number): Cut {
  const own = size.width / size.height;
  return own > ratio ? { width: ratio / own, height: 1 } : { width: 1, height: own / ratio };
}

/** Which share of a subject is in a cut, of what could be in one of that size. */
function keptOf([x, y, width, height]: Box, [left, top, across, down]: Box): number {
  const kept = overlap(x, width, left, across) * overlap(y, height, top, down);
  return kept / (Math.min(width, across) * Math.min(height, down));
}

function overlap(from: number, length: number, other: number, otherLength: number): number {
  return Math.max(0, Math.min(from + length, other + otherLength) - Math.max(from, other));
}

function boxOf({ x, y, width, height }: Region): Box {
  return [x, y, width, height];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

async function writeSheet(name: string, framed: readonly Framed[]): Promise<void> {
  const folder = fileURLToPath(new URL('sheets', import.meta.url));
  mkdirSync(folder, { recursive: true });
  await sharp(await contactSheet(framed))
    .jpeg({ quality: 80 })
    .toFile(`${folder}/${name}.jpg`);
}

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import sharp from 'sharp';
import type { Region } from '../../src/grammar/index.ts';
import type { Raster } from '../../src/image/drawing/picture/raster.ts';
import { lookForFaces } from '../../src/image/drawing/seeing/faces.ts';
import { spread, table } from '../machine.ts';
import { type Looked, lookAtAll, network, rasterOf, sum } from './looked.ts';
import { asHtml, type Row, type Shown, writePage } from './page.ts';
import { fileOf, type Seen } from './photographs.ts';

/** Faces found, and taken for some, in photographs where they were counted; `bench/pages/faces.html` shows each. */
export async function measureFaces(): Promise<string> {
  const looked = await lookAtAll();
  const people = looked.filter(({ seen }) => seen.faces > 0);
  const far: FarAway[] = [];
  for (const { seen } of people) far.push(await fromFar(seen));
  const rows = figures(looked, far);
  await writePage(
    'faces',
    asHtml(rows),
    looked.map((one) =>
      rowOf(
        one,
        far.find(({ seen }) => seen === one.seen),
      ),
    ),
  );
  return table(rows);
}

interface FarAway {
  readonly seen: Seen;
  readonly raster: Raster;
  readonly faces: readonly Region[];
  readonly small: readonly Region[];
}

async function fromFar(seen: Seen): Promise<FarAway> {
  const raster = await farAway(seen);
  const { faces, small = [] } = await lookForFaces(raster, 'always', network);
  return { seen, raster, faces, small };
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

function figures(looked: readonly Looked[], far: readonly FarAway[]): string[][] {
  const people = looked.filter(({ seen }) => seen.faces > 0);
  const others = looked.filter(({ seen }) => seen.faces === 0);
  const found = (list: readonly Looked[], which: 'faces' | 'all') => String(sum(list.map((one) => one[which].length)));
  const farFaces = sum(far.map(({ faces }) => faces.length));
  const farAll = farFaces + sum(far.map(({ small }) => small.length));
  return [
    [
      'look',
      `found of ${sum(people.map(({ seen }) => seen.faces))} faces in ${people.length} photographs`,
      'of the same, four times as far away',
      `taken for a face in ${others.length} without`,
      'time, ms',
    ],
    ['a glance', found(people, 'faces'), String(farFaces), found(others, 'faces'), spread(looked.map(({ ms }) => ms))],
    ['and a second look', found(people, 'all'), String(farAll), found(others, 'all'), ''],
  ];
}

/** Yellow is seen at a glance, blue by the second look. */
const [atAGlance, bySecondLook] = ['#ff0', '#0af'];

function rowOf({ seen, raster, faces, all }: Looked, far: FarAway | undefined): Row {
  const words = `${all.length} of ${seen.faces}`;
  const near = { raster, boxes: marked(faces, all.slice(faces.length)), words };
  const shown = far === undefined ? [near] : [near, fromFarShown(far)];
  return { title: `${basename(seen.path)}: ${words}`, isBad: all.length !== seen.faces, shown };
}

/** The middle of it, where all of the photograph is. */
function fromFarShown({ seen, raster, faces, small }: FarAway): Shown {
  const words = `four times as far away: ${faces.length} + ${small.length} of ${seen.faces}`;
  return { raster, part: [0.4, 0.15, 0.32, 0.42], boxes: marked(faces, small), words };
}

function marked(atOnce: readonly Region[], later: readonly Region[]) {
  return [...boxes(atOnce, atAGlance), ...boxes(later, bySecondLook)];
}

function boxes(faces: readonly Region[], colour: string) {
  return faces.map(({ x, y, width, height }) => ({ box: [x, y, width, height] as const, colour }));
}

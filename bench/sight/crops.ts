import { basename } from 'node:path';
import { performance } from 'node:perf_hooks';
import sharp from 'sharp';
import { pictureOf } from '../../src/image/drawing/picture/picture.ts';
import type { Raster } from '../../src/image/drawing/picture/raster.ts';
import { cutByContent } from '../../src/image/drawing/steps/cut-by-content.ts';
import { median, table } from '../machine.ts';
import { type Looked, lookAtAll, sum } from './looked.ts';
import { asHtml, type Row, type Shown, writePage } from './page.ts';
import type { Box } from './photographs.ts';

const attention = 'sharp’s attention';
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
  [attention]: (looked, cut) => bySharp(looked, cut, sharp.strategy.attention),
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

/** A photograph that is about something. */
interface About extends Looked {
  readonly subject: Box;
}

/** One cut of a photograph by one of the ways. */
interface Made {
  readonly about: About;
  readonly way: string;
  readonly shape: string;
  readonly box: Box;
  /** Of its subject, of what could be in a cut of that size. */
  readonly kept: number;
  readonly ms: number;
}

/** Below it a cut has lost what the picture is about. */
const lost = 0.6;

/** How much of what a picture is about is kept by cuts of it; `bench/pages/crops.html` shows those of `g_auto` and of others. */
export async function measureCrops(): Promise<string> {
  const subjects = (await lookAtAll()).flatMap((one) =>
    one.seen.subject === undefined ? [] : [{ ...one, subject: one.seen.subject }],
  );
  const made: Made[] = [];
  for (const about of subjects) made.push(...(await cutsOf(about)));
  const rows = figures(subjects.length, made);
  const pages = subjects.map((about) =>
    rowOf(
      about,
      made.filter((one) => one.about === about),
    ),
  );
  await writePage('crops', asHtml(rows), pages);
  return table(rows);
}

async function cutsOf(about: About): Promise<readonly Made[]> {
  const made: Made[] = [];
  for (const [way, begin] of Object.entries(ways)) {
    for (const [shape, ratio] of Object.entries(shapes)) {
      const cut = cutOf(about.raster, ratio);
      const began = performance.now();
      const { x, y } = await begin(about, cut);
      const ms = performance.now() - began;
      const box: Box = [x, y, cut.width, cut.height];
      made.push({ about, way, shape, box, kept: keptOf(about.subject, box), ms });
    }
  }
  return made;
}

function figures(photographs: number, made: readonly Made[]): string[][] {
  const cuts = photographs * Object.keys(shapes).length;
  return [
    [
      `way, ${photographs} photographs cut to ${Object.keys(shapes).join(', ')}`,
      'kept of what it is about',
      `less than ${lost} of it, of ${cuts}`,
      'time, ms',
    ],
    ...Object.keys(ways).map((way) => {
      const own = made.filter((one) => one.way === way);
      const kept = own.map((one) => one.kept);
      const lostCuts = kept.filter((share) => share < lost).length;
      return [way, (sum(kept) / kept.length).toFixed(3), String(lostCuts), median(own.map(({ ms }) => ms)).toFixed(0)];
    }),
  ];
}

/** What was marked, and then each cut of `g_auto` beside the one of sharp. */
function rowOf({ seen, raster, subject, faces }: About, made: readonly Made[]): Row {
  const marked = { box: subject, colour: '#0f0' };
  const found = faces.map(({ x, y, width, height }) => ({ box: [x, y, width, height] as const, colour: '#ff0' }));
  const shown: Shown[] = [{ raster, boxes: [marked, ...found], words: 'what it is about, and faces' }];
  for (const { way, shape, box, kept } of made) {
    if (way !== 'g_auto' && way !== attention) continue;
    shown.push({ raster, part: box, words: `${way} ${shape}: ${(100 * kept).toFixed(0)} %` });
  }
  const worst = Math.min(...made.filter(({ way }) => way === 'g_auto').map(({ kept }) => kept));
  return { title: `${basename(seen.path)}: at worst ${(100 * worst).toFixed(0)} %`, isBad: worst < lost, shown };
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

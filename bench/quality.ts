import sharp from 'sharp';
import { encode } from '../src/image/drawing/write/encode.ts';
import {
  chooseQuality,
  goals,
  type MeasuredFormat,
  measuredFormats,
} from '../src/image/drawing/write/quality/choose.ts';
import { likeness, lumaOf } from '../src/image/drawing/write/quality/likeness.ts';
import { median, table } from './machine.ts';
import { type Picture, readPictures } from './pictures.ts';

const widths = [160, 480, 960];
const levels = ['best', 'good', 'eco', 'low'] as const;

interface Result {
  readonly quality: number;
  readonly bytes: number;
  readonly likeness: number;
  readonly encodeMs: number;
  /** Of choosing alone. */
  readonly chooseMs: number;
}

/** `q_auto` against the fixed quality of the same level: bytes, likeness (the whole picture's) and time. */
export async function measureQuality(): Promise<string> {
  sharp.concurrency(1);
  const pictures = await readPictures(widths);
  const rows: string[][] = [
    [
      'format, level',
      'fixed q',
      'auto q, median [range]',
      'bytes, auto to fixed',
      'worst likeness, fixed',
      'auto',
      'spread of likeness, fixed',
      'auto',
      'time, auto to fixed',
    ],
  ];
  for (const format of measuredFormats) {
    for (const level of levels) rows.push(await compare(pictures, format, level));
  }
  return `${pictures.length} pictures: ${widths.join(', ')} pixels wide.\n\n${table(rows)}`;
}

async function compare(
  pictures: readonly Picture[],
  format: MeasuredFormat,
  level: (typeof levels)[number],
): Promise<string[]> {
  const { usual } = goals[format][level];
  const fixed: Result[] = [];
  const auto: Result[] = [];
  for (const picture of pictures) {
    fixed.push(await result(picture, format, usual, 0));
    const started = performance.now();
    const quality = await chooseQuality({ ...picture, frames: 1, channels: 3 }, format, level);
    auto.push(await result(picture, format, quality, performance.now() - started));
  }
  const sum = (results: readonly Result[], value: (result: Result) => number) =>
    results.reduce((total, one) => total + value(one), 0);
  const qualities = auto.map((one) => one.quality);
  const likenesses = (results: readonly Result[]) => results.map((one) => one.likeness);
  const width = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
  const time = (one: Result) => one.encodeMs + one.chooseMs;
  return [
    `${format} ${level}`,
    String(usual),
    `${median(qualities)} [${Math.min(...qualities)}–${Math.max(...qualities)}]`,
    `${((sum(auto, (one) => one.bytes) / sum(fixed, (one) => one.bytes)) * 100).toFixed(0)} %`,
    Math.min(...likenesses(fixed)).toFixed(4),
    Math.min(...likenesses(auto)).toFixed(4),
    width(likenesses(fixed)).toFixed(4),
    width(likenesses(auto)).toFixed(4),
    `${(sum(auto, time) / sum(fixed, time)).toFixed(2)} (+${median(auto.map((one) => one.chooseMs)).toFixed(0)} ms)`,
  ];
}

async function result(
  { data, size }: Picture,
  format: MeasuredFormat,
  quality: number,
  chooseMs: number,
): Promise<Result> {
  const started = performance.now();
  const pipeline = sharp(data, { raw: { ...size, channels: 3 } });
  const options = {
    size,
    flags: [],
    timing: undefined,
    quality: { kind: 'fixed', value: quality },
    keepsPalette: true,
    palette: undefined,
  } as const;
  const bytes = await encode(pipeline, format, options).toBuffer();
  const encodeMs = performance.now() - started;
  const decoded = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  const alike = likeness(lumaOf(data, size, 3), lumaOf(decoded.data, size, decoded.info.channels));
  return { quality, bytes: bytes.length, likeness: alike, encodeMs, chooseMs };
}

import sharp, { type Sharp } from 'sharp';
import { scoreBetween } from '../src/image/drawing/write/quality/likeness/ssimulacra2.ts';
import { table } from './machine.ts';
import { type Picture, readPictures } from './pictures.ts';

/** One way of asking an encoder, apart from quality. */
interface Way {
  readonly name: string;
  /** Two qualities near the usual one, so that what a way costs can be told at equal likeness. */
  readonly qualities: readonly [number, number];
  encode(pipeline: Sharp, quality: number): Sharp;
}

interface Outcome {
  readonly bytes: number;
  /** Points of SSIMULACRA 2 that are missing to equality. */
  readonly loss: number;
  readonly ms: number;
}

const jpeg: readonly Way[] = [
  { name: 'baseline', qualities: [76, 84], encode: (pipeline, quality) => pipeline.jpeg({ quality }) },
  {
    name: 'progressive',
    qualities: [76, 84],
    encode: (pipeline, quality) => pipeline.jpeg({ quality, progressive: true }),
  },
  { name: 'mozjpeg', qualities: [76, 84], encode: (pipeline, quality) => pipeline.jpeg({ quality, mozjpeg: true }) },
  {
    name: '4:4:4',
    qualities: [76, 84],
    encode: (pipeline, quality) => pipeline.jpeg({ quality, chromaSubsampling: '4:4:4' }),
  },
];

const webp: readonly Way[] = [0, 1, 2, 3, 4, 6].map((effort) => ({
  name: `effort ${effort}`,
  qualities: [75, 85],
  encode: (pipeline, quality) => pipeline.webp({ quality, effort }),
}));

const avif: readonly Way[] = [
  ...[0, 1, 2, 3, 4].map(
    (effort): Way => ({
      name: `effort ${effort}, 4:2:0`,
      qualities: [46, 54],
      encode: (pipeline, quality) => pipeline.avif({ quality, effort, chromaSubsampling: '4:2:0' }),
    }),
  ),
  {
    name: 'effort 2, 4:4:4',
    qualities: [46, 54],
    encode: (pipeline, quality) => pipeline.avif({ quality, effort: 2 }),
  },
];

/** The first of each is what the others are compared with. */
const families: readonly (readonly [string, string, readonly Way[]])[] = [
  ['jpeg', 'baseline', jpeg],
  ['webp', 'effort 4', webp],
  ['avif', 'effort 4, 4:2:0', avif],
];

/** Ways of each encoder: time, and bytes at the likeness that sharp's own effort reaches. */
export async function measureEncoders(): Promise<string> {
  sharp.concurrency(1);
  const rows: string[][] = [
    ['encoder', 'width', 'time, ms a picture', 'time, to sharp’s own', 'bytes at equal likeness'],
  ];
  for (const width of [128, 640, 1280]) {
    const pictures = await readPictures([width]);
    for (const [format, standard, ways] of families)
      rows.push(...(await sweep(pictures, { format, standard, ways, width })));
  }
  return table(rows);
}

interface Sweep {
  readonly format: string;
  readonly standard: string;
  readonly ways: readonly Way[];
  readonly width: number;
}

async function sweep(pictures: readonly Picture[], { format, standard, ways, width }: Sweep): Promise<string[][]> {
  const all = new Map<string, readonly (readonly [Outcome, Outcome])[]>();
  for (const way of ways) {
    const outcomes: (readonly [Outcome, Outcome])[] = [];
    for (const picture of pictures) {
      outcomes.push([await run(picture, way, way.qualities[0]), await run(picture, way, way.qualities[1])]);
    }
    all.set(way.name, outcomes);
  }
  const own = all.get(standard) ?? [];
  const timeOf = (outcomes: readonly (readonly [Outcome, Outcome])[]) =>
    outcomes.reduce((sum, [low, high]) => sum + low.ms + high.ms, 0) / (2 * outcomes.length);
  return [...all].map(([name, outcomes]) => [
    `${format}, ${name}`,
    String(width),
    timeOf(outcomes).toFixed(0),
    (timeOf(outcomes) / timeOf(own)).toFixed(2),
    `${(100 * bytesAtLikenessOf(own, outcomes)).toFixed(1)} %`,
  ]);
}

/** Geometric mean over the pictures of bytes to bytes, each at the loss of the standard's middle. */
function bytesAtLikenessOf(
  own: readonly (readonly [Outcome, Outcome])[],
  others: readonly (readonly [Outcome, Outcome])[],
): number {
  const logs = own.map((standard, index) => {
    const loss = (Math.log(standard[0].loss) + Math.log(standard[1].loss)) / 2;
    const other = others[index];
    return other === undefined ? 0 : logBytesAt(other, loss) - logBytesAt(standard, loss);
  });
  return Math.exp(logs.reduce((sum, value) => sum + value, 0) / logs.length);
}

/** Between two qualities the logarithm of bytes is nearly a line over that of the loss. */
function logBytesAt([low, high]: readonly [Outcome, Outcome], loss: number): number {
  const [lossLow, lossHigh] = [Math.log(low.loss), Math.log(high.loss)];
  const way = (loss - lossLow) / (lossHigh - lossLow);
  return Math.log(low.bytes) + way * (Math.log(high.bytes) - Math.log(low.bytes));
}

async function run({ data, size }: Picture, way: Way, quality: number): Promise<Outcome> {
  const started = process.cpuUsage();
  const bytes = await way.encode(sharp(data, { raw: { ...size, channels: 3 } }), quality).toBuffer();
  const { user, system } = process.cpuUsage(started);
  const decoded = await sharp(bytes).removeAlpha().toColourspace('srgb').raw().toBuffer();
  const loss = 100 - scoreBetween({ ...size, data }, { ...size, data: decoded });
  return { bytes: bytes.length, loss, ms: (user + system) / 1000 };
}

import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inspect } from '../../src/image/index.ts';
import { writeApng } from '../support/animations.ts';
import { box } from '../support/avif.ts';
import { avifOf, colourItem } from '../support/avif-items.ts';
import { from, gifDeclaring, paint, pngChunk, pngWithChunks, quarters, red } from '../support/pictures.ts';

const megabytes = 1024 ** 2;

/** Times that each is looked at: collections of garbage are in some of them, and not in the best. */
const runs = 5;

/** Milliseconds of the processor that this process has had: a clock would count whoever else runs. */
function computed(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** The plain work that everything is held against: hashing 24 MB, some 20 ms on the machines that this was written on. */
function reference(): number {
  const bytes = Buffer.alloc(24 * megabytes, 7);
  const times = Array.from({ length: runs }, () => {
    const before = computed();
    createHash('sha256').update(bytes).digest();
    return computed() - before;
  });
  return Math.min(...times);
}

/** What is computed in a turn of the event loop while a file is looked at. */
async function computedInTurn(bytes: Buffer): Promise<number> {
  let [turns, isOver] = [0, false];
  const end = () => {
    isOver = true;
  };
  const before = computed();
  inspect(bytes).then(end, end);
  for (; !isOver; turns += 1) await nextTurn();
  return (computed() - before) / Math.max(1, turns);
}

function repeated(part: Buffer | readonly number[], bytes: number): Buffer {
  return Buffer.alloc(bytes, Buffer.from(part));
}

const progressive = Buffer.from([
  ...[0xff, 0xd8, 0xff, 0xc2, 0, 11, 8, 0, 16, 0, 16, 1, 1, 0x11, 0],
  ...[0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0],
]);
const jpegOf = (pattern: readonly number[]) => Buffer.concat([progressive, repeated(pattern, 45 * megabytes)]);

/** A GIF with those bytes behind its one frame. */
function gifOf(bytes: Buffer): Buffer {
  const gif = gifDeclaring(16, 16);
  return Buffer.concat([gif.subarray(0, -1), bytes, gif.subarray(-1)]);
}

async function pngOf(type: string, chunk: Buffer, count: number): Promise<Buffer> {
  const png = await from(quarters(8, 8)).png().toBuffer();
  const one = pngChunk(type, chunk);
  return pngWithChunks(png, [repeated(one, one.length * count)]);
}

function webpOf(frames: number): Buffer {
  const head = Buffer.from('RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\0\0\0\0\0\0', 'latin1');
  const frame = Buffer.concat([Buffer.from('ANMF\x18\0\0\0', 'latin1'), Buffer.alloc(24)]);
  return Buffer.concat([head, repeated(frame, frame.length * frames)]);
}

function tiffOf(tags: number): Buffer {
  const file = Buffer.alloc(10 + tags * 12 + 4);
  file.write('II*\0\x08', 'latin1');
  file.writeUInt16LE(tags, 8);
  for (let tag = 0; tag < tags; tag += 1) {
    // As many bits for a sample as nobody knows, again and again.
    file.writeUInt16LE(258, 10 + tag * 12);
    file.writeUInt16LE(99, 12 + tag * 12);
  }
  return file;
}

/** Items that belong to each other over and over, with as many properties as are read. */
async function avifOfCrowds(): Promise<Buffer> {
  const other = {
    ...(await colourItem(paint(8, 8, () => red))),
    properties: Array(200).fill(box('auxC', Buffer.alloc(90, 7))),
  };
  const one = await colourItem(paint(8, 8, () => red));
  return avifOf([one, other], [['auxl', 2, Array<number>(19_000).fill(1)]]);
}

const brokenProfile = () => {
  const packed = deflateSync(Buffer.alloc(4.9 * megabytes), { level: 9 });
  packed.writeUInt32BE(1, packed.length - 4);
  return Buffer.concat([Buffer.from('n\0\0'), packed]);
};

const dot = { left: 0, top: 0, width: 1, height: 1, colour: red };

const files: readonly (readonly [string, () => Buffer | Promise<Buffer>])[] = [
  ['a JPEG of stuffed bytes', () => jpegOf([0xff, 0])],
  ['a JPEG of fill bytes', () => jpegOf([0xff])],
  ['a JPEG of restarts', () => jpegOf([0xff, 0xd0])],
  ['a JPEG in which every fiftieth byte is stuffed', () => jpegOf([0xff, 0, ...Array<number>(48).fill(7)])],
  ['a GIF of 9,999 frames', () => gifDeclaring(1, 1, 9_999)],
  ['a GIF of 99,000 frames', () => gifDeclaring(1, 1, 99_000)],
  ['a GIF with 49 MB of zeros between its blocks', () => gifOf(Buffer.alloc(49 * megabytes))],
  ['a GIF of runs of zeros', () => gifOf(repeated([...Array<number>(509).fill(0), 0x21, 0xfe, 0], 49 * megabytes))],
  ['a GIF of blocks with nothing in them', () => gifOf(repeated([0x21, 0xfe, 0], 40 * megabytes))],
  [
    'a GIF of data in blocks of one byte',
    () => gifOf(Buffer.concat([Buffer.from([0x21, 0xfe]), repeated([1, 9], 40 * megabytes)])),
  ],
  ['an APNG of 9,999 frames', () => writeApng({ size: [1, 1], frames: Array.from({ length: 9_999 }, () => dot) })],
  ['a PNG of 99,000 texts', () => pngOf('tEXt', Buffer.from('a\0b'), 99_000)],
  ['a PNG of profiles whose streams break', () => pngOf('iCCP', brokenProfile(), 10)],
  ['a PNG of 900 profiles', () => pngOf('iCCP', brokenProfile(), 900)],
  ['a WebP of 9,999 frames', () => webpOf(9_999)],
  ['a TIFF of 65,535 tags', () => tiffOf(65_535)],
  ['an AVIF of items that belong to each other', avifOfCrowds],
];

describe('nobody waits for', () => {
  it.each(files)(
    '%s that is looked at',
    async (_, make) => {
      const bytes = await make();
      const turns: number[] = [];
      for (let run = 0; run < runs; run += 1) turns.push(await computedInTurn(bytes));
      expect(Math.min(...turns)).toBeLessThan(reference());
    },
    60_000,
  );
});

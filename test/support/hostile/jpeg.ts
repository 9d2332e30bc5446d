import { deflateSync } from 'node:zlib';
import { exifBlock, from, jpegSegment, jpegWithExif, noise, quarters } from '../pictures.ts';
import { bitWriter } from './bits.ts';
import { filesOf, repeat } from './hostile-file.ts';

const start = Buffer.from([0xff, 0xd8]);
const end = Buffer.from([0xff, 0xd9]);

function frame(marker: number, width: number, height: number, precision = 8): Buffer {
  const payload = Buffer.from([precision, 0, 0, 0, 0, 1, 1, 0x11, 0]);
  payload.writeUInt16BE(height, 1);
  payload.writeUInt16BE(width, 3);
  return jpegSegment(marker, payload);
}

const quantisation = jpegSegment(0xdb, Buffer.concat([Buffer.from([0]), Buffer.alloc(64, 1)]));

/** A Huffman table of one code of one bit. */
function table(kind: number, symbol: number): Buffer {
  return jpegSegment(0xc4, Buffer.from([kind << 4, 1, ...Array(15).fill(0), symbol]));
}

/** Entropy-coded bytes: a zero follows every ff. */
function stuffed(bytes: Buffer): Buffer {
  return Buffer.from([...bytes].flatMap((byte) => (byte === 0xff ? [0xff, 0] : [byte])));
}

/** A scan that says of every block that nothing changes: some 60 bytes, over which the decoder walks the whole picture. */
function emptyScan(blocks: number, coefficient: number, high: number, low: number): Buffer {
  const bits = bitWriter('highest-first');
  for (let left = blocks; left > 0; left -= 32_767) {
    const run = Math.min(left, 32_767);
    if (run < 16_384) for (let index = 0; index < run; index += 1) bits.write(0, 1).write(0, 14);
    else bits.write(0, 1).write(run - 16_384, 14);
  }
  const head = jpegSegment(0xda, Buffer.from([1, 1, 0, coefficient, coefficient, high * 16 + low]));
  return Buffer.concat([head, stuffed(bits.toBuffer(1))]);
}

/** A gray progressive JPEG that is right in every byte and takes `scans` walks over all of it. */
export function jpegOfEmptyScans(side: number, scans: number): Buffer {
  const blocks = Math.ceil(side / 8) ** 2;
  const flat = bitWriter('highest-first');
  for (let index = 0; index < blocks; index += 1) flat.write(0, 1);
  const first = Buffer.concat([jpegSegment(0xda, Buffer.from([1, 1, 0, 0, 0, 0])), stuffed(flat.toBuffer(1))]);
  const planes = Array.from({ length: scans - 1 }, (_, index) => {
    const low = 13 - (Math.floor(index / 63) % 14);
    return emptyScan(blocks - (blocks % 32_767), 1 + (index % 63), low === 13 ? 0 : low + 1, low);
  });
  const tables = [table(0, 0), table(1, 0xe0)];
  return Buffer.concat([start, quantisation, frame(0xc2, side, side), ...tables, first, ...planes, end]);
}

function withSegments(jpeg: Buffer, ...segments: readonly Buffer[]): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}

function baseline(): Promise<Buffer> {
  return from(quarters(64, 48)).jpeg().toBuffer();
}

const withOrientation = (value: number) => async () => jpegWithExif(await baseline(), exifBlock(value));
const withExif = (change: (block: Buffer) => Buffer) => async () =>
  jpegWithExif(await baseline(), change(exifBlock(6, 'GPS 52.3731, 4.8926')));
const patched = (at: number, value: number) => (block: Buffer) => {
  block.writeUInt32LE(value, at);
  return block;
};
const declaring = (marker: number, width: number, height: number, precision?: number) => () =>
  Buffer.concat([
    start,
    quantisation,
    frame(marker, width, height, precision),
    table(0, 0),
    emptyScan(1, 0, 0, 0),
    end,
  ]);
const profile = (bytes: Buffer, part: number, parts: number) =>
  jpegSegment(0xe2, Buffer.concat([Buffer.from('ICC_PROFILE\0'), Buffer.from([part, parts]), bytes]));

/** JPEGs with more scans, segments or pixels than any camera makes, and with metadata that are not what they say. */
export const jpegs = filesOf('jpeg', [
  ['7000x7000-2000-scans', 'refused', () => jpegOfEmptyScans(7_000, 2_000), 'heavy'],
  ['4000x4000-5000-scans', 'refused', () => jpegOfEmptyScans(4_000, 5_000), 'heavy'],
  ['7000x7000-95-scans', 'either', () => jpegOfEmptyScans(7_000, 95), 'heavy'],
  ['800x800-95-scans', 'either', () => jpegOfEmptyScans(800, 95)],
  ['800x800-101-scans', 'refused', () => jpegOfEmptyScans(800, 101)],
  [
    '80000-comments',
    'refused',
    async () => withSegments(await baseline(), repeat(jpegSegment(0xfe, Buffer.alloc(2)), 80_000)),
  ],
  [
    '900-comments',
    'drawn',
    async () => withSegments(await baseline(), repeat(jpegSegment(0xfe, Buffer.alloc(2)), 900)),
  ],
  ['declares-65500x65500', 'refused', declaring(0xc0, 65_500, 65_500)],
  ['declares-65500x65500-progressive', 'refused', declaring(0xc2, 65_500, 65_500)],
  ['declares-59424x3', 'either', declaring(0xc0, 59_424, 3)],
  ['declares-no-height', 'refused', declaring(0xc0, 64, 0)],
  ['arithmetic', 'either', declaring(0xc9, 640, 480)],
  ['lossless', 'refused', declaring(0xc3, 640, 480)],
  ['hierarchical', 'refused', declaring(0xc5, 640, 480)],
  ['12-bits', 'either', declaring(0xc1, 640, 480, 12)],
  ['16-bits', 'refused', declaring(0xc0, 640, 480, 16)],
  ['header-only', 'refused', () => Buffer.concat([start, quantisation, frame(0xc0, 640, 480)])],
  ['segment-without-end', 'refused', () => Buffer.concat([start, Buffer.from([0xff, 0xe1, 0xff, 0xff, 1, 2, 3])])],
  ['markers-without-end', 'refused', () => Buffer.concat([start, Buffer.alloc(1_000_000, 0xff)])],
  ['two-frames', 'either', async () => withSegments(await baseline(), frame(0xc0, 65_000, 700))],
  ...[0, 3, 6, 8, 9, 255, 65_535].map((value) => [`orientation-${value}`, 'drawn', withOrientation(value)] as const),
  ['exif-with-a-position', 'drawn', withExif((block) => block)],
  ['exif-that-links-to-itself', 'drawn', withExif(patched(34, 8))],
  ['exif-of-4-billion-entries', 'drawn', withExif(patched(26, 0xffffffff))],
  ['exif-cut-off', 'drawn', withExif((block) => block.subarray(0, 13))],
  ['exif-of-zeros', 'drawn', withExif((block) => Buffer.alloc(block.length))],
  [
    'profile-that-is-none',
    'drawn',
    async () => withSegments(await baseline(), profile(Buffer.alloc(5_000, 'x'), 1, 1)),
  ],
  [
    'profile-in-parts-that-are-missing',
    'drawn',
    async () => withSegments(await baseline(), profile(Buffer.alloc(9), 7, 9)),
  ],
  [
    'profile-of-16-megabytes',
    'either',
    async () =>
      withSegments(
        await baseline(),
        ...Array.from({ length: 255 }, (_, index) => profile(Buffer.alloc(65_000), index + 1, 255)),
      ),
  ],
  [
    'photoshop-block-that-is-none',
    'drawn',
    async () =>
      withSegments(
        await baseline(),
        jpegSegment(0xed, Buffer.from('Photoshop 3.0\x008BIM\x04\x04\0\0\xff\xff\xff\xff', 'latin1')),
      ),
  ],
  [
    'xmp-of-a-bomb',
    'drawn',
    async () =>
      withSegments(
        await baseline(),
        jpegSegment(
          0xe1,
          Buffer.concat([
            Buffer.from('http://ns.adobe.com/xap/1.0/\0'),
            deflateSync(Buffer.alloc(9_000_000)).subarray(0, 60_000),
          ]),
        ),
      ),
  ],
  [
    '49-megapixels-progressive',
    'drawn',
    () =>
      from(noise(700, 700))
        .resize(7_000, 7_000, { kernel: 'nearest' })
        .jpeg({ progressive: true, quality: 30 })
        .toBuffer(),
    'heavy',
  ],
]);

import { once } from 'node:events';
import { createDeflate, deflateSync } from 'node:zlib';
import { exifBlock, from, pngChunk, pngDeclaring, pngWithChunks, quarters } from '../pictures.ts';
import { filesOf, repeat } from './hostile-file.ts';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const end = pngChunk('IEND', Buffer.alloc(0));

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth?: number;
  readonly colour?: number;
  readonly isInterlaced?: boolean;
}

function header({ width, height, depth = 8, colour = 2, isInterlaced = false }: Header): Buffer {
  const payload = Buffer.alloc(13);
  payload.writeUInt32BE(width, 0);
  payload.writeUInt32BE(height, 4);
  payload.set([depth, colour, 0, 0, isInterlaced ? 1 : 0], 8);
  return pngChunk('IHDR', payload);
}

/** Zeros, deflated without ever being in memory at once. */
async function zeros(bytes: number): Promise<Buffer> {
  const deflate = createDeflate({ level: 9 });
  const block = Buffer.alloc(1 << 20);
  const chunks: Buffer[] = [];
  deflate.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (let left = bytes; left > 0; left -= block.length) {
    if (!deflate.write(block.subarray(0, Math.min(left, block.length)))) {
      await once(deflate, 'drain');
    }
  }
  const ended = once(deflate, 'end');
  deflate.end();
  await ended;
  return Buffer.concat(chunks);
}

/** Adam7: where each pass begins, and its steps. */
const passes = [
  { x: 0, y: 0, dx: 8, dy: 8 },
  { x: 4, y: 0, dx: 8, dy: 8 },
  { x: 0, y: 4, dx: 4, dy: 8 },
  { x: 2, y: 0, dx: 4, dy: 4 },
  { x: 0, y: 2, dx: 2, dy: 4 },
  { x: 1, y: 0, dx: 2, dy: 2 },
  { x: 0, y: 1, dx: 1, dy: 2 },
];

/** Bytes of one pass; each row has a filter byte in front. */
function rowBytes({ width, height }: Header, bytesPerPixel: number, { x, y, dx, dy } = { x: 0, y: 0, dx: 1, dy: 1 }) {
  return Math.ceil((height - y) / dy) * (1 + Math.ceil((width - x) / dx) * bytesPerPixel);
}

/** A black picture that is all there, however large it says it is. */
async function whole(said: Header, bytesPerPixel: number): Promise<Buffer> {
  const bytes = said.isInterlaced
    ? passes.map((pass) => rowBytes(said, bytesPerPixel, pass))
    : [rowBytes(said, bytesPerPixel)];
  const sum = bytes.reduce((total, pass) => total + pass, 0);
  return Buffer.concat([signature, header(said), pngChunk('IDAT', await zeros(sum)), end]);
}

const base = () => from(quarters(64, 48)).png().toBuffer();
const withChunks =
  (...chunks: readonly Buffer[]) =>
  async () =>
    pngWithChunks(await base(), chunks);
const deep = { depth: 16, colour: 6, isInterlaced: true };
const packed = (type: string, bytes: number) =>
  pngChunk(type, Buffer.concat([Buffer.from('n\0\0'), deflateSync(Buffer.alloc(bytes))]));
const said = (parts: Header) => () =>
  Buffer.concat([signature, header(parts), pngChunk('IDAT', deflateSync(Buffer.alloc(1_000))), end]);
const million = 1_000_000;

/** PNGs that declare more than they hold, hold more than they show, or unpack without end. */
export const pngs = filesOf('png', [
  ['declares-30000x30000', 'refused', () => pngDeclaring(30_000, 30_000)],
  ['declares-1x100000000', 'refused', () => pngDeclaring(1, 100_000_000)],
  ['declares-10x16000000', 'refused', () => pngDeclaring(10, 16_000_000)],
  ['declares-1x65535', 'either', () => pngDeclaring(1, 65_535)],
  ['declares-2147483647x2147483647', 'refused', () => pngDeclaring(2_147_483_647, 2_147_483_647)],
  ['declares-nothing', 'refused', said({ width: 0, height: 0 })],
  ['declares-16383x16383-deep-interlaced', 'refused', said({ width: 16_383, height: 16_383, ...deep })],
  ['declares-7000x7000-holds-a-line', 'refused', () => pngDeclaring(7_000, 7_000)],
  ['1x65535-whole', 'either', () => whole({ width: 1, height: 65_535 }, 3)],
  ['1500x1500-deep-interlaced', 'drawn', () => whole({ width: 1_500, height: 1_500, ...deep }, 8)],
  ['7000x7000-deep-interlaced', 'either', () => whole({ width: 7_000, height: 7_000, ...deep }, 8), 'heavy'],
  ['7000x7000', 'either', () => whole({ width: 7_000, height: 7_000 }, 3), 'heavy'],
  ['kind-of-colour-5', 'refused', said({ width: 8, height: 8, colour: 5 })],
  ['depth-of-3', 'refused', said({ width: 8, height: 8, depth: 3 })],
  ['palette-that-is-missing', 'refused', said({ width: 8, height: 8, colour: 3 })],
  ['profile-of-a-bomb', 'refused', withChunks(packed('iCCP', 64 * million))],
  ['text-of-a-bomb', 'drawn', withChunks(packed('zTXt', 64 * million))],
  ['90-texts-of-7-megabytes', 'drawn', withChunks(repeat(packed('zTXt', 7 * million), 90))],
  ['1000-texts-of-7-megabytes', 'drawn', withChunks(repeat(packed('zTXt', 7 * million), 1_000))],
  ['5000-texts', 'drawn', withChunks(repeat(pngChunk('tEXt', Buffer.from('a\0b')), 5_000))],
  ['5000-unknown-chunks', 'refused', withChunks(repeat(pngChunk('abCd', Buffer.from('a\0b')), 5_000))],
  ['text-with-a-position', 'drawn', withChunks(pngChunk('tEXt', Buffer.from('GPSLatitude\x0052.3731')))],
  ['exif-with-a-position', 'drawn', withChunks(pngChunk('eXIf', exifBlock(6, 'GPS 52.3731, 4.8926')))],
  ['exif-orientation-65535', 'drawn', withChunks(pngChunk('eXIf', exifBlock(65_535)))],
  ['gamma-of-nothing', 'either', withChunks(pngChunk('gAMA', Buffer.alloc(4)))],
  [
    'checksum-that-is-wrong',
    'refused',
    async () => {
      const png = await base();
      png.writeUInt8(png.readUInt8(29) ^ 1, 29);
      return png;
    },
  ],
  [
    'chunk-of-2-gigabytes',
    'refused',
    async () => Buffer.concat([(await base()).subarray(0, 33), Buffer.from('\x7f\xff\xff\xffIDATabc', 'latin1')]),
  ],
  [
    'rest-of-an-older-picture',
    'drawn',
    async () => Buffer.concat([await base(), Buffer.alloc(100_000, 'what was cut away')]),
  ],
  [
    'pixels-without-end',
    'either',
    async () =>
      Buffer.concat([signature, header({ width: 8, height: 8 }), pngChunk('IDAT', await zeros(64 * million)), end]),
  ],
]);

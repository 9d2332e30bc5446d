import { deflateSync } from 'node:zlib';
import { from, type Pixel, paint, pngChunk } from './pictures.ts';

/** A frame in one colour, at a place on the canvas. */
export interface PlainFrame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** GIF: one of `gifColours`. */
  readonly colour: Pixel;
  /** In the words of GIF: 1 stays, 2 is cleared, 3 is undone. */
  readonly disposal?: number;
}

export interface GifPlainFrame extends PlainFrame {
  /** Hundredths of a second. */
  readonly delay?: number;
  /** Whether the frame says that one of its colours is transparent. */
  readonly isTransparent?: boolean;
  /** Its own colour table, and none in the head of the file. */
  readonly hasOwnTable?: boolean;
  readonly isInterlaced?: boolean;
}

/** The colours of every GIF made here; the last one stands for nothing where a frame is transparent. */
export const gifColours: readonly Pixel[] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [9, 9, 9],
];

const gifTable = gifColours.flat();

export interface GifParts {
  readonly screen: readonly [width: number, height: number];
  readonly frames: readonly GifPlainFrame[];
  /** As in the file: 0 without end; no such block by default. */
  readonly repeats?: number;
  /** Index in the table of the colour that stands behind everything. */
  readonly background?: number;
}

/** A GIF written without a library, with what no encoder writes. */
export function writeGif({ screen: [width, height], frames, repeats, background = 0 }: GifParts): Buffer {
  const hasTable = !frames.some(({ hasOwnTable }) => hasOwnTable);
  const looping =
    repeats === undefined ? [] : [0x21, 0xff, 11, ...Buffer.from('NETSCAPE2.0'), 3, 1, ...short(repeats), 0];
  return Buffer.concat([
    Buffer.from('GIF89a'),
    Buffer.from([...short(width), ...short(height), hasTable ? 0x81 : 0x01, background, 0]),
    Buffer.from(hasTable ? gifTable : []),
    Buffer.from(looping),
    ...frames.map(gifFrame),
    Buffer.from([0x3b]),
  ]);
}

function gifFrame(frame: GifPlainFrame): Buffer {
  const {
    left,
    top,
    width,
    height,
    colour,
    disposal = 1,
    delay = 10,
    isTransparent,
    hasOwnTable,
    isInterlaced,
  } = frame;
  const index = gifColours.findIndex((one) => one.join() === colour.join());
  if (index < 0) throw new Error(`No colour of the table: ${colour.join()}.`);
  const control = [0x21, 0xf9, 4, (disposal << 2) | (isTransparent ? 1 : 0), ...short(delay), isTransparent ? 3 : 0, 0];
  const flags = (hasOwnTable ? 0x81 : 0) | (isInterlaced ? 0x40 : 0);
  const descriptor = [0x2c, ...[left, top, width, height].flatMap(short), flags];
  const table = hasOwnTable ? gifTable : [];
  return Buffer.concat([Buffer.from([...control, ...descriptor, ...table]), lzw(index, width * height)]);
}

/** One colour of four, so many times, in codes that never grow: cleared in front of each two. */
function lzw(index: number, pixels: number): Buffer {
  const codes = Array.from({ length: pixels }, (_, at) => (at % 2 === 0 ? [4, index] : [index])).flat();
  const bits = [...codes, 5].flatMap((code) => [code & 1, (code >> 1) & 1, (code >> 2) & 1]);
  const bytes = Array.from({ length: Math.ceil(bits.length / 8) }, (_, at) =>
    bits.slice(at * 8, at * 8 + 8).reduce((byte, bit, place) => byte | (bit << place), 0),
  );
  const blocks: number[] = [];
  for (let at = 0; at < bytes.length; at += 255) {
    const block = bytes.slice(at, at + 255);
    blocks.push(block.length, ...block);
  }
  return Buffer.from([2, ...blocks, 0]);
}

function short(value: number): number[] {
  return [value & 255, value >> 8];
}

export interface ApngPlainFrame extends PlainFrame {
  /** Seconds, as a fraction. */
  readonly delay?: readonly [numerator: number, denominator: number];
  /** Over what is there, not in its place. */
  readonly isOver?: boolean;
}

export interface ApngParts {
  readonly size: readonly [width: number, height: number];
  readonly frames: readonly ApngPlainFrame[];
  /** Runs; 0, without end, by default. */
  readonly plays?: number;
  /** Colour of a still picture that is none of the frames. */
  readonly still?: Pixel;
  /** Frames that it says it has. */
  readonly declared?: number;
}

/** An animated PNG of colours with alpha. */
export function writeApng({ size: [width, height], frames, plays = 0, still, declared }: ApngParts): Buffer {
  let sequence = 0;
  const chunks = frames.flatMap((frame, index) => {
    const control = pngChunk('fcTL', frameControl(frame, sequence));
    sequence += 1;
    const pixels = deflated(frame.width, frame.height, frame.colour);
    if (index === 0 && still === undefined) return [control, pngChunk('IDAT', pixels)];
    const data = pngChunk('fdAT', Buffer.concat([long(sequence), pixels]));
    sequence += 1;
    return [control, data];
  });
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', Buffer.concat([long(width), long(height), Buffer.from([8, 6, 0, 0, 0])])),
    pngChunk('acTL', Buffer.concat([long(declared ?? frames.length), long(plays)])),
    ...(still === undefined ? [] : [pngChunk('IDAT', deflated(width, height, still))]),
    ...chunks,
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

function frameControl({ width, height, left, top, disposal = 1, delay = [1, 10], isOver }: ApngPlainFrame, at: number) {
  const tail = Buffer.alloc(6);
  tail.writeUInt16BE(delay[0], 0);
  tail.writeUInt16BE(delay[1], 2);
  tail.set([disposal - 1, isOver ? 1 : 0], 4);
  return Buffer.concat([...[at, width, height, left, top].map(long), tail]);
}

function deflated(width: number, height: number, colour: Pixel): Buffer {
  const line = [0, ...Array.from({ length: width }, () => [...colour, 255].slice(0, 4)).flat()];
  return deflateSync(Buffer.concat(Array.from({ length: height }, () => Buffer.from(line))));
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export interface WebpPlainFrame extends PlainFrame {
  /** In place of what is there, with all that is clear in it. */
  readonly isPlain?: boolean;
}

export interface WebpParts {
  readonly size: readonly [width: number, height: number];
  readonly frames: readonly WebpPlainFrame[];
  /** Whether the file says that it has alpha. */
  readonly saysAlpha?: boolean;
  readonly isLossy?: boolean;
}

/** An animated WebP of plain frames, 100 ms each, without end. Places are even. */
export async function writeWebp({ size, frames, saysAlpha = false, isLossy = false }: WebpParts): Promise<Buffer> {
  const [width, height] = size;
  const head = Buffer.alloc(10);
  head.writeUInt8(saysAlpha ? 0x12 : 0x02, 0);
  head.writeUIntLE(width - 1, 4, 3);
  head.writeUIntLE(height - 1, 7, 3);
  const chunks = [riffChunk('VP8X', head), riffChunk('ANIM', Buffer.alloc(6))];
  for (const frame of frames) chunks.push(riffChunk('ANMF', await webpFrame(frame, isLossy)));
  const body = Buffer.concat([Buffer.from('WEBP'), ...chunks]);
  return Buffer.concat([Buffer.from('RIFF'), littleEndian(body.length), body]);
}

async function webpFrame(frame: WebpPlainFrame, isLossy: boolean): Promise<Buffer> {
  const { left, top, width, height, colour, disposal = 1, isPlain = false } = frame;
  const head = Buffer.alloc(16);
  for (const [index, value] of [left / 2, top / 2, width - 1, height - 1, 100].entries()) {
    head.writeUIntLE(value, index * 3, 3);
  }
  head.writeUInt8((isPlain ? 2 : 0) | (disposal === 2 ? 1 : 0), 15);
  const pipeline = from(paint(width, height, () => colour));
  const file = await pipeline.webp(isLossy ? { quality: 100 } : { lossless: true }).toBuffer();
  const first = file.toString('latin1', 12, 16) === 'VP8X' ? 30 : 12;
  return Buffer.concat([head, file.subarray(first)]);
}

function riffChunk(name: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(name), littleEndian(body.length), body, Buffer.alloc(body.length % 2)]);
}

function littleEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

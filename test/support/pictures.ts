import { deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

/** Red, green, blue and, where there is one, alpha. */
export type Pixel = readonly number[];

export const red: Pixel = [255, 0, 0];
export const green: Pixel = [0, 255, 0];
export const blue: Pixel = [0, 0, 255];
export const yellow: Pixel = [255, 255, 0];

/** Pixels in memory, 8 bits a channel. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
  readonly data: Buffer;
}

/** Pixels made by a function of their place. */
export function paint(width: number, height: number, colourAt: (x: number, y: number) => Pixel): Pixels {
  const channels = colourAt(0, 0).length as Pixels['channels'];
  const data = Buffer.alloc(width * height * channels);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) data.set(colourAt(x, y), (y * width + x) * channels);
  }
  return { width, height, channels, data };
}

/** Four quarters, clockwise from the top left: red, green, blue, yellow. Every turn and mirror of it looks different. */
export function quarters(width: number, height: number): Pixels {
  return paint(width, height, (x, y) => {
    if (y < height / 2) return x < width / 2 ? red : green;
    return x < width / 2 ? yellow : blue;
  });
}

/** Pixels that no encoder can make small, the same ones every time. */
export function noise(width: number, height: number): Pixels {
  const data = Buffer.alloc(width * height * 3);
  let state = 1;
  for (let index = 0; index < data.length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    data[index] = state >>> 24;
  }
  return { width, height, channels: 3, data };
}

/** A sharp pipeline that begins with those pixels. */
export function from({ data, width, height, channels }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
}

/** An animation: one colour a frame. */
export function animate(width: number, height: number, colours: readonly Pixel[]): Sharp {
  const frames = colours.map((colour) => paint(width, height, () => colour));
  const channels = frames[0]?.channels ?? 3;
  return sharp(Buffer.concat(frames.map(({ data }) => data)), {
    raw: { width, height: height * frames.length, channels, pageHeight: height },
    animated: true,
  });
}

/** A decoded picture that can be asked for single pixels. */
export interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  at(x: number, y: number): number[];
}

/** Decodes; animations frame below frame. */
export async function decode(bytes: Uint8Array): Promise<Decoded> {
  const { data, info } = await sharp(bytes, { animated: true, limitInputPixels: false })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return {
    width,
    height,
    channels,
    at: (x, y) => [...data.subarray((y * width + x) * channels, (y * width + x + 1) * channels)],
  };
}

/** Distance of two colours, channel by channel, at its largest: 0 is equal, 255 the most. */
export function distance(one: Pixel, other: Pixel): number {
  return Math.max(...other.map((value, channel) => Math.abs(value - (one[channel] ?? 255))));
}

/** A little-endian EXIF block whose first directory holds an orientation and, on request, a GPS position. */
export function exifBlock(orientation: number, gps?: string): Buffer {
  const entries = gps === undefined ? 1 : 2;
  const text = Buffer.from(`${gps ?? ''}\0`);
  const block = Buffer.alloc(8 + 2 + entries * 12 + 4);
  block.write('II*\0', 'latin1');
  block.writeUInt32LE(8, 4);
  block.writeUInt16LE(entries, 8);
  block.writeUInt16LE(0x0112, 10);
  block.writeUInt16LE(3, 12);
  block.writeUInt32LE(1, 14);
  block.writeUInt16LE(orientation, 18);
  if (gps !== undefined) {
    // ImageDescription stands in for the position: a plain text that can be searched for.
    block.writeUInt16LE(0x010e, 22);
    block.writeUInt16LE(2, 24);
    block.writeUInt32LE(text.length, 26);
    block.writeUInt32LE(block.length, 30);
  }
  return Buffer.concat([block, text]);
}

/** A JPEG with that EXIF block in front of its other segments. */
export function jpegWithExif(jpeg: Buffer, exif: Buffer): Buffer {
  return Buffer.concat([
    jpeg.subarray(0, 2),
    jpegSegment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), exif])),
    jpeg.subarray(2),
  ]);
}

export function jpegSegment(marker: number, payload: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(payload.length + 2, 2);
  return Buffer.concat([head, payload]);
}

/** A PNG with more chunks right behind its header. */
export function pngWithChunks(png: Buffer, chunks: readonly Buffer[]): Buffer {
  return Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(33)]);
}

export function pngChunk(type: string, payload: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), payload]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(payload.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

/** A PNG whose header, with a right checksum, declares that size over hardly any pixels. */
export function pngDeclaring(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.alloc(1_000))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A GIF that declares that screen, with `frames` frames that declare theirs over the data of one pixel. */
export function gifDeclaring(width: number, height: number, frames = 1, frameSize = { width: 1, height: 1 }): Buffer {
  const screen = Buffer.from('GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1');
  screen.writeUInt16LE(width, 6);
  screen.writeUInt16LE(height, 8);
  const frame = Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);
  frame.writeUInt16LE(frameSize.width, 5);
  frame.writeUInt16LE(frameSize.height, 7);
  return Buffer.concat([screen, ...Array.from({ length: frames }, () => frame), Buffer.from([0x3b])]);
}

/** An extended WebP that declares that canvas over a lossless picture of one pixel. */
export function webpDeclaring(width: number, height: number): Buffer {
  const extended = Buffer.alloc(18);
  extended.write('VP8X', 'latin1');
  extended.writeUInt32LE(10, 4);
  extended.writeUIntLE(width - 1, 12, 3);
  extended.writeUIntLE(height - 1, 15, 3);
  const picture = Buffer.from('VP8L\x0d\0\0\0\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0', 'latin1');
  const riff = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
  riff.writeUInt32LE(4 + extended.length + picture.length, 4);
  return Buffer.concat([riff, extended, picture]);
}

/** A progressive JPEG whose first scan is there so many times. */
export function jpegWithScans(progressive: Buffer, scans: number): Buffer {
  const first = progressive.indexOf(Buffer.from([0xff, 0xda]));
  let end = first + 2;
  do end = progressive.indexOf(0xff, end + 1);
  while (progressive[end + 1] === 0);
  const scan = progressive.subarray(first, end);
  return Buffer.concat([
    progressive.subarray(0, end),
    ...Array.from({ length: scans - 1 }, () => scan),
    progressive.subarray(end),
  ]);
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

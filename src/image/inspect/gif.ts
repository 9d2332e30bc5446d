import type { Size } from '../facts.ts';
import { broken, type Header, pictureSize, tooMany, upToNow } from './header.ts';

/** More than any real animation; the caller's own limit is tighter. */
const mostFrames = 100_000;

const extension = 0x21;
const imageDescriptor = 0x2c;
const graphicControl = 0xf9;

/** Walks the blocks, without unpacking any, to count frames and to learn how far they reach. */
export function inspectGif(bytes: Buffer): Header {
  const screen = { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  const blocks = walkBlocks(bytes, 13 + colourTableBytes(bytes.readUInt8(10)));
  if (blocks.frames === 0) throw broken('gif', 'it has no frame');
  const { width, height } = canvasSize(screen, blocks.reach);
  return {
    ...upToNow,
    stored: pictureSize('gif', width, height),
    frames: blocks.frames,
    hasAlpha: blocks.hasAlpha,
  };
}

function colourTableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 0x07) + 1);
}

/** Screens that old programs wrote whatever the picture was: the decoder goes by the frames instead, and so do we. */
const doubtedScreens = ['640x480', '640x512', '800x600', '1024x768', '1280x1024', '1600x1200'];
const largestTrustedSide = 2_048;

function canvasSize(screen: Size, reach: Size): Size {
  const { width, height } = screen;
  const isDoubted =
    doubtedScreens.includes(`${width}x${height}`) ||
    Math.min(width, height) === 0 ||
    Math.max(width, height) > largestTrustedSide;
  if (isDoubted) return reach;
  return { width: Math.max(width, reach.width), height: Math.max(height, reach.height) };
}

interface Blocks {
  readonly frames: number;
  readonly reach: Size;
  readonly hasAlpha: boolean;
}

function walkBlocks(bytes: Buffer, from: number): Blocks {
  let frames = 0;
  let hasAlpha = false;
  let width = 0;
  let height = 0;
  let at = from;
  while (at + 1 < bytes.length) {
    const kind = bytes[at];
    if (kind === extension) {
      if (bytes[at + 1] === graphicControl && ((bytes[at + 3] ?? 0) & 1) === 1) hasAlpha = true;
      at = afterSubBlocks(bytes, at + 2);
    } else if (kind === imageDescriptor) {
      // A last frame cut off inside its descriptor is no frame.
      if (at + 10 > bytes.length) break;
      frames += 1;
      if (frames > mostFrames) throw tooMany('gif', 'frames', mostFrames);
      width = Math.max(width, bytes.readUInt16LE(at + 1) + bytes.readUInt16LE(at + 5));
      height = Math.max(height, bytes.readUInt16LE(at + 3) + bytes.readUInt16LE(at + 7));
      at = afterSubBlocks(bytes, at + 10 + colourTableBytes(bytes.readUInt8(at + 9)) + 1);
    } else if (kind === 0) {
      // Padding between blocks, as some writers leave it.
      at += 1;
    } else {
      // The trailer, or what no decoder reads on from.
      break;
    }
  }
  return { frames, reach: { width, height }, hasAlpha };
}

function afterSubBlocks(bytes: Buffer, from: number): number {
  let at = from;
  for (let length = bytes[at]; length !== undefined; length = bytes[at]) {
    at += 1 + length;
    if (length === 0) break;
  }
  return at;
}

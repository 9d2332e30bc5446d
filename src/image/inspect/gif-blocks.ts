import type { Box, Size } from '../facts.ts';
import { tooMany } from './header.ts';

/** More than any real animation; the caller's own limit is tighter. */
const mostFrames = 100_000;

const extension = 0x21;
const imageDescriptor = 0x2c;
const graphicControl = 0xf9;
const application = 0xff;
/** Names under which it is said how often an animation runs. */
export const loopingApplications = ['NETSCAPE2.0', 'ANIMEXTS1.0'];

/** What becomes of a frame when its time is over: it stays, its box is cleared, or what was there before comes back. */
export type Disposal = 'stays' | 'cleared' | 'undone';

/** What an animation says of a frame in front of it. */
interface Control {
  readonly disposal: Disposal;
  readonly transparentIndex: number | undefined;
  /** Hundredths of a second. */
  readonly delay: number;
}

/** A frame as it lies in the file; nothing of it is unpacked. */
export interface GifFrame extends Control {
  /** On the screen, beyond which it may reach. */
  readonly box: Box;
  /** Where its descriptor begins, where its coded pixels do, and where what follows them does. */
  readonly from: number;
  readonly pixelsFrom: number;
  readonly to: number;
  /** False where the file ends inside its pixels. */
  readonly isClosed: boolean;
}

/** The blocks of a file. */
export interface GifBlocks {
  readonly screen: Size;
  /** Bytes of the colour table that frames share, behind the 13 bytes of the header. */
  readonly tableBytes: number;
  readonly frames: readonly GifFrame[];
  /** As the file says it, where it does: times that the animation is repeated, 0 without end. */
  readonly repeats: number | undefined;
  /** Whether zeros lie between blocks, as some writers leave them. */
  readonly isPadded: boolean;
}

const plain: Control = { disposal: 'stays', transparentIndex: undefined, delay: 10 };

/** Walks the blocks, each once. */
export function readGifBlocks(bytes: Buffer): GifBlocks {
  const tableBytes = colourTableBytes(bytes.readUInt8(10));
  const frames: GifFrame[] = [];
  let control = plain;
  let repeats: number | undefined;
  let isPadded = false;
  for (let at = 13 + tableBytes; at + 1 < bytes.length; ) {
    const kind = bytes[at];
    if (kind === extension) {
      const label = bytes[at + 1];
      if (label === graphicControl) control = readControl(bytes, at + 2);
      if (label === application) repeats = readRepeats(bytes, at + 2) ?? repeats;
      at = afterSubBlocks(bytes, at + 2).at;
    } else if (kind === imageDescriptor) {
      // A last frame cut off inside its descriptor is no frame.
      if (at + 10 > bytes.length) break;
      if (frames.length >= mostFrames) throw tooMany('gif', 'frames', mostFrames);
      const frame = { ...control, ...readFrame(bytes, at) };
      frames.push(frame);
      control = plain;
      at = frame.to;
    } else if (kind === 0) {
      isPadded = true;
      at += 1;
    } else {
      // The trailer, or what no decoder reads on from.
      break;
    }
  }
  const screen = { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  return { screen, tableBytes, frames, repeats, isPadded };
}

function colourTableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 0x07) + 1);
}

function readControl(bytes: Buffer, at: number): Control {
  if (at + 5 > bytes.length) return plain;
  const flags = bytes.readUInt8(at + 1);
  const disposal = (flags >> 2) & 7;
  return {
    // 4 is what some writers took 3 for, and what all decoders take for it.
    disposal: disposal === 2 ? 'cleared' : disposal === 3 || disposal === 4 ? 'undone' : 'stays',
    transparentIndex: (flags & 1) === 1 ? bytes.readUInt8(at + 4) : undefined,
    delay: bytes.readUInt16LE(at + 2),
  };
}

function readRepeats(bytes: Buffer, at: number): number | undefined {
  const isLooping = bytes[at] === 11 && loopingApplications.includes(bytes.toString('latin1', at + 1, at + 12));
  const holdsCount = at + 16 <= bytes.length && bytes[at + 12] === 3 && bytes[at + 13] === 1;
  return isLooping && holdsCount ? bytes.readUInt16LE(at + 14) : undefined;
}

function readFrame(bytes: Buffer, from: number): Omit<GifFrame, keyof Control> {
  const box = {
    left: bytes.readUInt16LE(from + 1),
    top: bytes.readUInt16LE(from + 3),
    width: bytes.readUInt16LE(from + 5),
    height: bytes.readUInt16LE(from + 7),
  };
  const pixelsFrom = from + 10 + colourTableBytes(bytes.readUInt8(from + 9));
  const { at: to, isClosed } = afterSubBlocks(bytes, pixelsFrom + 1);
  return { box, from, pixelsFrom, to, isClosed };
}

function afterSubBlocks(bytes: Buffer, from: number): { readonly at: number; readonly isClosed: boolean } {
  let at = from;
  for (let length = bytes[at]; length !== undefined; length = bytes[at]) {
    at += 1 + length;
    if (length === 0) return { at, isClosed: true };
  }
  return { at, isClosed: false };
}

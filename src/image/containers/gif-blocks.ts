import { atOnce, type Steps } from '../../turns.ts';
import type { Box, Size } from './facts.ts';
import { application, colourTableBytes, extension, graphicControl, imageDescriptor } from './gif-parts.ts';
import { mostFrames, tooMany } from './header.ts';

/** Frames and what is said beside them; real files have two or three for each frame. */
const mostBlocks = 100_000;

/** Of up to 255 bytes each: a file of 50 MB as writers make them has some 200,000. */
const mostSubBlocks = 1_000_000;

/** Blocks in one step: some 2 ms. */
const blocksPerStep = 1_000;

/** Names under which it is said how often an animation runs. */
export const loopingApplications = ['NETSCAPE2.0', 'ANIMEXTS1.0'];

/** What becomes of a frame when its time is over: it stays, its box is cleared, or what was there before comes back. */
export type Disposal = 'stays' | 'cleared' | 'undone';

/** What an animation says of a frame in front of it. */
interface Control {
  readonly disposal: Disposal;
  readonly transparentIndex: number | undefined;
  readonly isTransparent: boolean;
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

const plain: Control = { disposal: 'stays', transparentIndex: undefined, isTransparent: false, delay: 10 };

/** Walks the blocks, each once, in one go. Failures: `too_large` for parts without number. */
export function readGifBlocks(bytes: Buffer): GifBlocks {
  return atOnce(walkGifBlocks(bytes));
}

/** The same in steps. */
export function* walkGifBlocks(bytes: Buffer): Steps<GifBlocks> {
  const tableBytes = colourTableBytes(bytes.readUInt8(10));
  const frames: GifFrame[] = [];
  let control = plain;
  let repeats: number | undefined;
  let isPadded = false;
  const count: Count = { blocks: 0, subBlocks: 0 };
  for (let at = 13 + tableBytes; at + 1 < bytes.length; ) {
    const kind = bytes[at];
    if (kind === 0) {
      isPadded = true;
      at = afterZeros(bytes, at);
      continue;
    }
    count.blocks += 1;
    if (count.blocks > mostBlocks) throw tooMany('gif', 'blocks', mostBlocks);
    if (count.blocks % blocksPerStep === 0) yield;
    if (kind === extension) {
      const label = bytes[at + 1];
      if (label === graphicControl) control = readControl(bytes, at + 2);
      if (label === application) repeats = readRepeats(bytes, at + 2) ?? repeats;
      at = countedSubBlocks(bytes, at + 2, count).at;
    } else if (kind === imageDescriptor) {
      // A last frame cut off inside its descriptor is no frame.
      if (at + 10 > bytes.length) break;
      if (frames.length >= mostFrames) throw tooMany('gif', 'frames', mostFrames);
      const frame = readFrame(bytes, at, control, count);
      frames.push(frame);
      control = plain;
      at = frame.to;
    } else {
      // The trailer, or what no decoder reads on from.
      break;
    }
  }
  const screen = { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  return { screen, tableBytes, frames, repeats, isPadded };
}

function readControl(bytes: Buffer, at: number): Control {
  if (at + 5 > bytes.length) return plain;
  const flags = bytes.readUInt8(at + 1);
  const disposal = (flags >> 2) & 7;
  const isTransparent = (flags & 1) === 1;
  return {
    // 4 is what some writers took 3 for, and what all decoders take for it.
    disposal: disposal === 2 ? 'cleared' : disposal === 3 || disposal === 4 ? 'undone' : 'stays',
    transparentIndex: isTransparent ? bytes.readUInt8(at + 4) : undefined,
    isTransparent,
    delay: bytes.readUInt16LE(at + 2),
  };
}

function readRepeats(bytes: Buffer, at: number): number | undefined {
  const isLooping = bytes[at] === 11 && loopingApplications.includes(bytes.toString('latin1', at + 1, at + 12));
  const holdsCount = at + 16 <= bytes.length && bytes[at + 12] === 3 && bytes[at + 13] === 1;
  return isLooping && holdsCount ? bytes.readUInt16LE(at + 14) : undefined;
}

function readFrame(bytes: Buffer, from: number, control: Control, count: Count): GifFrame {
  const pixelsFrom = from + 10 + colourTableBytes(bytes.readUInt8(from + 9));
  const { at: to, isClosed } = countedSubBlocks(bytes, pixelsFrom + 1, count);
  // Spelt out: a spread takes longer than all the rest.
  return {
    disposal: control.disposal,
    transparentIndex: control.transparentIndex,
    isTransparent: control.isTransparent,
    delay: control.delay,
    box: {
      left: bytes.readUInt16LE(from + 1),
      top: bytes.readUInt16LE(from + 3),
      width: bytes.readUInt16LE(from + 5),
      height: bytes.readUInt16LE(from + 7),
    },
    from,
    pixelsFrom,
    to,
    isClosed,
  };
}

/** Parts met so far, of the whole file. */
interface Count {
  blocks: number;
  subBlocks: number;
}

/** The same as `afterSubBlocks`, bounded, of a file that may end inside them. */
function countedSubBlocks(
  bytes: Buffer,
  from: number,
  count: Count,
): { readonly at: number; readonly isClosed: boolean } {
  let at = from;
  for (let length = bytes[at]; length !== undefined; length = bytes[at]) {
    at += 1 + length;
    if (length === 0) return { at, isClosed: true };
    count.subBlocks += 1;
    if (count.subBlocks > mostSubBlocks) throw tooMany('gif', 'blocks of data', mostSubBlocks);
  }
  return { at, isClosed: false };
}

/** Compared by the piece, ever smaller ones: a file may hold hardly anything else. */
const pieces = [64 * 1024, 4 * 1024, 256].map((length) => Buffer.alloc(length));

function afterZeros(bytes: Buffer, from: number): number {
  let at = from;
  for (const zeros of pieces) {
    while (at + zeros.length <= bytes.length && zeros.equals(bytes.subarray(at, at + zeros.length))) at += zeros.length;
  }
  while (bytes[at] === 0) at += 1;
  return at;
}

/** The screen, which the first frame, and no other, makes larger; where a side of it is missing, that of the frame. */
export function gifCanvas(screen: Size, first: Box): Size {
  return {
    width: Math.max(screen.width, first.left + first.width),
    height: Math.max(screen.height, first.top + first.height),
  };
}

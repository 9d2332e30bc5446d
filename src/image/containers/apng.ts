import { crc32 } from 'node:zlib';
import { atOnce, type Steps } from '../../turns.ts';
import type { Box, Size } from './facts.ts';
import { chunksPerStep, mostFrames, tooMany } from './header.ts';

/** A stretch of the file, from a byte up to another. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** A frame as its fcTL describes it; nothing of it is unpacked. */
export interface ApngFrame {
  readonly box: Box;
  readonly delayMs: number;
  readonly disposal: 'stays' | 'cleared' | 'undone';
  /** Laid over what is there, or put in its place. */
  readonly blends: boolean;
  /** Its chunks, whole, of type IDAT or fdAT. */
  readonly chunks: readonly Stretch[];
}

/** An animated PNG (PNG 3, 4.9 and 11.3.6). */
export interface Apng {
  readonly size: Size;
  /** Times that it runs; 0 without end. */
  readonly plays: number;
  readonly frames: readonly ApngFrame[];
  /** Whether the still picture, for readers that know no animation, is none of the frames. */
  readonly isStillApart: boolean;
  /** False where frames have been lost: the file is cut off, or what describes one is damaged. */
  readonly isWhole: boolean;
}

const controlBytes = 26;
const disposals = ['stays', 'cleared', 'undone'] as const;

/** What is known by the time a chunk is reached. */
interface ApngWalk {
  readonly bytes: Buffer;
  readonly size: Size;
  readonly frames: (ApngFrame & { readonly chunks: Stretch[] })[];
  current: (ApngFrame & { readonly chunks: Stretch[] }) | undefined;
  sequence: number;
  declared: { readonly frames: number; readonly plays: number } | undefined;
  isStillApart: boolean | undefined;
  isWhole: boolean;
}

/**
 * Reads the frames of a PNG; undefined for one that browsers take for a still. As in them, an animation ends in front of
 * the first frame that breaks a rule, and frames without pixels, or more than were declared, do not count. Failures:
 * `too_large` for frames without number.
 */
export function readApng(bytes: Buffer): Apng | undefined {
  return atOnce(walkApng(bytes));
}

/** The same in steps. */
export function* walkApng(bytes: Buffer): Steps<Apng | undefined> {
  const walk: ApngWalk = {
    bytes,
    size: { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) },
    frames: [],
    current: undefined,
    sequence: 0,
    declared: undefined,
    isStillApart: undefined,
    isWhole: true,
  };
  let isEnded = false;
  let chunks = 0;
  for (let at = 8; at + 12 <= bytes.length && !isEnded; at += 12 + bytes.readUInt32BE(at)) {
    const chunk = { from: at, to: at + 12 + bytes.readUInt32BE(at) };
    chunks += 1;
    if (chunks % chunksPerStep === 0) yield;
    isEnded = !takeChunk(walk, chunk);
  }
  const { declared, frames, size, isStillApart = true } = walk;
  if (declared === undefined || frames.length === 0 || (frames.length === 1 && !isStillApart)) return undefined;
  const isWhole = walk.isWhole && (isEnded || frames.length === declared.frames);
  return { size, plays: declared.plays, frames, isStillApart, isWhole };
}

/** False where the animation is over. */
function takeChunk(walk: ApngWalk, chunk: Stretch): boolean {
  const { bytes } = walk;
  const type = bytes.toString('latin1', chunk.from + 4, chunk.from + 8);
  switch (type) {
    case 'acTL':
      if (walk.isStillApart === undefined && chunk.to - chunk.from === 20 && chunk.to <= bytes.length) {
        walk.declared ??= { frames: bytes.readUInt32BE(chunk.from + 8), plays: bytes.readUInt32BE(chunk.from + 12) };
      }
      return true;
    case 'fcTL':
      return takeControl(walk, chunk);
    case 'IDAT':
      walk.isStillApart ??= walk.current === undefined;
      // A still that is a frame has the whole size: readers that know no animation go by that.
      if (walk.current !== undefined && !isWholeSize(walk.current.box, walk.size)) return false;
      return takePixels(walk, chunk);
    case 'fdAT':
      if (bytes.readUInt32BE(chunk.from + 8) !== walk.sequence) return false;
      walk.sequence += 1;
      return takePixels(walk, chunk);
    default:
      return type !== 'IEND';
  }
}

function takeControl(walk: ApngWalk, { from, to }: Stretch): boolean {
  const { bytes, declared, frames, size } = walk;
  if (declared === undefined || frames.length >= declared.frames) return false;
  if (to > bytes.length || to - from !== controlBytes + 12) return false;
  if (crc32(bytes.subarray(from + 4, to - 4)) !== bytes.readUInt32BE(to - 4)) {
    walk.isWhole = false;
    return false;
  }
  const at = from + 8;
  const number = (index: number) => bytes.readUInt32BE(at + index * 4);
  const box = { width: number(1), height: number(2), left: number(3), top: number(4) };
  const disposal = disposals[bytes.readUInt8(at + 24)];
  const blend = bytes.readUInt8(at + 25);
  const isInside = box.left + box.width <= size.width && box.top + box.height <= size.height;
  if (number(0) !== walk.sequence || !isInside || Math.min(box.width, box.height) === 0) return false;
  if (disposal === undefined || blend > 1) return false;
  walk.sequence += 1;
  walk.current = { box, delayMs: delayOf(bytes, at + 20), disposal, blends: blend === 1, chunks: [] };
  return true;
}

function takePixels(walk: ApngWalk, chunk: Stretch): boolean {
  const { current, frames } = walk;
  if (current === undefined) return true;
  if (current.chunks.length === 0) {
    if (frames.length >= mostFrames) throw tooMany('png', 'frames', mostFrames);
    frames.push(current);
  }
  current.chunks.push(chunk);
  return true;
}

/** A fraction of a second, of hundredths where it has no denominator. */
function delayOf(bytes: Buffer, at: number): number {
  return Math.round((1_000 * bytes.readUInt16BE(at)) / (bytes.readUInt16BE(at + 2) || 100));
}

function isWholeSize({ left, top, width, height }: Box, size: Size): boolean {
  return left === 0 && top === 0 && width === size.width && height === size.height;
}

import type { Steps } from '../../turns.ts';
import type { Box, Size } from '../containers/facts.ts';
import {
  broken,
  chunksPerStep,
  type Header,
  maxExifBytes,
  mostFrames,
  pictureSize,
  tooMany,
  upToNow,
} from '../containers/header.ts';
import { showsHole } from './hole.ts';

const mostChunks = 20_000;

const animationFlag = 0x02;
const alphaFlag = 0x10;

/** Reads the canvas, or the one picture's own header, and counts frames chunk by chunk. */
export function* inspectWebp(bytes: Buffer): Steps<Header> {
  const first = bytes.toString('latin1', 12, 16);
  if (first === 'VP8 ') return { ...upToNow, stored: lossySize(bytes, 20) };
  if (first === 'VP8L') return { ...upToNow, ...losslessHeader(bytes, 20) };
  if (first !== 'VP8X') throw broken('webp', 'it begins with no chunk of a picture');
  const flags = bytes.readUInt8(20);
  const stored = pictureSize('webp', bytes.readUIntLE(24, 3) + 1, bytes.readUIntLE(27, 3) + 1);
  const chunks = yield* walkChunks(bytes);
  const isAnimated = (flags & animationFlag) !== 0;
  if (isAnimated && chunks.frames.length === 0) throw broken('webp', 'it is animated and has no frames');
  return {
    ...upToNow,
    stored,
    frames: isAnimated ? chunks.frames.length : 1,
    hasFullFrames: isAnimated && chunks.frames.every(({ box }) => isEqual(box, stored)),
    hasAlpha: (flags & alphaFlag) !== 0 || (isAnimated ? isSeenThrough(chunks.frames, stored) : chunks.hasOwnAlpha),
    coding: chunks.isLossless ? 'lossless' : 'plain',
    // The canvas of a still is that of its picture (libwebp refuses any other).
    holdsItsPixels: isAnimated || chunks.still === undefined || isEqual(chunks.still, stored),
    exif: chunks.exif,
  };
}

type WebpFrame = ReturnType<typeof readFrame>;

/** Frames may have alpha that the flag conceals, and leave parts of the canvas clear without having any. */
function isSeenThrough(frames: readonly WebpFrame[], canvas: Size): boolean {
  return frames.some(({ isTransparent }) => isTransparent) || showsHole(frames, canvas);
}

function isEqual(one: Size, other: Size): boolean {
  return one.width === other.width && one.height === other.height;
}

function lossySize(bytes: Buffer, at: number) {
  // Three bytes of frame tag, the start code 9d 01 2a, then 14 bits of size and 2 of scaling each way.
  if (bytes.readUIntBE(at + 3, 3) !== 0x9d012a) throw broken('webp', 'its lossy picture has no start code');
  return pictureSize('webp', bytes.readUInt16LE(at + 6) & 0x3fff, bytes.readUInt16LE(at + 8) & 0x3fff);
}

function losslessHeader(bytes: Buffer, at: number) {
  if (bytes.readUInt8(at) !== 0x2f) throw broken('webp', 'its lossless picture has no signature');
  const bits = bytes.readUInt32LE(at + 1);
  return {
    stored: pictureSize('webp', (bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1),
    hasAlpha: ((bits >>> 28) & 1) === 1,
    coding: 'lossless',
  } as const;
}

function* walkChunks(bytes: Buffer) {
  const frames: WebpFrame[] = [];
  let isLossless = false;
  // Of a still, lossless pixels show their alpha whatever the flag says, and lossy ones only with it, as in Chromium.
  let still: { readonly stored: Size; readonly hasAlpha: boolean } | undefined;
  let exif: Buffer | undefined;
  let at = 12;
  for (let count = 0; at + 8 <= bytes.length; count += 1) {
    if (count >= mostChunks) throw tooMany('webp', 'chunks', mostChunks);
    if (count % chunksPerStep === chunksPerStep - 1) yield;
    const type = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    if (type === 'ANMF' && frames.length >= mostFrames) throw tooMany('webp', 'frames', mostFrames);
    if (type === 'ANMF') frames.push(readFrame(bytes, at + 8));
    if (type === 'VP8L') isLossless = true;
    if (type === 'VP8 ') still ??= { stored: lossySize(bytes, at + 8), hasAlpha: false };
    if (type === 'VP8L') still ??= losslessHeader(bytes, at + 8);
    if (type === 'EXIF' && length <= maxExifBytes) exif = exifBlock(bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length + (length % 2);
  }
  return { frames, isLossless, still: still?.stored, hasOwnAlpha: still?.hasAlpha === true, exif };
}

/** Places are counted in twos, sizes from 1. */
function readFrame(bytes: Buffer, at: number) {
  const number = (index: number) => bytes.readUIntLE(at + index * 3, 3);
  const box: Box = { left: number(0) * 2, top: number(1) * 2, width: number(2) + 1, height: number(3) + 1 };
  const isCleared = (bytes.readUInt8(at + 15) & 1) === 1;
  return { box, disposal: isCleared ? 'cleared' : 'stays', isTransparent: hasOwnAlpha(bytes, at + 16) } as const;
}

function hasOwnAlpha(bytes: Buffer, at: number): boolean {
  const type = bytes.toString('latin1', at, at + 4);
  return type === 'ALPH' || (type === 'VP8L' && losslessHeader(bytes, at + 8).hasAlpha);
}

/** Some writers leave JPEG's `Exif\0\0` before the block. */
function exifBlock(chunk: Buffer): Buffer {
  return chunk.toString('latin1', 0, 6) === 'Exif\0\0' ? chunk.subarray(6) : chunk;
}

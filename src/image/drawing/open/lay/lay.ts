import { Failure } from '../../../../failure.ts';
import type { Box, Size } from '../../../containers/facts.ts';
import type { Raster } from '../../picture/raster.ts';
import { putOver, putPlain } from './put.ts';
import type { StoredAnimation, StoredFrame } from './stored-animation.ts';

/** Which frames are drawn. */
export interface Wanted {
  /** The first, from 0. */
  readonly first: number;
  readonly count: number;
}

/** Decodes a frame's file: red, green, blue and alpha. */
export type DecodeFrame = (file: Buffer, size: Size) => Promise<Raster>;

const channels = 4;

/** What a frame may have more pixels than the canvas: memory is reckoned by the canvas, with some megabytes to spare. */
const mostPixelsOver = 1_000_000;

/**
 * Lays frames over each other as browsers do, from a clear canvas on. One frame is decoded at a time, and none behind the
 * last that is wanted. Failures: `corrupt`.
 */
export async function layFrames(animation: StoredAnimation, wanted: Wanted, decode: DecodeFrame): Promise<Raster> {
  const { size, frames, isWhole } = animation;
  const end = wanted.first + wanted.count;
  if (!isWhole && end >= frames.length && wanted.count > 1) throw damaged();
  const frameBytes = size.width * size.height * channels;
  const canvas: Raster = { data: Buffer.alloc(frameBytes), size, frames: 1, channels };
  const data = Buffer.allocUnsafe(frameBytes * wanted.count);
  for (const [index, frame] of frames.slice(0, end).entries()) {
    const before = frame.disposal === 'undone' ? Buffer.from(canvas.data) : undefined;
    await layFrame(canvas, frame, decode);
    if (index >= wanted.first) canvas.data.copy(data, (index - wanted.first) * frameBytes);
    if (before !== undefined) before.copy(canvas.data);
    else if (frame.disposal === 'cleared') clear(canvas, frame.box);
  }
  return { data, size, frames: wanted.count, channels };
}

async function layFrame(canvas: Raster, frame: StoredFrame, decode: DecodeFrame): Promise<void> {
  const { width, height } = visible(frame.box, canvas.size);
  if (width <= 0 || height <= 0) return;
  if (area(frame.box) > area(canvas.size) + mostPixelsOver) {
    throw new Failure('too_large', 'The original has a frame that is much larger than the picture itself.');
  }
  const patch = await decodeFrame(frame, decode);
  const put = frame.blends && patch.channels === 4 ? putOver : putPlain;
  put(canvas, patch, { ...frame.box, width, height });
}

async function decodeFrame(frame: StoredFrame, decode: DecodeFrame): Promise<Raster> {
  const file = frame.file();
  try {
    return await decode(file, frame.box);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw damaged(cause);
  }
}

function area({ width, height }: Size): number {
  return width * height;
}

/** What is inside the canvas; nothing, or less, where the box lies outside. */
function visible({ left, top, width, height }: Box, canvas: Size): Size {
  return { width: Math.min(width, canvas.width - left), height: Math.min(height, canvas.height - top) };
}

function clear(canvas: Raster, box: Box): void {
  const { width, height } = visible(box, canvas.size);
  if (width <= 0) return;
  for (let row = 0; row < height; row += 1) {
    const at = ((box.top + row) * canvas.size.width + box.left) * channels;
    canvas.data.fill(0, at, at + width * channels);
  }
}

/** Says that frames are damaged, or lost. */
export function damaged(cause?: unknown): Failure {
  return new Failure('corrupt', 'The original does not decode: the data of its frames are damaged.', { cause });
}

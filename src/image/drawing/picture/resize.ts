import type { ResizeOptions } from 'sharp';
import type { Size } from '../../containers/facts.ts';
import { eachFrame, type Picture, pictureOf, rasterOf, readyFor } from './picture.ts';
import { turnedSize } from './turn.ts';

type Kernel = 'nearest';

/** Scales to exactly that size; the pending turn comes after it. No frame of an animation sees another. */
export async function resize(picture: Picture, to: Size, kernel?: Kernel): Promise<Picture> {
  return picture.frames > 1 ? resizeFrames(picture, to, kernel) : scale(picture, to, kernel);
}

async function scale(picture: Picture, to: Size, kernel?: Kernel): Promise<Picture> {
  if (picture.drawnAs !== undefined && isSame(to, picture.drawnAs)) return { ...picture, size: to, drawnAs: undefined };
  if (isSame(to, picture.size)) return picture;
  const ready = await readyFor(picture, 'resized');
  const before = turnedSize(to, ready.turn);
  return {
    ...ready,
    pipeline: ready.pipeline.resize(before.width, before.height, optionsOf(kernel)),
    stage: 'resized',
    size: to,
  };
}

function optionsOf(kernel: Kernel | undefined): ResizeOptions {
  return kernel === undefined ? { fit: 'fill' } : { fit: 'fill', kernel };
}

/**
 * sharp scales an animation as one picture with its frames one below the other, where each would run over into the next.
 * So widths are reduced as they lie, and heights with the frames side by side. That takes a third to a half of what frame
 * by frame takes, which is left for what grows: libvips then looks at neighbours on all sides, whichever side grows.
 */
async function resizeFrames(picture: Picture, to: Size, kernel: Kernel | undefined): Promise<Picture> {
  if (isSame(to, picture.size)) return picture;
  const begun = await scale(picture, sizeAsLoaded(picture, to));
  if (to.width > begun.size.width || to.height > begun.size.height) {
    return eachFrame(begun, (frame) => frame.resize(to.width, to.height, optionsOf(kernel)));
  }
  return reduceHeights(await scale(begun, { width: to.width, height: begun.size.height }), to.height);
}

/** The size that a decoder which scales each frame by itself makes on the way to that one; without one, what it is now. */
function sizeAsLoaded({ scalesFrames, stage, size }: Picture, to: Size): Size {
  const shrink = Math.min(size.width / to.width, size.height / to.height);
  if (!scalesFrames || stage !== 'opened' || shrink <= 1) return size;
  // As sharp asks for it, and as libvips rounds it.
  const factor = 1 / shrink;
  return { width: roundHalfEven(size.width * factor), height: roundHalfEven(size.height * factor) };
}

/** C's `rint`. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + (floor % 2) : Math.round(value);
}

async function reduceHeights(picture: Picture, height: number): Promise<Picture> {
  if (height === picture.size.height) return picture;
  const { data, size, frames, channels } = await rasterOf(picture);
  const { width } = size;
  const rowBytes = width * channels;
  const beside = pictureOf({
    data: interleaved(data, rowBytes, frames),
    size: { width: width * frames, height: size.height },
    frames: 1,
    channels,
  });
  const scaled = await rasterOf(await scale(beside, { width: width * frames, height }));
  return pictureOf({ ...scaled, data: interleaved(scaled.data, rowBytes, height), size: { width, height }, frames });
}

/**
 * Rows in groups of equal length, as the first rows of all groups, then the second, and so on: frames that lie below each
 * other come to lie side by side, and, taken as groups of one row of each frame, below each other again.
 */
function interleaved(data: Buffer, rowBytes: number, groups: number): Buffer {
  const rows = data.length / rowBytes / groups;
  const mixed = Buffer.allocUnsafe(data.length);
  for (let group = 0, from = 0; group < groups; group += 1) {
    for (let row = 0; row < rows; row += 1, from += rowBytes) {
      data.copy(mixed, (row * groups + group) * rowBytes, from, from + rowBytes);
    }
  }
  return mixed;
}

function isSame(one: Size, other: Size): boolean {
  return one.width === other.width && one.height === other.height;
}

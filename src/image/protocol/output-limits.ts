import { Failure } from '../../failure.ts';
import type { ImageFormat, StepLayout } from '../../grammar/index.ts';
import type { Size } from '../containers/facts.ts';

/** Bounds of what a render may make; checked before it is sent and, where a step learns its size late, again inside. */
export interface OutputLimits {
  /** Pixels. */
  readonly maxOutputSide: number;
  /** Pixels of all frames together. */
  readonly maxOutputPixels: number;
}

/** Longest side a format can say, in pixels. */
const longestSides: Readonly<Record<ImageFormat, number>> = {
  jpeg: 65_500,
  png: 2_147_483_647,
  webp: 16_383,
  avif: 16_384,
  gif: 65_535,
};

/** What a picture on its way was when it began. */
export interface OnTheWay {
  readonly start: Size;
  readonly frames: number;
}

/** What a component makes on its way may be as large as the original or as large as an output, whatever is larger. */
export function checkStep({ turned, size }: StepLayout, picture: OnTheWay, limits: OutputLimits): void {
  for (const reached of [turned, size]) checkWork(reached, picture, limits);
}

/** The same for one size that only drawing found out. */
export function checkWork(size: Size, { start, frames }: OnTheWay, limits: OutputLimits): void {
  const longest = Math.max(limits.maxOutputSide, start.width, start.height);
  const most = Math.max(limits.maxOutputPixels, start.width * start.height * frames);
  if (Math.max(size.width, size.height) > longest || size.width * size.height * frames > most) {
    throw outgrown(size, frames, limits);
  }
}

export interface Finished {
  readonly size: Size;
  readonly frames: number;
  readonly format: ImageFormat;
}

/** Refuses a finished picture that is too large to be sent, or to be said in its format. */
export function checkFinished({ size, frames, format }: Finished, limits: OutputLimits): void {
  const side = Math.max(size.width, size.height);
  if (side > limits.maxOutputSide || size.width * size.height * frames > limits.maxOutputPixels) {
    throw outgrown(size, frames, limits);
  }
  if (side > longestSides[format]) {
    throw new Failure(
      'too_large',
      `A ${format} picture has at most ${longestSides[format]} pixels a side, not ${side}.`,
    );
  }
}

function outgrown(size: Size, frames: number, limits: OutputLimits): Failure {
  return new Failure(
    'too_large',
    `The picture asked for would have ${sizeInWords(size, frames)} pixels; at most ${limits.maxOutputSide} a side and ${limits.maxOutputPixels} in all are made.`,
  );
}

/** A size as messages say it. */
export function sizeInWords({ width, height }: Size, frames: number): string {
  return frames === 1 ? `${width} × ${height}` : `${width} × ${height} × ${frames} frames of`;
}

import type { Sharp } from 'sharp';
import { Failure } from '../../../failure.ts';
import type { Component, ImageFormat, ResolvedTransform } from '../../../grammar/index.ts';
import type { RenderJob } from '../../protocol/job.ts';
import { finished, flatten, type Picture, settled } from '../picture/picture.ts';

const white = 'ffffff';

/** What JPEG shows where a picture is transparent: the last colour that was named for a background, else white. */
function lastBackground(steps: readonly Component[]): string {
  const named = steps.flatMap(({ background }) =>
    background?.kind === 'colour' ? [background.colour.slice(0, 6)] : [],
  );
  return named.at(-1) ?? white;
}

/** The channels that a format has, or that a flag asks for. */
export async function inChannelsOf(
  picture: Picture,
  format: ImageFormat,
  transform: ResolvedTransform,
): Promise<Picture> {
  const { flags, steps } = transform;
  if (format === 'jpeg') return flatten(picture, lastBackground(steps));
  if (format !== 'png') return picture;
  if (flags.includes('png24')) return flatten(picture, lastBackground(steps));
  if (!flags.includes('png32')) return picture;
  const ready = await settled(picture);
  return { ...ready, pipeline: ready.pipeline.toColourspace('srgb').ensureAlpha(), hasAlpha: true };
}

/** The numbers of `cs_copy` mean nothing without their profile, which pixels that were taken out have lost. */
export function checkStillStored(opened: Picture, picture: Picture): void {
  // An animation is scaled as pixels, which loses nothing where there is no profile.
  if (opened.pipeline === picture.pipeline || (picture.frames > 1 && opened.numbers !== 'stored')) return;
  throw new Failure(
    'invalid',
    'cs_copy keeps the colours as they are stored, so it takes sizes, fixed cuts and turns only, and of an animation only cuts.',
  );
}

/** Asks the encoder for what it is to say beside the pixels: a packet of XMP, and the profile. Of EXIF it writes nothing. */
export function withStatements(picture: Picture, { transform }: RenderJob, xmp: string | undefined): Sharp {
  const { flags, colourSpace } = transform;
  const pipeline = finished(picture);
  if (xmp !== undefined) pipeline.withXmp(xmp);
  const hasOwn = colourSpace === 'copy' || picture.numbers === 'wide';
  if (flags.includes('force_icc') && !hasOwn) pipeline.withIccProfile('srgb');
  return pipeline;
}

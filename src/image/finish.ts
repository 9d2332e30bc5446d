import type { Sharp } from 'sharp';
import { Failure } from '../failure.ts';
import type { Component, ImageFormat, ResolvedTransform } from '../grammar/index.ts';
import type { RenderJob } from './job.ts';
import { finished, flatten, type Picture, settled } from './picture.ts';

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
  if (opened.pipeline === picture.pipeline) return;
  throw new Failure(
    'invalid',
    'cs_copy keeps the colours as they are stored, so it takes sizes, fixed cuts and turns only.',
  );
}

/** Asks for what the file says about itself beside its pixels: who made it, its density, its profile. */
export async function withStatements(picture: Picture, { transform, attribution }: RenderJob): Promise<Sharp> {
  const { density, flags, colourSpace } = transform;
  // From bare pixels: stating a density would bring all of the original's metadata along.
  const bare = density === undefined ? picture : await settled(picture);
  let pipeline = withAttribution(finished(bare), attribution);
  if (density !== undefined) pipeline = pipeline.withDensity(density);
  if (flags.includes('force_icc') && colourSpace !== 'copy') pipeline = pipeline.withIccProfile('srgb');
  return pipeline;
}

/** Metadata is dropped unless asked for, and then only these two are written: never places, devices or previews. */
function withAttribution(pipeline: Sharp, attribution: RenderJob['attribution']): Sharp {
  if (attribution === undefined) return pipeline;
  const { artist, copyright } = attribution;
  return pipeline.withExif({
    IFD0: {
      ...(artist === undefined ? {} : { Artist: artist }),
      ...(copyright === undefined ? {} : { Copyright: copyright }),
    },
  });
}

import { type ImageFormat, qualityIn, type ResolvedTransform } from '../../../../grammar/index.ts';
import { isMeasured } from '../../../protocol/measured-formats.ts';
import { type Picture, pictureOf, rasterOf } from '../../picture/picture.ts';
import type { WrittenQuality } from '../encode.ts';
import { chooseQuality } from './choose.ts';

/** What is known of a picture before its last encoding. */
export interface Decided {
  /** Run, where its pixels had to be looked at. */
  readonly picture: Picture;
  readonly quality: WrittenQuality | undefined;
  /** The picture at that quality, where the search has written it. */
  readonly bytes: Buffer | undefined;
}

export interface Question extends Pick<ResolvedTransform, 'quality' | 'colourSpace'> {
  readonly format: ImageFormat;
}

/**
 * `q_auto` becomes the number that this picture needs in this format. What a URL names stays as it is, and so does what
 * it says nothing about: the plain case is not to cost more.
 */
export async function decideQuality(
  picture: Picture,
  { format, quality: asked, colourSpace }: Question,
  encode: (picture: Picture, quality: WrittenQuality) => Promise<Buffer>,
): Promise<Decided> {
  const quality = qualityIn(asked, format);
  // The numbers of other colour spaces cannot be compared as these are.
  if (quality?.kind !== 'auto' || !isMeasured(format) || colourSpace === 'copy')
    return { picture, quality, bytes: undefined };
  const chroma = quality.chroma === undefined ? {} : { chroma: quality.chroma };
  const raster = await rasterOf(picture);
  const chosen = await chooseQuality(raster, {
    format,
    level: quality.level,
    encode: (sample, value) => encode(pictureOf(sample), { kind: 'chosen', value, ...chroma }),
  });
  const { bytes, quality: value } = chosen;
  return { picture: pictureOf(raster), quality: { kind: 'chosen', value, ...chroma }, bytes };
}

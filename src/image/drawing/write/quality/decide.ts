import { type ImageFormat, qualityIn, type ResolvedTransform, type SettledQuality } from '../../../../grammar/index.ts';
import { type Picture, pictureOf, rasterOf } from '../../picture/picture.ts';
import { chooseQuality, measuredFormats } from './choose.ts';

export interface Decided {
  /** Run, where its pixels had to be looked at. */
  readonly picture: Picture;
  readonly quality: SettledQuality | undefined;
}

/**
 * `q_auto` becomes the number that this picture needs in this format. What a URL names stays as it is, and so does what
 * it says nothing about: the plain case is not to cost more.
 */
export async function decideQuality(
  picture: Picture,
  format: ImageFormat,
  { quality: asked, colourSpace }: Pick<ResolvedTransform, 'quality' | 'colourSpace'>,
): Promise<Decided> {
  const quality = qualityIn(asked, format);
  const measured = measuredFormats.find((known) => known === format);
  // The numbers of other colour spaces cannot be compared as these are.
  if (quality?.kind !== 'auto' || measured === undefined || colourSpace === 'copy') return { picture, quality };
  const raster = await rasterOf(picture);
  const value = await chooseQuality(raster, measured, quality.level);
  return { picture: pictureOf(raster), quality: { kind: 'fixed', value } };
}

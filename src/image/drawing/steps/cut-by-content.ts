import { type AutoGravity, type Region, visible } from '../../../grammar/index.ts';
import type { Box, Size } from '../../containers/facts.ts';
import { cut, firstFrame, flatten, type Picture, pictureOf, rasterOf, settled } from '../picture/picture.ts';
import { coloured } from '../picture/raster.ts';
import { resize } from '../picture/resize.ts';
import { attractionOf, bestCut, type Wish } from '../seeing/attraction.ts';

/** What a cut by content goes by. */
export interface ContentWish {
  readonly wanted: Size;
  readonly gravity: AutoGravity;
  /** In the picture, or partly. */
  readonly faces: readonly Region[];
}

/** As large a picture as is looked at: its longer side. */
const lookedAt = 256;

/** Keeps the part of that size that draws the eye most; in an animation, of the first frame. */
export async function cutByContent(picture: Picture, wish: ContentWish): Promise<Cut> {
  const { width, height } = picture.size;
  const { wanted } = wish;
  if (wanted.width === width && wanted.height === height) return { picture, box: { ...wanted, left: 0, top: 0 } };
  const ready = await settled(picture);
  const { x, y } = bestCut(attractionOf(await lookAt(ready)), wishOf(picture.size, wish));
  const box = {
    ...wanted,
    left: Math.min(width - wanted.width, Math.round(x * width)),
    top: Math.min(height - wanted.height, Math.round(y * height)),
  };
  return { picture: await cut(ready, box), box };
}

/** What was kept of a picture, and where it lay. */
export interface Cut {
  readonly picture: Picture;
  readonly box: Box;
}

/** The first frame, small, in colours, on white where it is not opaque. */
async function lookAt(picture: Picture) {
  const { width, height } = picture.size;
  const shrink = Math.min(1, lookedAt / Math.max(width, height));
  const size = { width: Math.max(1, Math.round(width * shrink)), height: Math.max(1, Math.round(height * shrink)) };
  const small = await resize(await firstFrame(picture), size);
  return coloured(await rasterOf(await flatten(pictureOf(await rasterOf(small)), 'ffffff')));
}

/** Beside all that else draws the eye, which counts as some 1 to 3; where faces are asked for, they decide. */
const [usualFaceWeight, askedFaceWeight, usualMiddleWeight] = [2, 10, 2];

function wishOf({ width, height }: Size, { wanted, gravity, faces: known }: ContentWish): Wish {
  const faces = visible(known).toSorted((one, other) => other.width * other.height - one.width * one.height);
  const { algorithm, thirds, faces: asked } = gravity;
  const isClassic = algorithm === 'classic';
  const weights = { face: askedFaceWeight, faces: askedFaceWeight, no_faces: -askedFaceWeight };
  return {
    cut: { width: wanted.width / width, height: wanted.height / height },
    faces: asked === 'face' ? faces.slice(0, 1) : faces,
    faceWeight: asked === undefined ? (isClassic ? 0 : usualFaceWeight) : weights[asked],
    middleWeight: isClassic ? 0 : usualMiddleWeight,
    keepsThirds: isClassic && thirds !== false,
  };
}

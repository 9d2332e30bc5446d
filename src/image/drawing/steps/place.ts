import type { AutoCut, FixedCut, Placement, Region } from '../../../grammar/index.ts';
import type { Box, Size } from '../../containers/facts.ts';
import { cut, type Picture, readyForColour } from '../picture/picture.ts';
import { resize } from '../picture/resize.ts';
import { cutByContent } from './cut-by-content.ts';
import { type Shown, seenWithin } from './shown.ts';

/** A canvas of no colour. */
export const clear = '00000000';

/** Resizes to exactly `scaled` and cuts: the first two parts of a placement. `faces` are those in the picture. */
export async function scaleAndCut(
  picture: Picture,
  { scaled, cut: wanted }: Placement,
  faces: readonly Region[],
): Promise<Shown> {
  if (wanted === undefined) return { picture: await resize(picture, scaled), faces };
  const isThere = picture.drawnAs !== undefined;
  const grows = scaled.width > picture.size.width || scaled.height > picture.size.height;
  // Enlarging first would draw pixels that are cut away: a strip of 1 × 65535 filled to 320 × 320 has 6.7 gigapixels.
  if (grows && !isThere) {
    const kept = await cutOut(picture, { wanted, box: beforeScaling(wanted, scaled, picture.size) }, faces);
    return { ...kept, picture: await resize(kept.picture, { width: wanted.width, height: wanted.height }) };
  }
  return cutOut(await resize(picture, scaled), { wanted, box: { left: 0, top: 0, ...wanted } }, faces);
}

interface WantedCut {
  readonly wanted: FixedCut | AutoCut;
  /** The same in the pixels that there are; where the content decides, only its size counts. */
  readonly box: Box;
}

async function cutOut(picture: Picture, { wanted, box }: WantedCut, faces: readonly Region[]): Promise<Shown> {
  const kept =
    wanted.auto === true
      ? await cutByContent(picture, { wanted: box, gravity: wanted.gravity, faces })
      : { picture: await cut(picture, box), box };
  return { picture: kept.picture, faces: seenWithin(faces, kept.box, picture.size) };
}

/** The part of the unscaled picture that becomes the cut. */
function beforeScaling(
  wanted: Size & { readonly left?: number; readonly top?: number },
  scaled: Size,
  from: Size,
): Box {
  const across = from.width / scaled.width;
  const down = from.height / scaled.height;
  const width = within(Math.round(wanted.width * across), 1, from.width);
  const height = within(Math.round(wanted.height * down), 1, from.height);
  return {
    width,
    height,
    left: within(Math.round((wanted.left ?? 0) * across), 0, from.width - width),
    top: within(Math.round((wanted.top ?? 0) * down), 0, from.height - height),
  };
}

function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

/** Puts the picture on a larger canvas of that colour (`rrggbb` or `rrggbbaa`). */
export async function extend(picture: Picture, canvas: Box, colour: string): Promise<Picture> {
  const { width, height } = picture.size;
  if (canvas.width === width && canvas.height === height) return picture;
  const ready = await readyForColour(picture, 'extended', colour);
  return {
    ...ready,
    pipeline: ready.pipeline.extend({
      left: canvas.left,
      top: canvas.top,
      right: canvas.width - canvas.left - width,
      bottom: canvas.height - canvas.top - height,
      background: `#${colour}`,
    }),
    stage: 'extended',
    size: { width: canvas.width, height: canvas.height },
    hasAlpha: ready.hasAlpha || colour.length === 8,
  };
}

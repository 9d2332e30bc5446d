import type { Border, Radius } from '../../../grammar/index.ts';
import type { Size } from '../../containers/facts.ts';
import { type Picture, readyForColour } from '../picture/picture.ts';
import { clear, extend } from './place.ts';
import { type Arc, type Arcs, arcsOf, roundedShape } from './radius.ts';
import { paintShape } from './shapes.ts';

/** Adds a border on every side, outside of the picture; with a radius of the same component it follows the curve. */
export async function applyBorder(picture: Picture, border: Border, radius: Radius | undefined): Promise<Picture> {
  const { width: thickness, colour } = border;
  const { width, height } = picture.size;
  const outer = { width: width + 2 * thickness, height: height + 2 * thickness };
  const arcs = radius === undefined ? undefined : arcsOf(radius, picture.size);
  if (arcs === undefined || arcs.every((arc) => arc.across === 0 || arc.down === 0)) {
    return extend(picture, { ...outer, left: thickness, top: thickness }, colour);
  }
  const canvas = await extend(picture, { ...outer, left: thickness, top: thickness }, clear);
  const ready = await readyForColour(canvas, 'composited', colour);
  const ring = {
    input: ringOf(picture.size, arcs, border),
    raw: { ...outer, channels: 4 as const },
    // Both edges are soft: only sums of coverage meet without a seam.
    blend: 'add' as const,
    tile: picture.frames > 1,
    gravity: 'northwest',
  };
  return { ...ready, pipeline: ready.pipeline.composite([ring]), stage: 'composited', hasAlpha: true };
}

/** The border alone: what lies inside the outer shape and outside the inner one. */
function ringOf(inner: Size, arcs: Arcs, { width: thickness, colour }: Border): Buffer {
  const outer = { width: inner.width + 2 * thickness, height: inner.height + 2 * thickness };
  const wider = (arc: Arc): Arc =>
    arc.across === 0 || arc.down === 0 ? arc : { across: arc.across + thickness, down: arc.down + thickness };
  const shape = roundedShape(outer, [wider(arcs[0]), wider(arcs[1]), wider(arcs[2]), wider(arcs[3])]);
  const hole = roundedShape(inner, arcs);
  for (let row = 0; row < inner.height; row += 1) {
    const start = (row + thickness) * outer.width + thickness;
    for (let column = 0; column < inner.width; column += 1) {
      shape[start + column] = Math.max(0, (shape[start + column] ?? 0) - (hole[row * inner.width + column] ?? 0));
    }
  }
  return paintShape(shape, colour);
}

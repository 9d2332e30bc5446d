import { type Region, seenIn } from '../../../grammar/index.ts';
import type { Box, Size } from '../../containers/facts.ts';
import type { Picture } from '../picture/picture.ts';
import type { Turn } from '../picture/turn.ts';

/** A picture in the making, and the faces in it. */
export interface Shown {
  readonly picture: Picture;
  /** Shares of the picture as it is now. */
  readonly faces: readonly Region[];
}

/** The faces of a picture of that size in what shows this box of it; a box that is larger has more around. */
export function seenWithin(faces: readonly Region[], box: Box, { width, height }: Size): readonly Region[] {
  if (faces.length === 0) return faces;
  return seenIn(faces, {
    x: box.left / width,
    y: box.top / height,
    width: box.width / width,
    height: box.height / height,
  });
}

/** The same once the picture lies on a canvas, at `left` and `top` of it. */
export function seenOn(faces: readonly Region[], canvas: Box, size: Size): readonly Region[] {
  return seenWithin(faces, { ...canvas, left: -canvas.left, top: -canvas.top }, size);
}

/** The same once the picture is turned. */
export function seenTurned(faces: readonly Region[], { flip, flop, quarters }: Turn): readonly Region[] {
  const mirrored = faces.map((face) => ({
    ...face,
    x: flop ? 1 - face.x - face.width : face.x,
    y: flip ? 1 - face.y - face.height : face.y,
  }));
  return Array.from({ length: quarters }).reduce<readonly Region[]>(
    (turned) => turned.map(({ x, y, width, height }) => ({ x: 1 - y - height, y: x, width: height, height: width })),
    mirrored,
  );
}

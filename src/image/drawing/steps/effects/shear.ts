import { type Effect, sheared, shearOf } from '../../../../grammar/index.ts';
import { eachFrame } from '../../picture/picture.ts';
import type { Shown } from '../shown.ts';

const empty = { r: 0, g: 0, b: 0, alpha: 0 };

/** Moves rows across and columns down, the further the further they are; the corners that this leaves are clear. */
export async function shear({ picture, faces }: Shown, effect: Effect): Promise<Shown> {
  const by = shearOf({ effect });
  if (by === undefined) return { picture, faces };
  const drawn = await eachFrame(picture, (frame) =>
    frame.toColourspace('srgb').ensureAlpha().affine([1, by.across, by.down, 1], { background: empty }),
  );
  return { picture: drawn, faces: sheared(faces, by, picture.size) };
}

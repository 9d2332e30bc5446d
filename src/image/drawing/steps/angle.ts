import type { WantedTurn } from '../../../grammar/index.ts';
import { eachFrame, type Picture, turn } from '../picture/picture.ts';
import { quarterTurns } from '../picture/turn.ts';

/** Corners that a free angle leaves are empty: the background step, or the encoder's flattening, fills them. */
const empty = { r: 0, g: 0, b: 0, alpha: 0 };

/** Turns clockwise, then mirrors. Quarter turns move pixels; other angles draw the picture anew on a larger canvas. */
export async function applyTurn(picture: Picture, wanted: WantedTurn): Promise<Picture> {
  const { degrees } = wanted;
  const turned =
    degrees % 90 === 0
      ? await turn(picture, { flip: false, flop: false, quarters: quarterTurns(degrees / 90) })
      : await eachFrame(picture, (frame) => frame.rotate(degrees, { background: empty }));
  return turn(turned, { flip: wanted.flipVertical, flop: wanted.flipHorizontal, quarters: 0 });
}

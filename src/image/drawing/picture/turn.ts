import type { Orientation, Size } from '../../containers/facts.ts';

/** One of the eight ways a picture can lie: first upside down, then mirrored, then turned clockwise. */
export interface Turn {
  readonly flip: boolean;
  readonly flop: boolean;
  readonly quarters: 0 | 1 | 2 | 3;
}

export const upright: Turn = { flip: false, flop: false, quarters: 0 };

export function isUpright(turn: Turn): boolean {
  return !turn.flip && !turn.flop && turn.quarters === 0;
}

/** What brings a picture stored in that EXIF orientation upright. */
export const turnOfOrientation: Readonly<Record<Orientation, Turn>> = {
  1: upright,
  2: { flip: false, flop: true, quarters: 0 },
  3: { flip: false, flop: false, quarters: 2 },
  4: { flip: true, flop: false, quarters: 0 },
  5: { flip: true, flop: false, quarters: 1 },
  6: { flip: false, flop: false, quarters: 1 },
  7: { flip: true, flop: false, quarters: 3 },
  8: { flip: false, flop: false, quarters: 3 },
};

/** Both turns in one: `first`, then `second`. */
export function thenTurn(first: Turn, second: Turn): Turn {
  // A mirror that comes after a quarter turn is the other mirror before it.
  const lies = first.quarters % 2 === 1;
  const flip = lies ? second.flop : second.flip;
  const flop = lies ? second.flip : second.flop;
  return {
    flip: first.flip !== flip,
    flop: first.flop !== flop,
    quarters: quarterTurns(first.quarters + second.quarters),
  };
}

/** What takes a turn back. */
export function inverseTurn({ flip, flop, quarters }: Turn): Turn {
  return thenTurn({ ...upright, quarters: quarterTurns(-quarters) }, { ...upright, flip, flop });
}

export function quarterTurns(count: number): Turn['quarters'] {
  const rest = ((count % 4) + 4) % 4;
  return rest === 1 || rest === 2 || rest === 3 ? rest : 0;
}

export function turnedSize(size: Size, turn: Turn): Size {
  return turn.quarters % 2 === 1 ? { width: size.height, height: size.width } : size;
}

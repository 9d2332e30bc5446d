import { type Parsed, parseInteger } from './values.ts';

export interface Angle {
  /** EXIF orientation is applied unless this is set. */
  readonly ignoreExif?: boolean;
  /** Clockwise, 0 ≤ degrees < 360. */
  readonly degrees: number;
  readonly flipHorizontal?: boolean;
  readonly flipVertical?: boolean;
  /** Turn by 90° that way only when the requested and the real orientation disagree. */
  readonly auto?: 'left' | 'right';
}

/**
 * Reads `a_`: turns and flips joined by `.`, worked in the order written. The result turns first and flips last,
 * with at most one flip, and then by less than 180°, so that equal movements are equal values.
 */
export function parseAngle(text: string): Parsed<Angle> {
  let degrees = 0;
  let horizontal = false;
  let vertical = false;
  let turns = 0;
  let ignoreExif = false;
  let auto: Angle['auto'];
  for (const word of text.split('.')) {
    const turn = parseInteger(word, -36_000, 36_000);
    if (turn !== undefined) {
      // `12.5` would read as two turns.
      turns += 1;
      if (turns > 1) return { problem: 'a_ takes one whole number of degrees' };
      // A turn after one flip is the opposite turn before it.
      degrees += horizontal === vertical ? turn : -turn;
    } else if (word === 'hflip') horizontal = !horizontal;
    else if (word === 'vflip') vertical = !vertical;
    else if (word === 'ignore') ignoreExif = true;
    else if (word === 'auto_left') auto = 'left';
    else if (word === 'auto_right') auto = 'right';
    // `auto` and `exif` ask for what happens anyway.
    else if (word !== 'auto' && word !== 'exif') return undefined;
  }
  return {
    ...normalMovement(degrees, horizontal, vertical),
    ...(ignoreExif ? { ignoreExif } : {}),
    ...(auto === undefined ? {} : { auto }),
  };
}

function normalMovement(turned: number, horizontal: boolean, vertical: boolean): Angle {
  const degrees = (((turned + (horizontal && vertical ? 180 : 0)) % 360) + 360) % 360;
  if (horizontal === vertical) return { degrees };
  // One flip after a half turn is the other flip.
  const flipped = degrees >= 180 ? vertical : horizontal;
  const rest = degrees % 180;
  return flipped ? { degrees: rest, flipHorizontal: true } : { degrees: rest, flipVertical: true };
}

/** The canonical form of an angle. */
export function writeAngle(angle: Angle): string {
  const words = [
    angle.ignoreExif === true ? 'ignore' : undefined,
    angle.auto === undefined ? undefined : `auto_${angle.auto}`,
    angle.degrees === 0 ? undefined : String(angle.degrees),
    angle.flipHorizontal === true ? 'hflip' : undefined,
    angle.flipVertical === true ? 'vflip' : undefined,
  ].filter((word) => word !== undefined);
  return words.length === 0 ? '0' : words.join('.');
}

/** True when nothing is turned and nothing flipped. */
export function isStill(angle: Angle): boolean {
  return writeAngle(angle) === '0';
}

import { Failure } from '../../failure.ts';
import type { Point } from '../parameters/gravity.ts';

/** The metadata of an original that says what matters most in it: `0.3,0.25`, shares of width and height. */
const name = 'focal';

/** The focal point that an original's metadata name; undefined where they name none, or none that is inside. */
export function focusIn(metadata: Readonly<Record<string, string>>): Point | undefined {
  const [, x, y] =
    /^(0(?:\.\d{1,6})?|1(?:\.0{1,6})?),(0(?:\.\d{1,6})?|1(?:\.0{1,6})?)$/.exec(metadata[name] ?? '') ?? [];
  return x === undefined || y === undefined ? undefined : { x: Number(x), y: Number(y) };
}

/** Metadata that say it, for whoever stores an original. Failures: `invalid` for a point outside of the picture. */
export function focusMetadata({ x, y }: Point): Readonly<Record<string, string>> {
  if (![x, y].every((share) => share >= 0 && share <= 1)) {
    throw new Failure('invalid', `A focal point has shares of width and height from 0 to 1; got ${x},${y}.`);
  }
  return { [name]: [x, y].map((share) => String(Math.round(share * 10_000) / 10_000)).join(',') };
}

/** Metadata without what they say of the focal point. */
export function withoutFocus(metadata: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => key !== name));
}

/** Reads `0.3,0.25`, as people write a focal point. Failures: `invalid`. */
export function parseFocus(text: string): Point {
  const focus = focusIn({ [name]: text });
  if (focus !== undefined) return focus;
  throw new Failure(
    'invalid',
    `A focal point is x,y with shares from 0 to 1, as in 0.3,0.25; got ${JSON.stringify(text)}.`,
  );
}

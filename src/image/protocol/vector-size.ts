import { type Component, layout } from '../../grammar/index.ts';
import type { Facts, Size } from '../containers/facts.ts';

/** More is drawn by making a picture larger than it is. */
const mostPixels = 40_000_000;

/** What a picture of lines is drawn for. */
export interface DrawnFor {
  /** What is done to it, in this order. */
  readonly steps: readonly Component[];
  /** What shares of sizes are of, in a layer with `fl_relative`. */
  readonly shares?: Size | undefined;
}

/**
 * The size at which a picture of lines is drawn: the one that it is scaled to where that comes first, so that nothing is made larger
 * or smaller as pixels; undefined for its own.
 */
export function drawnSize({ size }: Pick<Facts, 'size'>, { steps: [first], shares }: DrawnFor): Size | undefined {
  if (first === undefined || first.angle !== undefined || first.gravity?.kind === 'face') return undefined;
  const { scaled } = layout(first, size, { original: size, shares });
  const isSame = scaled.width === size.width && scaled.height === size.height;
  return isSame || scaled.width * scaled.height > mostPixels ? undefined : scaled;
}

/** What is said of a picture that has no pixels of its own, once it is known in which size it is drawn. */
export function asDrawn(facts: Facts, how: DrawnFor): Facts {
  return facts.vector === undefined ? facts : { ...facts, stored: drawnSize(facts, how) ?? facts.size };
}

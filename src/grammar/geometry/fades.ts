import type { Component } from '../meaning/transform.ts';
import { resolveLength, type Size } from './resolve-length.ts';

/** From which end of an axis a picture fades, and how many pixels of it. */
export interface Fade {
  readonly axis: 'x' | 'y';
  readonly from: 'start' | 'end';
  readonly reach: number;
}

/** Where nothing says how far, it is half of the picture from the top. */
const standardShare = 0.5;

/** What `e_gradient_fade` lets fade: by `x_` and `y_`, from the other side where they are negative, and from both where it is symmetric. */
export function fadesOf({ effect, x, y }: Component, current: Size, original: Size): readonly Fade[] {
  const quantities = { current, original, shares: current };
  const across = x && resolveLength(x, 'width', quantities);
  const down = y && resolveLength(y, 'height', quantities);
  const standard = across === undefined ? current.height * standardShare : undefined;
  const asked = [
    ['x', across],
    ['y', down ?? standard],
  ] as const;
  return asked.flatMap(([axis, reach]) => {
    if (reach === undefined || reach === 0) return [];
    const from = reach > 0 ? ('start' as const) : ('end' as const);
    const ends = effect?.mode === 'symmetric' ? (['start', 'end'] as const) : [from];
    return ends.map((end) => ({ axis, from: end, reach: Math.abs(reach) }));
  });
}

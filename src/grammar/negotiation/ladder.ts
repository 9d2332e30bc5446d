import { Failure } from '../../failure.ts';
import { shorten } from '../ids/ids.ts';
import type { Component, ResolvedTransform } from '../meaning/transform.ts';
import { type Length, writeLength } from '../parameters/lengths.ts';
import { holdToClosedSet } from './closed-set.ts';

/** The smallest step at least this wide; the widest step for what is wider still. */
export function stepFor(width: number, ladder: readonly number[]): number {
  let step: number | undefined;
  let widest = 1;
  for (const candidate of ladder) {
    if (candidate >= width && (step === undefined || candidate < step)) step = candidate;
    if (candidate > widest) widest = candidate;
  }
  return step ?? widest;
}

/**
 * What an unsigned URL is held to under `ladder`. Its sizes to the ladder, dpr included: each component's width, or its
 * height where that is all it says; a height beside a width is free, since it is the shape that the page chose. And the
 * rest to the closed set of values, which has no layers.
 * With `snap` a size becomes the next larger step, its height following in proportion; without, `invalid` names the
 * neighbours. A size that is no number of pixels is refused either way: what it comes to depends on the original.
 */
export function holdToLadder(
  transform: ResolvedTransform,
  ladder: { readonly widths: readonly number[]; readonly snap: boolean },
): ResolvedTransform {
  const hold = (component: Component) => holdComponent(component, ladder.widths, ladder.snap);
  const held = { ...transform, steps: transform.steps.map(hold) };
  holdToClosedSet(held);
  return held;
}

function holdComponent(component: Component, ladder: readonly number[], snap: boolean): Component {
  const { width, height } = component;
  if (width === undefined) {
    return height === undefined ? component : { ...component, height: heldSide('height', height, { ladder, snap }) };
  }
  const held = heldSide('width', width, { ladder, snap });
  if (height === undefined) return { ...component, width: held };
  if (height.unit !== 'pixels') throw relative('height', height);
  if (width.unit !== 'pixels' || held === width) return component;
  const following = Math.max(1, Math.round((height.value * held.value) / width.value));
  return { ...component, width: held, height: { unit: 'pixels', value: following } };
}

type Pixels = Extract<Length, { unit: 'pixels' }>;

/** The same side where it is on the ladder. */
function heldSide(
  side: 'width' | 'height',
  asked: Length,
  { ladder, snap }: { readonly ladder: readonly number[]; readonly snap: boolean },
): Pixels {
  if (asked.unit !== 'pixels') throw relative(side, asked);
  if (ladder.includes(asked.value)) return asked;
  if (!snap) throw offLadder(side, asked.value, ladder);
  return { unit: 'pixels', value: stepFor(asked.value, ladder) };
}

function offLadder(side: 'width' | 'height', pixels: number, ladder: readonly number[]): Failure {
  const name = side === 'width' ? 'Width' : 'Height';
  const text = `${name} ${pixels} is not on the ladder that unsigned URLs are held to`;
  return new Failure('invalid', `${text}; ${neighbours(pixels, ladder)}.`);
}

function relative(side: 'width' | 'height', asked: Length): Failure {
  const written = `${side === 'width' ? 'w' : 'h'}_${writeLength(asked)}`;
  return new Failure(
    'invalid',
    `Unsigned URLs may not say ${shorten(written)} here: expected pixels, since what a share comes to depends on the original. Sign the URL, or make a preset of it.`,
  );
}

function neighbours(pixels: number, ladder: readonly number[]): string {
  const sorted = [...ladder].sort((left, right) => left - right);
  const below = sorted.findLast((step) => step < pixels);
  const above = sorted.find((step) => step > pixels);
  const near = [below, above].filter((step) => step !== undefined);
  return near.length === 2 ? `its neighbours are ${near.join(' and ')}` : `the nearest step is ${near.join('')}`;
}

import { Failure } from '../failure.ts';
import type { Component, Length, ResolvedTransform } from './transform.ts';

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
 * Holds sizes to the ladder, dpr included: each component's width, or its height where that is all it says. A height
 * beside a width is free, since it is the shape that the page chose. Layers are not held to it.
 * With `snap` a size becomes the next larger step, its height following in proportion; without, `invalid` names the
 * neighbours. A size that is no number of pixels is refused either way: what it comes to depends on the original.
 */
export function holdToLadder(
  transform: ResolvedTransform,
  ladder: { readonly widths: readonly number[]; readonly snap: boolean },
): ResolvedTransform {
  const hold = (component: Component) => holdComponent(component, ladder.widths, ladder.snap);
  return { ...transform, steps: transform.steps.map(hold) };
}

function holdComponent(component: Component, ladder: readonly number[], snap: boolean): Component {
  const { width, height } = component;
  const side = width === undefined ? 'height' : 'width';
  const asked = width ?? height;
  if (asked === undefined) return component;
  const pixels = asked.unit === 'pixels' ? asked.value : undefined;
  if (pixels !== undefined && ladder.includes(pixels)) return component;
  if (pixels === undefined || !snap) throw offLadder(side, pixels, ladder);
  const step = stepFor(pixels, ladder);
  const snapped: Length = { unit: 'pixels', value: step };
  if (side === 'height') return { ...component, height: snapped };
  if (height?.unit !== 'pixels') return { ...component, width: snapped };
  const following = Math.max(1, Math.round((height.value * step) / pixels));
  return { ...component, width: snapped, height: { unit: 'pixels', value: following } };
}

function offLadder(side: 'width' | 'height', pixels: number | undefined, ladder: readonly number[]): Failure {
  const name = side === 'width' ? 'Width' : 'Height';
  const asked = pixels === undefined ? `a relative ${side}` : String(pixels);
  const near = pixels === undefined ? '' : `; its neighbours are ${neighbours(pixels, ladder)}`;
  return new Failure('invalid', `${name} ${asked} is not on the ladder that unsigned URLs are held to${near}.`);
}

function neighbours(pixels: number, ladder: readonly number[]): string {
  const sorted = [...ladder].sort((left, right) => left - right);
  const below = sorted.findLast((step) => step < pixels);
  const above = sorted.find((step) => step > pixels);
  return [below, above].filter((step) => step !== undefined).join(' and ');
}

import type { Component, ResolvedTransform } from '../meaning/transform.ts';
import { layout, type Placement, type References } from './geometry.ts';
import type { Size } from './resolve-length.ts';
import { placeShadow } from './shadow.ts';
import { shearedBounds, shearOf } from './shears.ts';
import { resolveTurn, turnedBounds, type WantedTurn } from './turns.ts';

/** Every size one component goes through. */
export interface StepLayout {
  readonly turn: WantedTurn;
  /** After the turn. */
  readonly turned: Size;
  readonly placement: Placement;
  /** At the end: after cut or canvas, shear, border and shadow. */
  readonly size: Size;
}

/**
 * What one component does to a picture's size. Trimming counts as no change, and so do layers: what they enlarge is
 * known only with the layer's own size (`placeLayer`).
 */
export function layoutStep(component: Component, current: Size, references: References): StepLayout {
  if (component.choice !== undefined) throw new Error('a condition is decided before anything is laid out');
  const turn = resolveTurn(component, current);
  const turned = turnedBounds(current, turn.degrees);
  const placement = layout(component, turned, references);
  const placed = placement.canvas ?? placement.cut ?? placement.scaled;
  const shear = shearOf(component);
  const { width, height } = shear === undefined ? placed : shearedBounds(placed, shear);
  const border = 2 * (component.border?.width ?? 0);
  const bordered = { width: width + border, height: height + border };
  const shadow = placeShadow(component, bordered, references.original);
  const size = shadow === undefined ? bordered : { width: shadow.canvas.width, height: shadow.canvas.height };
  return { turn, turned, placement, size };
}

/** The layouts of all components of a chain, from the original's size after EXIF orientation. */
export function layoutSteps(transform: Pick<ResolvedTransform, 'steps'>, original: Size): readonly StepLayout[] {
  const layouts: StepLayout[] = [];
  for (const step of transform.steps) {
    layouts.push(layoutStep(step, layouts.at(-1)?.size ?? original, { original }));
  }
  return layouts;
}

import type { Component, ResolvedTransform } from '../meaning/transform.ts';
import { layout, type Placement, type References } from './geometry.ts';
import type { Size } from './resolve-length.ts';
import { placeShadow } from './shadow.ts';

/** How a component turns the picture before anything else: by `degrees` clockwise, then flipped. */
export interface WantedTurn {
  readonly degrees: number;
  readonly flipHorizontal: boolean;
  readonly flipVertical: boolean;
}

/** Every size one component goes through. */
export interface StepLayout {
  readonly turn: WantedTurn;
  /** After the turn. */
  readonly turned: Size;
  readonly placement: Placement;
  /** At the end: after cut or canvas, border and shadow. */
  readonly size: Size;
}

/**
 * What one component does to a picture's size. Trimming counts as no change, and so do layers: what they enlarge is
 * known only with the layer's own size (`placeLayer`).
 */
export function layoutStep(component: Component, current: Size, references: References): StepLayout {
  const turn = resolveTurn(component, current);
  const turned = turnedBounds(current, turn.degrees);
  const placement = layout(component, turned, references);
  const { width, height } = placement.canvas ?? placement.cut ?? placement.scaled;
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

/** The turn of a component, `auto` decided: a quarter that way when the requested orientation is the other one. */
export function resolveTurn(component: Component, current: Size): WantedTurn {
  const angle = component.angle;
  const quarter = angle?.auto === undefined || !wantsOtherOrientation(component, current) ? 0 : autoDegrees[angle.auto];
  return {
    degrees: ((angle?.degrees ?? 0) + quarter) % 360,
    flipHorizontal: angle?.flipHorizontal === true,
    flipVertical: angle?.flipVertical === true,
  };
}

const autoDegrees = { right: 90, left: 270 } as const;

function wantsOtherOrientation(component: Component, current: Size): boolean {
  const { width, height, aspectRatio } = component;
  const isBoth = width !== undefined && height !== undefined && width.unit === 'pixels' && height.unit === 'pixels';
  const wanted = isBoth ? width.value / height.value : aspectRatio;
  const real = current.width / current.height;
  return wanted !== undefined && (wanted - 1) * (real - 1) < 0;
}

/** The upright box round a turned picture, rounded as libvips does. */
export function turnedBounds(size: Size, degrees: number): Size {
  if (degrees % 180 === 0) return size;
  if (degrees % 90 === 0) return { width: size.height, height: size.width };
  const radians = (degrees * Math.PI) / 180;
  const [cosine, sine] = [Math.abs(Math.cos(radians)), Math.abs(Math.sin(radians))];
  return {
    width: Math.max(1, Math.round(size.width * cosine + size.height * sine)),
    height: Math.max(1, Math.round(size.width * sine + size.height * cosine)),
  };
}

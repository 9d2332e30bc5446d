import type { Component } from '../meaning/transform.ts';
import type { Size } from './resolve-length.ts';

/** How a component turns the picture before anything else: by `degrees` clockwise, then flipped. */
export interface WantedTurn {
  readonly degrees: number;
  readonly flipHorizontal: boolean;
  readonly flipVertical: boolean;
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

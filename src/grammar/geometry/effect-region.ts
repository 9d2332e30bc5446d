import type { Component } from '../meaning/transform.ts';
import type { Region } from '../parameters/gravity.ts';
import { resolveLength, resolveSize, type Size } from './resolve-length.ts';

/**
 * What an effect of a region works on, as a share of the picture that it is drawn into: `x_`, `y_` from the top left, `w_` and `h_`, each
 * all that is left where it is not said. Undefined where nothing of it is in the picture.
 */
export function effectRegion({ x, y, width, height }: Component, current: Size, original: Size): Region | undefined {
  const quantities = { current, original, shares: current };
  const left = x === undefined ? 0 : resolveLength(x, 'width', quantities);
  const top = y === undefined ? 0 : resolveLength(y, 'height', quantities);
  const across = width === undefined ? current.width - left : resolveSize(width, 'width', quantities);
  const down = height === undefined ? current.height - top : resolveSize(height, 'height', quantities);
  const isInside = left < current.width && top < current.height && left + across > 0 && top + down > 0;
  if (!isInside || across <= 0 || down <= 0) return undefined;
  return {
    x: left / current.width,
    y: top / current.height,
    width: across / current.width,
    height: down / current.height,
  };
}

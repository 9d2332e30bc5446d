import type { Component } from '../meaning/transform.ts';
import type { Region } from '../parameters/gravity.ts';
import { regionAround } from './regions.ts';
import type { Size } from './resolve-length.ts';

/** How many pixels a picture is moved across for each one down, and down for each one across. */
export interface Shear {
  readonly across: number;
  readonly down: number;
}

/** What `e_shear` does, whose angles are degrees; undefined for a component without it. */
export function shearOf({ effect }: Pick<Component, 'effect'>): Shear | undefined {
  if (effect?.name !== 'shear') return undefined;
  const [across = 0, down = 0] = (effect.matrix ?? []).map((degrees) => Math.tan((degrees * Math.PI) / 180));
  return { across, down };
}

/** The upright box round a sheared picture. */
export function shearedBounds({ width, height }: Size, { across, down }: Shear): Size {
  return {
    width: Math.max(1, Math.round(width + Math.abs(across) * height)),
    height: Math.max(1, Math.round(height + Math.abs(down) * width)),
  };
}

/** Where regions of a picture lie once it is sheared: the upright boxes round them. */
export function sheared(regions: readonly Region[], { across, down }: Shear, size: Size): readonly Region[] {
  const bounds = shearedBounds(size, { across, down });
  const [left, top] = [Math.max(0, -across * size.height), Math.max(0, -down * size.width)];
  return regions.map(({ x, y, width, height }) => {
    const corners = [x, x + width].flatMap((column) =>
      [y, y + height].map((row) => {
        const [right, below] = [column * size.width, row * size.height];
        const at = {
          x: (right + across * below + left) / bounds.width,
          y: (below + down * right + top) / bounds.height,
        };
        return { ...at, width: 0, height: 0 };
      }),
    );
    return regionAround(corners);
  });
}

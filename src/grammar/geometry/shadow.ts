import type { Component } from '../meaning/transform.ts';
import type { Canvas } from './places.ts';
import { resolveLength, type Size } from './resolve-length.ts';

/** Where a shadow falls, and the canvas that picture and shadow need. */
export interface ShadowPlace {
  /** `left` and `top` are the picture's. */
  readonly canvas: Canvas;
  /** Pixels from the picture to its shadow, to the right and down. */
  readonly x: number;
  readonly y: number;
  /** Pixels that the soft edge reaches. */
  readonly spread: number;
}

/** Pixels of soft edge for each per cent of `e_shadow`: the usual 40 reach 15 pixels. */
const spreadOfStrength = 0.375;

/** The canvas a picture with its shadow needs; undefined for a component without one. */
export function placeShadow({ effect, x, y }: Component, picture: Size, original: Size): ShadowPlace | undefined {
  if (effect?.name !== 'shadow') return undefined;
  const quantities = { current: picture, original, shares: picture };
  const right = x === undefined ? 0 : Math.round(resolveLength(x, 'width', quantities));
  const down = y === undefined ? 0 : Math.round(resolveLength(y, 'height', quantities));
  const spread = Math.ceil((effect.amount ?? 0) * spreadOfStrength);
  const [left, top] = [Math.max(0, spread - right), Math.max(0, spread - down)];
  return {
    x: right,
    y: down,
    spread,
    canvas: {
      left,
      top,
      width: left + picture.width + Math.max(0, spread + right),
      height: top + picture.height + Math.max(0, spread + down),
    },
  };
}

import type { Layer } from '../meaning/transform.ts';
import type { CompassPoint, Gravity } from '../parameters/gravity.ts';
import type { Length } from '../parameters/lengths.ts';
import { regionOf } from './regions.ts';
import { type Quantities, resolveLength, type Size } from './resolve-length.ts';

/** A canvas, and where the picture's top left corner lies on it: the whole picture always fits. */
export interface Canvas extends Size {
  readonly left: number;
  readonly top: number;
}

/** Where the layer's top left corner comes to lie, and the canvas both need when the layer may enlarge it. */
export interface LayerPlacement {
  /** Relative to the canvas where there is one, else to the base; may be negative where the layer is cut off. */
  readonly left: number;
  readonly top: number;
  /** Present when the layer reaches beyond the base and may: the base goes to `left`, `top` of it. */
  readonly canvas?: Canvas;
}

/** Places a finished layer on its base; shares of `x` and `y` are of the base. */
export function placeLayer(layer: Layer, base: Size, overlay: Size): LayerPlacement {
  const settled = settledGravity(layer.gravity);
  const gravity = settled === 'auto' ? 'center' : settled;
  const { x, y } = offsets(layer, { current: base, original: base, shares: base });
  const face = regionOf(layer.gravity);
  const onFace = face && {
    gravity: 'point' as const,
    x: (face.x + face.width / 2) * base.width + x,
    y: (face.y + face.height / 2) * base.height + y,
  };
  const { left, top } = placeBox(overlay, base, { gravity, x, y, ...onFace, half: Math.floor });
  const right = Math.max(base.width, left + overlay.width);
  const bottom = Math.max(base.height, top + overlay.height);
  const isInside = left >= 0 && top >= 0 && right === base.width && bottom === base.height;
  if (isInside || layer.noOverflow === true || layer.tiled === true) return { left, top };
  const start = { left: Math.max(0, -left), top: Math.max(0, -top) };
  return {
    left: left + start.left,
    top: top + start.top,
    canvas: { width: right + start.left, height: bottom + start.top, ...start },
  };
}

/** Where a gravity leads once nothing about faces is left open. */
export type SettledGravity = CompassPoint | 'point' | 'auto';

/** What a gravity comes to when nothing is known about faces or stored coordinates. */
export function settledGravity(gravity: Gravity | undefined): SettledGravity {
  if (gravity === undefined) return 'center';
  if (gravity.kind === 'compass') return gravity.point;
  if (gravity.kind === 'face' || gravity.kind === 'custom') return gravity.fallback;
  return gravity.kind;
}

/** How a box is placed: by a gravity, moved by offsets in pixels. */
export interface PlacingRule {
  readonly gravity: CompassPoint | 'point';
  readonly x: number;
  readonly y: number;
  /** Which way half a pixel goes when the rest around a centred box is odd. */
  readonly half: (value: number) => number;
}

/** The top left corner of a box within a frame; it may lie outside. Offsets push inwards from the side gravity names. */
export function placeBox(box: Size, frame: Size, rule: PlacingRule): { readonly left: number; readonly top: number } {
  const { gravity, x, y, half } = rule;
  if (gravity === 'point') return { left: whole(x - box.width / 2), top: whole(y - box.height / 2) };
  const horizontal = { free: frame.width - box.width, offset: x, half };
  const vertical = { free: frame.height - box.height, offset: y, half };
  return {
    left: along(gravity.endsWith('west'), gravity.endsWith('east'), horizontal),
    top: along(gravity.startsWith('north'), gravity.startsWith('south'), vertical),
  };
}

interface Axis {
  readonly free: number;
  readonly offset: number;
  readonly half: PlacingRule['half'];
}

function along(isAtStart: boolean, isAtEnd: boolean, { free, offset, half }: Axis): number {
  if (isAtStart) return whole(offset);
  return isAtEnd ? whole(free - offset) : whole(half(free / 2) + offset);
}

// Adding 0 makes -0 plain.
function whole(value: number): number {
  return Math.round(value) + 0;
}

/** The nearest place that keeps a box inside: 0 to the free length. */
export function clamp(value: number, max: number): number {
  return Math.min(Math.max(value, 0), Math.max(max, 0)) + 0;
}

/** `x` and `y` in pixels; 0 where they are not written. */
export function offsets(placed: { x?: Length; y?: Length }, quantities: Quantities): { x: number; y: number } {
  return {
    x: placed.x === undefined ? 0 : resolveLength(placed.x, 'width', quantities),
    y: placed.y === undefined ? 0 : resolveLength(placed.y, 'height', quantities),
  };
}

import { Failure } from '../failure.ts';
import type {
  ArithmeticOperator,
  CompassPoint,
  Component,
  CropMode,
  Gravity,
  Layer,
  Length,
  Operand,
} from './transform.ts';
import { writeLength } from './values.ts';

/** Whole pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A cut whose place is known. */
export interface FixedCut extends Size {
  readonly auto?: false;
  readonly left: number;
  readonly top: number;
}

/** A cut whose place the content decides. */
export interface AutoCut extends Size {
  readonly auto: true;
}

/** A canvas, and where the picture's top left corner lies on it: the whole picture always fits. */
export interface Canvas extends Size {
  readonly left: number;
  readonly top: number;
}

/**
 * What the size part of a component does, in this order: resize to exactly `scaled` (each axis by its own factor),
 * cut that box out of the scaled picture, put the rest on a canvas. Absent: that part does nothing. `scaled` equal to
 * the current size is no resize; `c_crop` never resizes.
 */
export interface Placement {
  readonly scaled: Size;
  readonly cut?: FixedCut | AutoCut;
  readonly canvas?: Canvas;
}

interface Box {
  readonly width: number;
  readonly height: number;
}

interface Quantities {
  readonly current: Size;
  readonly original: Size;
  /** What shares of a width or height are of: the current picture, for `fl_relative` layers the base. */
  readonly shares: Size;
}

/**
 * Pure arithmetic of the size part. `current` is the picture after the component's turn, `original` the picture as
 * stored (after EXIF orientation), `shares` what fractions refer to. Throws `invalid` for arithmetic without a result.
 */
export function layout(component: Component, current: Size, original: Size, shares: Size = current): Placement {
  const { crop } = component;
  const isSized = component.width ?? component.height ?? component.aspectRatio;
  if (crop === undefined || isSized === undefined) return { scaled: current };
  const quantities: Quantities = { current, original, shares };
  const box = requestedBox(component, crop, quantities);
  if (crop === 'crop') {
    const cut = roundBox({ width: Math.min(box.width, current.width), height: Math.min(box.height, current.height) });
    return withCut(component, current, cut, quantities);
  }
  const scaled = scaledSize(crop, box, current);
  if (crop === 'fill' || crop === 'thumb' || crop === 'auto' || crop === 'lfill') {
    const target = roundBox(box);
    const limit =
      crop === 'lfill'
        ? scaled
        : { width: Math.max(scaled.width, target.width), height: Math.max(scaled.height, target.height) };
    const cut = { width: Math.min(target.width, limit.width), height: Math.min(target.height, limit.height) };
    return withCut(component, limit, cut, quantities);
  }
  if (crop === 'pad' || crop === 'lpad' || crop === 'mpad')
    return withCanvas(component, scaled, roundBox(box), quantities);
  return { scaled };
}

const paddingModes: readonly CropMode[] = ['pad', 'lpad', 'mpad'];

/** The box asked for, not rounded yet: a missing side follows the ratio asked for, else the picture's own. */
function requestedBox(component: Component, crop: CropMode, quantities: Quantities): Box {
  const { current } = quantities;
  const width = component.width && resolveSize(component.width, 'width', quantities);
  const height = component.height && resolveSize(component.height, 'height', quantities);
  if (width !== undefined && height !== undefined) return { width, height };
  const ratio = component.aspectRatio;
  if (width === undefined && height === undefined)
    return boxOfRatio(ratio ?? current.width / current.height, crop, current);
  const keepsOther = crop === 'crop' || component.ignoreAspectRatio === true;
  if (ratio === undefined && keepsOther) return { width: width ?? current.width, height: height ?? current.height };
  const followed = ratio ?? current.width / current.height;
  return { width: width ?? (height ?? 0) * followed, height: height ?? (width ?? 0) / followed };
}

/** With nothing but a ratio: the largest such box inside the picture, for padding the smallest around it. */
function boxOfRatio(ratio: number, crop: CropMode, current: Size): Box {
  const isWider = ratio > current.width / current.height;
  const keepsWidth = paddingModes.includes(crop) ? !isWider : isWider;
  return keepsWidth
    ? { width: current.width, height: current.width / ratio }
    : { width: current.height * ratio, height: current.height };
}

function scaledSize(crop: CropMode, box: Box, current: Size): Size {
  if (crop === 'scale') return roundBox(box);
  const factor = scaleFactor(crop, box.width / current.width, box.height / current.height);
  return roundBox({ width: current.width * factor, height: current.height * factor });
}

function scaleFactor(crop: Exclude<CropMode, 'scale'>, horizontal: number, vertical: number): number {
  const fit = Math.min(horizontal, vertical);
  const fill = Math.max(horizontal, vertical);
  switch (crop) {
    case 'fit':
    case 'pad':
      return fit;
    case 'limit':
    case 'lpad':
      return Math.min(1, fit);
    case 'mfit':
    case 'mpad':
      return Math.max(1, fit);
    case 'fill':
    case 'thumb':
    case 'auto':
      return fill;
    case 'lfill':
      return Math.min(1, fill);
    case 'crop':
      return 1;
  }
}

function withCut(component: Component, scaled: Size, cut: Size, quantities: Quantities): Placement {
  if (cut.width === scaled.width && cut.height === scaled.height) return { scaled };
  const gravity = settledGravity(component.gravity);
  if (gravity === 'auto') return { scaled, cut: { ...cut, auto: true } };
  const { x, y } = offsets(component, { ...quantities, shares: scaled });
  // Odd rests go to the left and top, as in the resizer's own centre cut.
  const left = along(horizontalSide(gravity), scaled.width - cut.width, x, cut.width, Math.ceil);
  const top = along(verticalSide(gravity), scaled.height - cut.height, y, cut.height, Math.ceil);
  return {
    scaled,
    cut: { ...cut, left: clamp(left, scaled.width - cut.width), top: clamp(top, scaled.height - cut.height) },
  };
}

function withCanvas(component: Component, picture: Size, canvas: Size, quantities: Quantities): Placement {
  // c_mpad leaves a picture alone that is larger than its box.
  if (component.crop === 'mpad' && !fitsInto(picture, canvas)) return { scaled: picture };
  const scaled = { width: Math.min(picture.width, canvas.width), height: Math.min(picture.height, canvas.height) };
  if (scaled.width === canvas.width && scaled.height === canvas.height) return { scaled };
  const settled = settledGravity(component.gravity);
  const gravity = settled === 'auto' ? 'center' : settled;
  const { x, y } = offsets(component, { ...quantities, shares: scaled });
  const left = along(horizontalSide(gravity), canvas.width - scaled.width, x, scaled.width, Math.floor);
  const top = along(verticalSide(gravity), canvas.height - scaled.height, y, scaled.height, Math.floor);
  return {
    scaled,
    canvas: {
      ...canvas,
      left: clamp(left, canvas.width - scaled.width),
      top: clamp(top, canvas.height - scaled.height),
    },
  };
}

function fitsInto(inner: Size, outer: Size): boolean {
  return inner.width <= outer.width && inner.height <= outer.height;
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
  const left = along(horizontalSide(gravity), base.width - overlay.width, x, overlay.width, Math.floor);
  const top = along(verticalSide(gravity), base.height - overlay.height, y, overlay.height, Math.floor);
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

type SettledGravity = CompassPoint | 'point' | 'auto';

/** What a gravity comes to when nothing is known about faces or stored coordinates. */
function settledGravity(gravity: Gravity | undefined): SettledGravity {
  if (gravity === undefined) return 'center';
  if (gravity.kind === 'compass') return gravity.point;
  if (gravity.kind === 'face' || gravity.kind === 'custom') return gravity.fallback;
  return gravity.kind;
}

type Side = 'start' | 'middle' | 'end' | 'point';

function horizontalSide(gravity: CompassPoint | 'point'): Side {
  if (gravity === 'point') return 'point';
  if (gravity.endsWith('west')) return 'start';
  return gravity.endsWith('east') ? 'end' : 'middle';
}

function verticalSide(gravity: CompassPoint | 'point'): Side {
  if (gravity === 'point') return 'point';
  if (gravity.startsWith('north')) return 'start';
  return gravity.startsWith('south') ? 'end' : 'middle';
}

/** Offsets push inwards from a side, shift from the middle, or are the centre of the box. */
function along(side: Side, free: number, offset: number, length: number, half: (value: number) => number): number {
  if (side === 'start') return Math.round(offset);
  if (side === 'end') return Math.round(free - offset);
  return side === 'middle' ? Math.round(half(free / 2) + offset) : Math.round(offset - length / 2);
}

function clamp(value: number, max: number): number {
  return Math.min(Math.max(value, 0), Math.max(max, 0)) + 0;
}

function offsets(placed: { x?: Length; y?: Length }, quantities: Quantities): { x: number; y: number } {
  return {
    x: placed.x === undefined ? 0 : resolveLength(placed.x, 'width', quantities),
    y: placed.y === undefined ? 0 : resolveLength(placed.y, 'height', quantities),
  };
}

function resolveSize(length: Length, side: 'width' | 'height', quantities: Quantities): number {
  const value = resolveLength(length, side, quantities);
  if (value > 0) return value;
  throw new Failure(
    'invalid',
    `The ${side} ${writeLength(length)} comes to ${value} for this picture; it must be above 0.`,
  );
}

function resolveLength(length: Length, side: 'width' | 'height', quantities: Quantities): number {
  if (length.unit === 'pixels') return length.value;
  if (length.unit === 'share') return length.value * quantities.shares[side];
  const start = resolveOperand(length.first, quantities);
  const value = length.rest.reduce(
    (result, { operator, operand }) => operate(result, operator, resolveOperand(operand, quantities)),
    start,
  );
  if (Number.isFinite(value)) return value;
  throw new Failure('invalid', `The ${side} ${writeLength(length)} has no result for this picture.`);
}

function resolveOperand(operand: Operand, { current, original }: Quantities): number {
  if (typeof operand === 'number') return operand;
  return {
    iw: original.width,
    ih: original.height,
    iar: original.width / original.height,
    w: current.width,
    h: current.height,
    ar: current.width / current.height,
  }[operand];
}

function operate(left: number, operator: ArithmeticOperator, right: number): number {
  switch (operator) {
    case 'add':
      return left + right;
    case 'sub':
      return left - right;
    case 'mul':
      return left * right;
    case 'div':
      return left / right;
    case 'mod':
      return left % right;
    case 'pow':
      return left ** right;
  }
}

/** Nearest whole pixels, at least one; the tiny addend undoes what binary fractions take from an exact half. */
function roundBox(box: Box): Size {
  return {
    width: Math.max(1, Math.round(box.width + 1e-7)),
    height: Math.max(1, Math.round(box.height + 1e-7)),
  };
}

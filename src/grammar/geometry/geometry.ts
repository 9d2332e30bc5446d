import type { Component } from '../meaning/transform.ts';
import { type CropMode, isPadding } from '../parameters/crop.ts';
import type { Gravity, Point } from '../parameters/gravity.ts';
import { type Canvas, clamp, offsets, placeBox, settledGravity } from './places.ts';
import { type Quantities, resolveSize, type Size } from './resolve-length.ts';

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

/** What lengths may refer to beside the picture that a component begins with. */
export interface References {
  /** The picture as stored, after EXIF orientation. */
  readonly original: Size;
  /** What fractions are of, if not of the picture itself: for `fl_relative` layers the base. */
  readonly shares?: Size | undefined;
}

/**
 * Pure arithmetic of the size part. `current` is the picture after the component's turn. Throws `invalid` for arithmetic
 * without a result.
 */
export function layout(component: Component, current: Size, { original, shares = current }: References): Placement {
  const { crop } = component;
  const isSized = component.width ?? component.height ?? component.aspectRatio;
  if (crop === undefined || isSized === undefined) return { scaled: current };
  const quantities: Quantities = { current, original, shares };
  const box = requestedBox(component, crop, quantities);
  if (crop === 'crop') {
    const cut = roundBox({ width: Math.min(box.width, current.width), height: Math.min(box.height, current.height) });
    return withCut(component, { scaled: current, cut }, quantities);
  }
  const scaled = zoomed(component, scaledSize(crop, box, current));
  if (crop === 'fill' || crop === 'thumb' || crop === 'auto' || crop === 'lfill') {
    const target = roundBox(box);
    const limit =
      crop === 'lfill'
        ? scaled
        : { width: Math.max(scaled.width, target.width), height: Math.max(scaled.height, target.height) };
    const cut = { width: Math.min(target.width, limit.width), height: Math.min(target.height, limit.height) };
    return withCut(component, { scaled: limit, cut }, quantities);
  }
  if (isPadding(crop)) return withCanvas(component, { picture: scaled, canvas: roundBox(box) }, quantities);
  return { scaled };
}

/** The box asked for, not rounded yet: a missing side follows the ratio asked for, else the picture's own. */
function requestedBox(component: Component, crop: CropMode, quantities: Quantities): Size {
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
function boxOfRatio(ratio: number, crop: CropMode, current: Size): Size {
  const isWider = ratio > current.width / current.height;
  const keepsWidth = isPadding(crop) ? !isWider : isWider;
  return keepsWidth
    ? { width: current.width, height: current.width / ratio }
    : { width: current.height * ratio, height: current.height };
}

function scaledSize(crop: CropMode, box: Size, current: Size): Size {
  if (crop === 'scale') return roundBox(box);
  const factor = scaleFactor(crop, box.width / current.width, box.height / current.height);
  return roundBox({ width: current.width * factor, height: current.height * factor });
}

/** `z_` above 1 brings a thumb nearer to its focal point; further away there may be nothing. */
function zoomed({ crop, gravity, zoom = 1 }: Component, scaled: Size): Size {
  if (crop !== 'thumb' || zoom <= 1 || focusOf(gravity) === undefined) return scaled;
  return roundBox({ width: scaled.width * zoom, height: scaled.height * zoom });
}

function focusOf(gravity: Gravity | undefined): Point | undefined {
  return gravity?.kind === 'custom' ? gravity.at : undefined;
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
    case 'outside':
    case 'thumb':
    case 'auto':
      return fill;
    case 'lfill':
    case 'loutside':
      return Math.min(1, fill);
    case 'crop':
      return 1;
  }
}

function withCut(
  component: Component,
  { scaled, cut }: { readonly scaled: Size; readonly cut: Size },
  quantities: Quantities,
): Placement {
  if (cut.width === scaled.width && cut.height === scaled.height) return { scaled };
  const focus = focusOf(component.gravity);
  if (focus !== undefined) {
    const place = { gravity: 'point', x: focus.x * scaled.width, y: focus.y * scaled.height, half: Math.ceil } as const;
    return { scaled, cut: keptInside(cut, placeBox(cut, scaled, place), scaled) };
  }
  const gravity = settledGravity(component.gravity);
  if (gravity === 'auto') return { scaled, cut: { ...cut, auto: true } };
  const { x, y } = offsets(component, { ...quantities, shares: scaled });
  // Odd rests go to the left and top, as in the resizer's own centre cut.
  const { left, top } = placeBox(cut, scaled, { gravity, x, y, half: Math.ceil });
  return { scaled, cut: keptInside(cut, { left, top }, scaled) };
}

function keptInside(cut: Size, { left, top }: { readonly left: number; readonly top: number }, frame: Size): FixedCut {
  return { ...cut, left: clamp(left, frame.width - cut.width), top: clamp(top, frame.height - cut.height) };
}

function withCanvas(
  component: Component,
  { picture, canvas }: { readonly picture: Size; readonly canvas: Size },
  quantities: Quantities,
): Placement {
  // c_mpad leaves a picture alone that is larger than its box.
  if (component.crop === 'mpad' && !fitsInto(picture, canvas)) return { scaled: picture };
  const scaled = { width: Math.min(picture.width, canvas.width), height: Math.min(picture.height, canvas.height) };
  if (scaled.width === canvas.width && scaled.height === canvas.height) return { scaled };
  const settled = settledGravity(component.gravity);
  const gravity = settled === 'auto' ? 'center' : settled;
  const { x, y } = offsets(component, { ...quantities, shares: scaled });
  const { left, top } = placeBox(scaled, canvas, { gravity, x, y, half: Math.floor });
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

/** Nearest whole pixels, at least one; the tiny addend undoes what binary fractions take from an exact half. */
function roundBox(box: Size): Size {
  return {
    width: Math.max(1, Math.round(box.width + 1e-7)),
    height: Math.max(1, Math.round(box.height + 1e-7)),
  };
}

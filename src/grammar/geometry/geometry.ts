import type { Component } from '../meaning/transform.ts';
import { type CropMode, isPadding, isPaddingAtNeed } from '../parameters/crop.ts';
import type { AutoGravity, Gravity, Point, Region } from '../parameters/gravity.ts';
import { type Canvas, clamp, offsets, placeBox, settledGravity } from './places.ts';
import { regionOf } from './regions.ts';
import { type Quantities, resolveSize, type Size } from './resolve-length.ts';
import { densityFor, orientedMode, reaching, scaledSize } from './scaling.ts';

/** A cut whose place is known. */
export interface FixedCut extends Size {
  readonly auto?: false;
  readonly left: number;
  readonly top: number;
}

/** A cut whose place the content decides. */
export interface AutoCut extends Size {
  readonly auto: true;
  readonly gravity: AutoGravity;
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
  if (crop === undefined) return { scaled: current };
  const region = regionOf(component.gravity);
  const quantities: Quantities = { current, original, shares };
  if (component.width === undefined && component.height === undefined) {
    if (region !== undefined && cutsToRegion(crop)) return regionCut(component, region, current);
    const { aspectRatio, minWidth, minHeight } = component;
    if ([aspectRatio, minWidth, minHeight].every((value) => value === undefined)) return { scaled: current };
  }
  const asked = requestedBox(component, crop, quantities);
  if (crop === 'crop') {
    const cut = roundBox({
      width: Math.min(asked.width, current.width),
      height: Math.min(asked.height, current.height),
    });
    return withCut(component, { scaled: current, cut }, quantities);
  }
  if (crop === 'thumb' && region !== undefined) {
    return portrait(component, region, { target: roundBox(asked), current });
  }
  const mode = orientedMode(crop, asked, current);
  const dense = densityFor(mode, { component, asked, current });
  const box = { width: asked.width * dense, height: asked.height * dense };
  const exact = reaching(component, scaledSize(mode, box, { current, dense }), dense);
  const scaled = zoomed(component, roundBox(exact));
  return placed({ ...component, crop: mode }, { scaled, box }, quantities);
}

interface Sized {
  readonly scaled: Size;
  /** As asked for, not rounded. */
  readonly box: Size;
}

/** What is cut off the scaled picture, or laid round it. */
function placed(component: Component, { scaled, box }: Sized, quantities: Quantities): Placement {
  const { crop } = component;
  const target = roundBox(box);
  switch (crop) {
    case 'fill':
    case 'thumb':
    case 'auto':
      return withCut(component, { scaled: larger(scaled, target), cut: target }, quantities);
    case 'lfill':
      return withCut(component, { scaled, cut: smaller(target, scaled) }, quantities);
    case 'fill_down':
      return withCut(component, { scaled, cut: largestOfShape(box, scaled) }, quantities);
    default:
      return isPadding(crop) ? withCanvas(component, { picture: scaled, canvas: target }, quantities) : { scaled };
  }
}

function larger(one: Size, other: Size): Size {
  return { width: Math.max(one.width, other.width), height: Math.max(one.height, other.height) };
}

function smaller(one: Size, other: Size): Size {
  return { width: Math.min(one.width, other.width), height: Math.min(one.height, other.height) };
}

/** The box, or where that is larger than the frame the largest of its shape within. */
function largestOfShape(box: Size, frame: Size): Size {
  const factor = Math.min(1, frame.width / box.width, frame.height / box.height);
  return smaller(roundBox({ width: box.width * factor, height: box.height * factor }), frame);
}

/** Without a width and a height these modes keep what their gravity looks at. */
function cutsToRegion(crop: CropMode): boolean {
  return crop === 'crop' || crop === 'thumb';
}

/** A face is found from the brows to the chin; so much more, for each of its own, belongs to the head. */
const headRoom = 1.6;
/** How far up the middle of a head is from that of its face, as a share of its face. */
const headLift = 0.08;

/** What a picture of a face shows of it: the head, or as `zoom` says, in the ratio asked for, and no more than there is. */
function framed(
  { zoom = 1 }: Component,
  region: Region,
  { current, ratio }: { current: Size; ratio?: number | undefined },
) {
  const [headWidth, headHeight] = [region.width * current.width, region.height * current.height].map(
    (side) => (side * headRoom) / zoom,
  ) as [number, number];
  const wide = Math.max(headWidth, headHeight * (ratio ?? 0));
  const width = wide;
  const height = ratio === undefined ? headHeight : wide / ratio;
  const shrink = Math.min(1, current.width / width, current.height / height);
  const middle = {
    x: region.x + region.width / 2,
    y: region.y + region.height / 2 - region.height * headLift,
  };
  return { width: width * shrink, height: height * shrink, middle };
}

/** `c_thumb` of a face: what is framed of it, exactly as large as asked for. */
function portrait(
  component: Component,
  region: Region,
  { target, current }: { readonly target: Size; readonly current: Size },
): Placement {
  const { width, middle } = framed(component, region, { current, ratio: target.width / target.height });
  const factor = target.width / width;
  const scaled = larger(roundBox({ width: current.width * factor, height: current.height * factor }), target);
  return { scaled, cut: cutRound(middle, target, scaled) };
}

/** `c_crop` and `c_thumb` of a face without a size: what is framed of it, as large as it is. */
function regionCut(component: Component, region: Region, current: Size): Placement {
  const { middle, ...box } = framed(component, region, { current, ratio: component.aspectRatio });
  return { scaled: current, cut: cutRound(middle, roundBox(box), current) };
}

function cutRound({ x, y }: Point, cut: Size, scaled: Size): FixedCut {
  const place = { gravity: 'point', x: x * scaled.width, y: y * scaled.height, half: Math.ceil } as const;
  return keptInside(cut, placeBox(cut, scaled, place), scaled);
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
  const keepsWidth = isPadding(crop) && !isPaddingAtNeed(crop) ? !isWider : isWider;
  return keepsWidth
    ? { width: current.width, height: current.width / ratio }
    : { width: current.height * ratio, height: current.height };
}

/** `z_` above 1 brings a thumb nearer to its focal point; further away there may be nothing. */
function zoomed({ crop, gravity, zoom = 1 }: Component, scaled: Size): Size {
  if (crop !== 'thumb' || zoom <= 1 || focusOf(gravity) === undefined) return scaled;
  return roundBox({ width: scaled.width * zoom, height: scaled.height * zoom });
}

function focusOf(gravity: Gravity | undefined): Point | undefined {
  return gravity?.kind === 'custom' ? gravity.at : undefined;
}

function withCut(
  component: Component,
  { scaled, cut }: { readonly scaled: Size; readonly cut: Size },
  quantities: Quantities,
): Placement {
  if (cut.width === scaled.width && cut.height === scaled.height) return { scaled };
  const focus = focusOf(component.gravity) ?? middleOf(regionOf(component.gravity));
  if (focus !== undefined) return { scaled, cut: cutRound(focus, cut, scaled) };
  const gravity = settledGravity(component.gravity);
  if (gravity === 'auto') return { scaled, cut: { ...cut, auto: true, gravity: autoOf(component.gravity) } };
  const { x, y } = offsets(component, { ...quantities, shares: scaled });
  // Odd rests go to the left and top, as in the resizer's own centre cut.
  const { left, top } = placeBox(cut, scaled, { gravity, x, y, half: Math.ceil });
  return { scaled, cut: keptInside(cut, { left, top }, scaled) };
}

function middleOf(region: Region | undefined): Point | undefined {
  return region && { x: region.x + region.width / 2, y: region.y + region.height / 2 };
}

function autoOf(gravity: Gravity | undefined): AutoGravity {
  return gravity?.kind === 'auto' ? gravity : { kind: 'auto' };
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

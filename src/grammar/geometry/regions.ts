import { countsFaces, everyStep } from '../meaning/branches.ts';
import type { Component, ResolvedTransform } from '../meaning/transform.ts';
import type { Gravity, Region } from '../parameters/gravity.ts';
import type { Size } from './resolve-length.ts';
import { resolveTurn, turnedBounds } from './turns.ts';

/**
 * What a picture of an original has to know of faces: `nothing`; those that are seen at a `glance`; `some`, and small ones
 * only where a glance sees none; or `all`, where they are to be hidden.
 */
export type FacesWanted = 'nothing' | 'glance' | 'some' | 'all';

/** What a transformation has to know of the faces in its original. */
export function facesWanted({ steps: written, flags }: ResolvedTransform): FacesWanted {
  const steps = everyStep(written);
  if (steps.some(({ effect }) => hidesFace(effect))) return 'all';
  if (countsFaces(written)) return 'some';
  if (flags.includes('getinfo') || steps.some(asksForFaces)) return 'some';
  return steps.some(({ gravity }) => gravity?.kind === 'auto' || fallsBackToAuto(gravity)) ? 'glance' : 'nothing';
}

function asksForFaces({ gravity, layer }: Component): boolean {
  if (gravity?.kind === 'face' || layer?.gravity?.kind === 'face') return true;
  if (gravity?.kind === 'custom') return gravity.fallback === 'north';
  return gravity?.kind === 'auto' && gravity.faces !== undefined;
}

function fallsBackToAuto(gravity: Gravity | undefined): boolean {
  return gravity?.kind === 'custom' && gravity.fallback === 'auto';
}

function hidesFace(effect: Component['effect']): boolean {
  return effect?.name === 'blur_faces' || effect?.name === 'pixelate_faces';
}

/** The same with faces filled in where its gravity asks for them. Regions are of what it is placed in. */
export function facing<Placed extends { readonly gravity?: Gravity }>(
  placed: Placed,
  faces: readonly Region[],
): Placed {
  const { gravity } = placed;
  if (faces.length === 0 || gravity === undefined) return placed;
  const isElseFace = gravity.kind === 'custom' && gravity.fallback === 'north' && gravity.at === undefined;
  if (gravity.kind !== 'face' && !isElseFace) return placed;
  const all = gravity.kind === 'face' && gravity.all;
  return { ...placed, gravity: { kind: 'face', all, fallback: gravity.fallback, at: faces.toSorted(byArea) } };
}

/** What a gravity looks at, where it knows of a face: the largest, or the smallest region that all lie in. */
export function regionOf(gravity: Gravity | undefined): Region | undefined {
  if (gravity?.kind !== 'face' || gravity.at === undefined) return undefined;
  return regionAround(gravity.all ? gravity.at : gravity.at.slice(0, 1));
}

function byArea(one: Region, other: Region): number {
  return other.width * other.height - one.width * one.height;
}

/** The smallest region that all of them lie in. */
export function regionAround(regions: readonly Region[]): Region {
  const [x, y] = [Math.min(...regions.map((region) => region.x)), Math.min(...regions.map((region) => region.y))];
  const right = Math.max(...regions.map((region) => region.x + region.width));
  const bottom = Math.max(...regions.map((region) => region.y + region.height));
  return { x, y, width: right - x, height: bottom - y };
}

/** Where regions of a picture lie once a component has turned it: the upright boxes round them. */
export function afterTurn(regions: readonly Region[], step: Component, size: Size): readonly Region[] {
  const turn = resolveTurn(step, size);
  const turned = turnedBounds(size, turn.degrees);
  const radians = (turn.degrees * Math.PI) / 180;
  const [cosine, sine] = [Math.cos(radians), Math.sin(radians)];
  return regions.map(({ x, y, width, height }) => {
    const corners = [x, x + width].flatMap((across) =>
      [y, y + height].map((down) => {
        const [right, below] = [(across - 0.5) * size.width, (down - 0.5) * size.height];
        const [toX, toY] = [
          (right * cosine - below * sine) / turned.width + 0.5,
          (right * sine + below * cosine) / turned.height + 0.5,
        ];
        const corner = { x: turn.flipHorizontal ? 1 - toX : toX, y: turn.flipVertical ? 1 - toY : toY };
        return { ...corner, width: 0, height: 0 };
      }),
    );
    return regionAround(corners);
  });
}

/**
 * Where regions of a picture lie in another that shows this part of it, or all of it and more around: wholly, in part, or
 * not at all, and then they are left out.
 */
export function seenIn(regions: readonly Region[], part: Region): readonly Region[] {
  return regions
    .map(({ x, y, width, height }) => ({
      x: (x - part.x) / part.width,
      y: (y - part.y) / part.height,
      width: width / part.width,
      height: height / part.height,
    }))
    .filter((region) => inside(region) !== undefined);
}

/** The parts of regions that are in the picture, of those of which a quarter is: less of a face is none to look at. */
export function visible(regions: readonly Region[]): readonly Region[] {
  return regions.flatMap((region) => {
    const part = inside(region);
    return part !== undefined && part.width * part.height >= 0.25 * region.width * region.height ? [part] : [];
  });
}

function inside({ x, y, width, height }: Region): Region | undefined {
  const [left, top] = [Math.max(0, x), Math.max(0, y)];
  const [right, bottom] = [Math.min(1, x + width), Math.min(1, y + height)];
  return right <= left || bottom <= top ? undefined : { x: left, y: top, width: right - left, height: bottom - top };
}

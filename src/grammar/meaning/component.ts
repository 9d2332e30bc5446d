import { Failure } from '../../failure.ts';
import { isStill } from '../parameters/angles.ts';
import type { CropMode } from '../parameters/crop.ts';
import { type Effect, effectRules, isNeutral, standardEffectColour } from '../parameters/effects.ts';
import type { Gravity } from '../parameters/gravity.ts';
import type { Length } from '../parameters/lengths.ts';
import type { ComponentValues } from '../parameters/options.ts';
import { present } from './present.ts';
import type { Component, Transform } from './transform.ts';

/** A component as asked for. */
export type Step = Transform['steps'][number];

/** Modes that cut or pad, and so look at gravity and offsets. */
const placingModes: readonly CropMode[] = ['fill', 'lfill', 'pad', 'lpad', 'mpad', 'crop', 'thumb', 'auto'];
const autoGravityModes: readonly CropMode[] = ['fill', 'lfill', 'crop', 'thumb', 'auto'];

export interface ComponentContext {
  readonly defaultCrop: CropMode;
  /** Offsets of layers may be negative. */
  readonly isLayer: boolean;
}

/** What the values of one component mean together, without what changes nothing. */
export function buildComponent(written: Partial<ComponentValues>, context: ComponentContext): Step {
  const autoWidth = written.width === 'auto';
  const hasSize = written.width !== undefined || written.height !== undefined || written.aspectRatio !== undefined;
  const crop = written.crop ?? (hasSize ? context.defaultCrop : undefined);
  checkAutoGravity(written.gravity, crop, context);
  const effect = pictureEffect(written, context);
  if (!context.isLayer && effect?.name !== 'shadow') checkOffsets(written);
  return tidy(
    present({
      angle: written.angle,
      crop,
      width: written.width === 'auto' ? undefined : written.width,
      height: written.height,
      aspectRatio: written.aspectRatio,
      gravity: written.gravity,
      x: written.x,
      y: written.y,
      zoom: written.zoom,
      ignoreAspectRatio: written.flags?.component.includes('ignore_aspect_ratio') === true ? true : undefined,
      effect: effect && coloured(effect, written.colour),
      opacity: written.opacity,
      radius: written.radius,
      border: written.border,
      background: written.background,
      dpr: hasWidthOrHeight(written) ? written.dpr : undefined,
      autoWidth: autoWidth ? true : undefined,
    }),
  );
}

/** A dpr beside a width or height belongs to that component; alone it belongs to the whole chain. */
export function hasWidthOrHeight(written: Partial<ComponentValues>): boolean {
  return written.width !== undefined || written.height !== undefined;
}

function pictureEffect({ effect }: Partial<ComponentValues>, context: ComponentContext): Effect | undefined {
  if (effect === undefined || !('blend' in effect)) return effect;
  if (context.isLayer) return undefined;
  throw new Failure('invalid', `e_${effect.blend} mixes a layer and needs one: l_<id>,e_${effect.blend}.`);
}

function coloured(effect: Effect, colour: string | undefined): Effect {
  if (effectRules[effect.name].colour !== 'qualifier') return effect;
  return { ...effect, colour: colour ?? standardEffectColour };
}

function checkAutoGravity(gravity: Gravity | undefined, crop: CropMode | undefined, context: ComponentContext): void {
  if (gravity?.kind !== 'auto' || (crop !== undefined && autoGravityModes.includes(crop))) return;
  if (crop === undefined && !context.isLayer) return;
  const came = crop === undefined ? 'a layer' : `c_${crop}`;
  throw new Failure('invalid', `Use auto gravity only with c_fill, c_lfill, c_crop, c_thumb or c_auto; got ${came}.`);
}

function checkOffsets(written: Partial<ComponentValues>): void {
  for (const name of ['x', 'y'] as const) {
    const offset = written[name];
    if (offset !== undefined && offset.unit !== 'expression' && offset.value < 0) {
      throw new Failure('invalid', `${name}_${offset.value} is negative, which only layers and shadows may be.`);
    }
  }
}

/** Drops what changes nothing, so that equal meaning is equal by value. */
export function tidy(step: Step): Step {
  const { angle, effect, opacity, radius, border } = step;
  const size = tidySize(step);
  const hasOffset = size.isOffset || effect?.name === 'shadow';
  // Translation out, not spread: this runs for every component of every request.
  return present({
    angle: angle === undefined || isStill(angle) ? undefined : angle,
    crop: size.crop,
    width: size.width,
    height: size.height,
    aspectRatio: size.aspectRatio,
    gravity: size.gravity,
    x: hasOffset ? nonZero(step.x) : undefined,
    y: hasOffset ? nonZero(step.y) : undefined,
    zoom: size.zoom,
    ignoreAspectRatio: size.ignoreAspectRatio,
    effect: effect === undefined || isNeutral(effect) ? undefined : effect,
    opacity: opacity === 100 ? undefined : opacity,
    radius: radius?.kind === 'corners' && radius.corners.every((corner) => corner === 0) ? undefined : radius,
    border: border?.width === 0 ? undefined : border,
    background: step.background,
    layer: step.layer,
    dpr: step.dpr,
    autoWidth: step.autoWidth,
  });
}

type TidySize = { readonly [Key in SizeKey]: Step[Key] | undefined } & { readonly isOffset: boolean };
type SizeKey = 'crop' | 'width' | 'height' | 'aspectRatio' | 'gravity' | 'zoom' | 'ignoreAspectRatio';

const noSize: TidySize = {
  crop: undefined,
  width: undefined,
  height: undefined,
  aspectRatio: undefined,
  gravity: undefined,
  zoom: undefined,
  ignoreAspectRatio: undefined,
  isOffset: false,
};

function tidySize(step: Step): TidySize {
  const { crop, width, height, aspectRatio, x, y } = step;
  const sides = (width === undefined ? 0 : 1) + (height === undefined ? 0 : 1);
  const isSized = sides > 0 || aspectRatio !== undefined || step.autoWidth === true;
  if (!isSized || crop === undefined) return noSize;
  const places = placingModes.includes(crop);
  const gravity = places ? effectiveGravity(crop, step.gravity, x !== undefined || y !== undefined) : undefined;
  const looksForRegion = crop === 'thumb' && (gravity?.kind === 'face' || gravity?.kind === 'custom');
  const isOneSided = sides === 1 && aspectRatio === undefined && step.autoWidth !== true;
  return {
    crop,
    width,
    height,
    aspectRatio: sides === 2 ? undefined : aspectRatio,
    gravity,
    zoom: looksForRegion && step.zoom !== 1 ? step.zoom : undefined,
    ignoreAspectRatio: crop === 'scale' && isOneSided ? step.ignoreAspectRatio : undefined,
    isOffset: places && gravity?.kind !== 'auto',
  };
}

/** The gravity that decides; undefined stands for the centre. `c_crop` at x, y without one counts from the top left. */
function effectiveGravity(crop: CropMode, gravity: Gravity | undefined, hasOffset: boolean): Gravity | undefined {
  if (gravity === undefined) {
    if (crop === 'auto') return { kind: 'auto' };
    return crop === 'crop' && hasOffset ? { kind: 'compass', point: 'north_west' } : undefined;
  }
  const isCentre = gravity.kind === 'compass' && gravity.point === 'center';
  const isImplied = crop !== 'auto' && !(crop === 'crop' && hasOffset);
  return isCentre && isImplied ? undefined : gravity;
}

/** An offset of nothing is no offset. */
export function nonZero(length: Length | undefined): Length | undefined {
  return length !== undefined && length.unit !== 'expression' && length.value === 0 ? undefined : length;
}

/** True when a component would do nothing. */
export function isEmpty(component: Component): boolean {
  return Object.keys(component).length === 0;
}

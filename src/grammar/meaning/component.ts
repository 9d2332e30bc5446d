import { Failure } from '../../failure.ts';
import type { CropMode } from '../parameters/crop.ts';
import { type Effect, effectRules, standardEffectColour } from '../parameters/effects.ts';
import type { Gravity } from '../parameters/gravity.ts';
import type { Length } from '../parameters/lengths.ts';
import { leavesAsItIs, stepParameterNames, type Written } from '../parameters/table.ts';
import type { Component, RequestedStep } from './transform.ts';

/** Modes that cut or pad, and so look at gravity and offsets. */
const placingModes: readonly CropMode[] = ['fill', 'lfill', 'pad', 'lpad', 'mpad', 'crop', 'thumb', 'auto'];
const autoGravityModes: readonly CropMode[] = ['fill', 'lfill', 'crop', 'thumb', 'auto'];

export interface ComponentContext {
  readonly defaultCrop: CropMode;
  /** Offsets of layers may be negative. */
  readonly isLayer: boolean;
}

/** What the values of one component mean together, without what changes nothing. */
export function buildComponent(written: Written, context: ComponentContext): RequestedStep {
  const { width, height, aspectRatio } = written;
  const hasSize = width !== undefined || height !== undefined || aspectRatio !== undefined;
  const crop = written.crop ?? (hasSize ? context.defaultCrop : undefined);
  checkAutoGravity(written.gravity, crop, context);
  const effect = pictureEffect(written, context);
  if (!context.isLayer && effect?.name !== 'shadow') checkOffsets(written);
  const ignoresRatio = written.flags?.component.includes('ignore_aspect_ratio') === true;
  return tidy({
    ...written,
    crop,
    width: width === 'auto' ? undefined : width,
    effect: effect && coloured(effect, written.colour),
    ignoreAspectRatio: ignoresRatio ? true : undefined,
    dpr: hasWidthOrHeight(written) ? written.dpr : undefined,
    autoWidth: width === 'auto' ? true : undefined,
  });
}

/** A dpr beside a width or height belongs to that component; alone it belongs to the whole chain. */
export function hasWidthOrHeight(written: Written): boolean {
  return written.width !== undefined || written.height !== undefined;
}

function pictureEffect({ effect }: Written, context: ComponentContext): Effect | undefined {
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

function checkOffsets(written: Written): void {
  for (const name of ['x', 'y'] as const) {
    const offset = written[name];
    if (offset !== undefined && offset.unit !== 'expression' && offset.value < 0) {
      throw new Failure('invalid', `${name}_${offset.value} is negative, which only layers and shadows may be.`);
    }
  }
}

/** A step whose parts may be undefined, and may change nothing. */
type Draft = { readonly [Key in keyof RequestedStep]?: RequestedStep[Key] | undefined };

/** What decides the size and where it is cut, which count together or not at all. */
const sizeNames = [
  ...(['crop', 'width', 'height', 'aspectRatio', 'gravity', 'x', 'y', 'zoom', 'ignoreAspectRatio'] as const),
];
type SizeName = (typeof sizeNames)[number];
const isSizeName = (name: string): name is SizeName => sizeNames.some((known) => known === name);

/** Parameters that count each for itself. */
const singleNames = stepParameterNames.filter((name): name is Exclude<typeof name, SizeName> => !isSizeName(name));

/** Drops what changes nothing, so that equal meaning is equal by value. */
export function tidy(draft: Draft): RequestedStep {
  const kept: { -readonly [Key in keyof RequestedStep]: RequestedStep[Key] } = {};
  const size = tidySize(draft);
  if (size !== undefined) for (const name of sizeNames) copyPart(size, kept, name);
  for (const name of singleNames) {
    if (draft[name] !== undefined && !leavesAsItIs(name, draft)) copyPart(draft, kept, name);
  }
  for (const name of ['layer', 'dpr', 'autoWidth'] as const) copyPart(draft, kept, name);
  return kept;
}

function copyPart<Name extends keyof RequestedStep>(
  from: { readonly [Key in Name]?: RequestedStep[Key] | undefined },
  to: { [Key in Name]?: RequestedStep[Key] },
  name: Name,
): void {
  const part = from[name];
  if (part !== undefined) to[name] = part;
}

function tidySize(draft: Draft): Pick<Draft, SizeName> | undefined {
  const { crop, width, height, aspectRatio, x, y, autoWidth } = draft;
  // A shadow is moved by the same offsets.
  const offset = draft.effect?.name === 'shadow' ? { x: nonZero(x), y: nonZero(y) } : undefined;
  const sides = (width === undefined ? 0 : 1) + (height === undefined ? 0 : 1);
  const isSized = sides > 0 || aspectRatio !== undefined || autoWidth === true;
  if (!isSized || crop === undefined) return offset;
  const places = placingModes.includes(crop);
  const gravity = places ? effectiveGravity(crop, draft.gravity, x !== undefined || y !== undefined) : undefined;
  const isMoved = offset !== undefined || (places && gravity?.kind !== 'auto');
  const looksForRegion = crop === 'thumb' && (gravity?.kind === 'face' || gravity?.kind === 'custom');
  const isOneSided = sides === 1 && aspectRatio === undefined && autoWidth !== true;
  return {
    crop,
    width,
    height,
    aspectRatio: sides === 2 ? undefined : aspectRatio,
    gravity,
    x: isMoved ? nonZero(x) : undefined,
    y: isMoved ? nonZero(y) : undefined,
    zoom: looksForRegion && draft.zoom !== 1 ? draft.zoom : undefined,
    ignoreAspectRatio: crop === 'scale' && isOneSided ? draft.ignoreAspectRatio : undefined,
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

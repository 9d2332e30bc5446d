import { Failure } from '../../failure.ts';
import { type CropMode, isBoundedMode, isPaddingAtNeed } from '../parameters/crop.ts';
import { type Effect, type EffectRule, effectRules, isNeutral, standardColourOf } from '../parameters/effects.ts';
import type { Gravity } from '../parameters/gravity.ts';
import type { Length } from '../parameters/lengths.ts';
import { leavesAsItIs, type StepParameterName, stepParameterNames, type Written } from '../parameters/table.ts';
import { present } from './present.ts';
import type { Component, RequestedStep } from './transform.ts';

/** Modes that cut or pad, and so look at gravity and offsets. */
// biome-ignore format: a list
const autoGravityModes: readonly CropMode[] = ['fill', 'lfill', 'fill_down', 'oriented', 'loriented', 'crop', 'thumb', 'auto', 'fill_pad', 'auto_pad'];
const placingModes: readonly CropMode[] = [...autoGravityModes, 'pad', 'lpad', 'mpad'];

export interface ComponentContext {
  readonly defaultCrop: CropMode;
  /** Offsets of layers may be negative. */
  readonly isLayer: boolean;
}

/** What the values of one component mean together, without what changes nothing. */
export function buildComponent(written: Written, context: ComponentContext): RequestedStep {
  const { width, height, aspectRatio, minWidth, minHeight } = written;
  const hasSize = [width, height, aspectRatio, minWidth, minHeight].some((value) => value !== undefined);
  const effect = pictureEffect(written, context);
  const isOfRegion = effect !== undefined && effectRules[effect.name].isOfRegion === true;
  if (effect !== undefined && isOfRegion) checkRegion(written, effect);
  const crop = written.crop ?? (hasSize && !isOfRegion ? context.defaultCrop : undefined);
  checkAutoGravity(written.gravity, crop, context);
  if (!context.isLayer && !takesOffsets(effect)) checkOffsets(written);
  const ignoresRatio = written.flags?.component.includes('ignore_aspect_ratio') === true;
  return assemble(
    {
      crop,
      width: width === 'auto' ? undefined : width,
      height,
      aspectRatio,
      minWidth,
      minHeight,
      boundedDpr: written.boundedDpr,
      gravity: written.gravity,
      x: written.x,
      y: written.y,
      zoom: written.zoom,
      ignoreAspectRatio: ignoresRatio ? true : undefined,
    },
    written,
    {
      effect: effect && coloured(effect, written.colour),
      layer: undefined,
      dpr: hasWidthOrHeight(written) ? written.dpr : undefined,
      autoWidth: width === 'auto' ? true : undefined,
    },
  );
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
  return { ...effect, colour: colour ?? standardColourOf(effect.name) };
}

/** What is to be hidden must not be missed: where a region is has to be said. */
function checkRegion({ crop, gravity, width }: Written, { name }: Effect): void {
  const faces = `e_${name.replace('region', 'faces')}`;
  if (gravity !== undefined) {
    const why = gravity.kind === 'face' ? `write ${faces} for faces` : 'no text and no things are found here';
    throw new Failure('invalid', `e_${name} takes its region from x_, y_, w_ and h_, without g_: ${why}.`);
  }
  if (crop !== undefined || width === 'auto') {
    throw new Failure(
      'invalid',
      `e_${name} needs a component without c_ and w_auto: w_ and h_ beside it say its region.`,
    );
  }
}

function checkAutoGravity(gravity: Gravity | undefined, crop: CropMode | undefined, context: ComponentContext): void {
  if (gravity?.kind !== 'auto' || (crop !== undefined && autoGravityModes.includes(crop))) return;
  if (crop === undefined && !context.isLayer) return;
  const came = crop === undefined ? 'a layer' : `c_${crop}`;
  throw new Failure('invalid', `Use auto gravity only with c_fill, c_lfill, c_crop, c_thumb or c_auto; got ${came}.`);
}

function takesOffsets(effect: Effect | undefined): boolean {
  return effect !== undefined && effectRules[effect.name].takesOffsets === true;
}

function checkOffsets(written: Written): void {
  for (const name of ['x', 'y'] as const) {
    const offset = written[name];
    if (offset !== undefined && offset.unit !== 'expression' && offset.value < 0) {
      throw new Failure('invalid', `${name}_${offset.value} is negative, which only layers, shadows and fades may be.`);
    }
  }
}

/** Drops what changes nothing, so that equal meaning is equal by value. */
export function tidy(step: RequestedStep): RequestedStep {
  const { effect, layer, dpr, autoWidth } = step;
  return assemble(step, step, { effect, layer, dpr, autoWidth });
}

/** What decides the size and where it is cut, which count together or not at all. */
const sizeNames = [
  ...(['crop', 'width', 'height', 'aspectRatio', 'minWidth', 'minHeight', 'boundedDpr'] as const),
  ...(['gravity', 'x', 'y', 'zoom', 'ignoreAspectRatio'] as const),
] as const;
type Draft<Name extends keyof RequestedStep> = { readonly [Key in Name]?: RequestedStep[Key] | undefined };
type SizeDraft = Draft<(typeof sizeNames)[number]>;

/** Parameters that a step takes as they were written, each for itself. */
type SingleName = Exclude<StepParameterName, keyof SizeDraft | 'effect'>;
const singleNames = stepParameterNames.filter(
  (name): name is SingleName => name !== 'effect' && !sizeNames.some((known) => known === name),
);

// From three records, not one: this runs twice for every component of every request, and joining them is most of the work.
function assemble(
  size: SizeDraft,
  singles: Draft<SingleName>,
  { effect, layer, dpr, autoWidth }: Draft<'effect' | 'layer' | 'dpr' | 'autoWidth'>,
): RequestedStep {
  const { isOfRegion } = effect === undefined ? noRule : effectRules[effect.name];
  const tidied = isOfRegion === true ? tidyRegion(size) : tidySize(size, takesOffsets(effect), autoWidth === true);
  const kept: { -readonly [Key in keyof RequestedStep]: RequestedStep[Key] } =
    tidied === undefined ? {} : present(tidied);
  if (effect !== undefined && !isNeutral(effect)) kept.effect = effect;
  for (const name of singleNames) {
    if (name === 'equalTrim' && effect?.name !== 'trim') continue;
    if (singles[name] !== undefined && !leavesAsItIs(name, singles)) copyPart(singles, kept, name);
  }
  if (layer !== undefined) kept.layer = layer;
  if (dpr !== undefined) kept.dpr = dpr;
  if (autoWidth !== undefined) kept.autoWidth = autoWidth;
  return kept;
}

const noRule: Partial<EffectRule> = {};

function tidyRegion({ width, height, x, y }: SizeDraft): SizeDraft {
  return { width, height, x: nonZero(x), y: nonZero(y) };
}

function copyPart<Name extends keyof RequestedStep>(
  from: { readonly [Key in Name]?: RequestedStep[Key] | undefined },
  to: { [Key in Name]?: RequestedStep[Key] },
  name: Name,
): void {
  const part = from[name];
  if (part !== undefined) to[name] = part;
}

/** The size and where it is cut; a shadow and a fade are moved by the same offsets. Undefined when there is neither. */
function tidySize(draft: SizeDraft, isPlaced: boolean, hasAutoWidth: boolean): SizeDraft | undefined {
  const { crop, width, height, aspectRatio, minWidth, minHeight } = draft;
  const [x, y] = [nonZero(draft.x), nonZero(draft.y)];
  const sides = (width === undefined ? 0 : 1) + (height === undefined ? 0 : 1);
  const isBound = crop !== 'crop' && (minWidth !== undefined || minHeight !== undefined);
  const isSized = sides > 0 || aspectRatio !== undefined || hasAutoWidth || isBound;
  const isOfFace = draft.gravity?.kind === 'face' && (crop === 'crop' || crop === 'thumb');
  if (!(isSized || isOfFace) || crop === undefined) return isPlaced ? { x, y } : undefined;
  const places = placingModes.includes(crop);
  const offset = {
    isWritten: draft.x !== undefined || draft.y !== undefined,
    isSome: x !== undefined || y !== undefined,
  };
  const gravity = places ? effectiveGravity(crop, draft.gravity, offset) : undefined;
  const isMoved = isPlaced || (places && gravity?.kind !== 'auto');
  const looksForRegion =
    (crop === 'thumb' && (gravity?.kind === 'face' || gravity?.kind === 'custom')) || (isOfFace && sides === 0);
  const isOneSided = sides === 1 && aspectRatio === undefined && !hasAutoWidth;
  return {
    crop,
    width,
    height,
    aspectRatio: sides === 2 ? undefined : aspectRatio,
    minWidth: isBound ? minWidth : undefined,
    minHeight: isBound ? minHeight : undefined,
    boundedDpr: isBoundedMode(crop) && draft.boundedDpr !== 1 ? draft.boundedDpr : undefined,
    gravity,
    x: isMoved ? x : undefined,
    y: isMoved ? y : undefined,
    zoom: looksForRegion && draft.zoom !== 1 ? draft.zoom : undefined,
    ignoreAspectRatio: crop === 'scale' && isOneSided ? draft.ignoreAspectRatio : undefined,
  };
}

interface Offset {
  readonly isWritten: boolean;
  /** Not nothing. */
  readonly isSome: boolean;
}

/** The gravity that decides; undefined stands for the centre. `c_crop` at x, y without one counts from the top left. */
function effectiveGravity(crop: CropMode, gravity: Gravity | undefined, offset: Offset): Gravity | undefined {
  if (gravity === undefined) {
    if (crop === 'auto' || isPaddingAtNeed(crop)) return { kind: 'auto' };
    return crop === 'crop' && offset.isWritten ? { kind: 'compass', point: 'north_west' } : undefined;
  }
  const isCentre = gravity.kind === 'compass' && gravity.point === 'center';
  const isImplied = crop !== 'auto' && !(crop === 'crop' && offset.isSome);
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

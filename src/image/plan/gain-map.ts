import { type Component, isPadding, type OutputFlag } from '../../grammar/index.ts';
import type { Facts } from '../containers/facts.ts';
import type { WorkCost } from './work.ts';
import { sizeKeys } from './workload.ts';

/** What decides whether a picture goes on saying how much brighter some screens show it. */
export type GainMapQuestion = Pick<WorkCost, 'facts' | 'transform' | 'format'>;

type Transform = GainMapQuestion['transform'];

/** Flags after which numbers would be of other colours than those that the map is for. */
const otherColours: ReadonlySet<OutputFlag> = new Set(['strip_profile', 'force_strip', 'force_icc']);

/**
 * Whether a JPEG gets the map of its original: where nothing was done to it but sizes, fixed cuts and quarter turns, which
 * are done to the map as well. A client that takes no WebP shows no map, unless `fl_hdr` says that it is to have one.
 */
export function keepsGainMap({ facts, transform, format }: GainMapQuestion): boolean {
  const isWanted = transform.format !== 'auto-basic' || transform.flags.includes('hdr');
  return format === 'jpeg' && isWanted && mayHaveMap(facts, transform);
}

/** The same, if it is to be a JPEG. */
export function mayHaveMap(
  facts: Pick<Facts, 'gainMap'>,
  transform: Pick<Transform, 'steps' | 'flags'> & Partial<Transform>,
): boolean {
  const { steps, flags, page, maxBytes, colourSpace } = transform;
  if (facts.gainMap === undefined || page !== undefined || maxBytes !== undefined || colourSpace !== undefined)
    return false;
  return !flags.some((flag) => otherColours.has(flag)) && steps.every(onlyMoves);
}

function onlyMoves(step: Component): boolean {
  const { crop, gravity, angle } = step;
  const isFixed = gravity === undefined || gravity.kind === 'compass' || gravity.kind === 'point';
  const isMoving = Object.entries(step).every(
    ([key, value]) => value === undefined || key === 'angle' || sizeKeys.has(key),
  );
  return (
    isMoving && isFixed && crop !== 'auto' && !isPadding(crop) && (angle === undefined || angle.degrees % 90 === 0)
  );
}

/** What reckoning with a map looks at. */
export type GainMapCost = GainMapQuestion & Pick<WorkCost, 'workload'>;

/** Milliseconds of a core for each megapixel that is read, or that a step makes: the map may be drawn as large as its base. */
const drawnRate = 30;

/** Of CPU that a map takes beside its base. */
export function gainMapMs(cost: GainMapCost): number {
  return keepsGainMap(cost) ? (drawnRate * pixelsOnTheWay(cost).reduce((sum, pixels) => sum + pixels, 0)) / 1e6 : 0;
}

/** Three channels of 8 bits, before and after they are scaled. */
const bytesPerPixel = 6;

/** Bytes of memory that a map takes beside its base. */
export function gainMapBytes(cost: GainMapCost): number {
  return keepsGainMap(cost) ? bytesPerPixel * Math.max(...pixelsOnTheWay(cost)) : 0;
}

/** Of the base, and of what each step makes of it, which it makes of the map as well. */
function pixelsOnTheWay({ facts: { stored }, workload: { tasks } }: GainMapCost): readonly number[] {
  return [stored, ...tasks.map(({ after }) => after)].map(({ width, height }) => width * height);
}

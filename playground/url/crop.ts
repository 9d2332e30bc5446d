import { type Model, type Step, valueAt } from './model.ts';

/** A part of a picture, in shares of its sides. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The part that the first step cuts out of the original, where it does so by pixels. */
export function areaIn({ steps: [first] }: Model, { width, height }: Size): Area | undefined {
  if (!isCut(first)) return undefined;
  const [x, y, w, h] = ['x', 'y', 'w', 'h'].map((key) => Number(valueAt(first, key) ?? 0));
  if (x === undefined || y === undefined || !w || !h) return undefined;
  const area = { x: x / width, y: y / height, width: w / width, height: h / height };
  return Object.values(area).every((share) => share >= 0 && share <= 1) ? area : undefined;
}

/** The model with that part cut out of the original before anything else is done. */
export function withArea(model: Model, area: Area, { width, height }: Size): Model {
  const [left, top] = [Math.round(area.x * width), Math.round(area.y * height)];
  const across = Math.min(width - left, Math.max(1, Math.round(area.width * width)));
  const down = Math.min(height - top, Math.max(1, Math.round(area.height * height)));
  const numbers = { x: left, y: top, w: across, h: down };
  const cut: Step = [
    ['c', 'crop'],
    ['g', 'north_west'],
    ...Object.entries(numbers).map(([key, value]) => [key, String(value)] as const),
  ];
  return { ...model, steps: [cut, ...(isCut(model.steps[0]) ? model.steps.slice(1) : model.steps)] };
}

function isCut(step: Step | undefined): boolean {
  const keys = new Set(['c', 'g', 'x', 'y', 'w', 'h']);
  return (
    valueAt(step, 'c') === 'crop' &&
    (valueAt(step, 'g') ?? 'north_west') === 'north_west' &&
    step?.every(([key]) => keys.has(key)) === true
  );
}

/** From one corner to the other, inside of the picture. */
export function areaBetween(from: Pick<Area, 'x' | 'y'>, to: Pick<Area, 'x' | 'y'>): Area {
  const [left, right] = [Math.min(from.x, to.x), Math.max(from.x, to.x)].map(inside);
  const [top, bottom] = [Math.min(from.y, to.y), Math.max(from.y, to.y)].map(inside);
  return { x: left ?? 0, y: top ?? 0, width: (right ?? 1) - (left ?? 0), height: (bottom ?? 1) - (top ?? 0) };
}

export function moved(area: Area, by: { readonly x: number; readonly y: number }): Area {
  return {
    ...area,
    x: Math.min(1 - area.width, Math.max(0, area.x + by.x)),
    y: Math.min(1 - area.height, Math.max(0, area.y + by.y)),
  };
}

/** Wider or lower by its corner at the right and bottom. */
export function resizedBy(area: Area, by: { readonly x: number; readonly y: number }): Area {
  const least = 0.01;
  return {
    ...area,
    width: Math.min(1 - area.x, Math.max(least, area.width + by.x)),
    height: Math.min(1 - area.y, Math.max(least, area.height + by.y)),
  };
}

function inside(share: number): number {
  return Math.min(1, Math.max(0, share));
}

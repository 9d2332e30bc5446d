import { chain, component, refuse } from '../dialect.ts';
import { canvasAround, decimal } from '../drawing.ts';
import { program } from './options.ts';
import { backgroundOf, placed } from './place.ts';
import type { Wishes } from './wishes.ts';

/** Sides in pixels, of which 0 leaves one to the other, and what multiplies them. */
interface Box {
  readonly width: number;
  readonly height: number;
  readonly zoom: readonly [number, number];
  readonly dpr: number;
}

function boxOf({ width = 0, height = 0, zoom = [1, 1], dpr = 1 }: Wishes): Box {
  return { width, height, zoom, dpr };
}

/** True where a dpr may come to less than it says: the picture is not made larger for it. */
function isDprBounded({ enlarge = false, dpr = 1 }: Wishes): boolean {
  return !enlarge && dpr !== 1;
}

/** How the picture meets its new size: one component, and a cut where its least sides may reach beyond the box. */
export function sized(wishes: Wishes): readonly string[] {
  const { minWidth = 0, minHeight = 0 } = wishes;
  const box = boxOf(wishes);
  const hasLeast = minWidth > 0 || minHeight > 0;
  const isFree = box.width === 0 && box.height === 0;
  if (isFree) return scaledAlone(wishes, box);
  if (box.zoom[0] !== box.zoom[1] && modeOf(wishes, box) !== 'force') {
    throw refuse(program, 'zoom', 'both sides are zoomed alike');
  }
  if (hasLeast && isDprBounded(wishes)) {
    throw refuse(program, 'dpr', 'beside min-width or min-height, and width or height, it needs enlarge');
  }
  const cut =
    hasLeast && !['fill', 'fill-down'].includes(modeOf(wishes, box))
      ? component({ c: 'crop', ...sides(box), ...placed(wishes.place, box.dpr) })
      : undefined;
  return chain(resized(wishes, box), cut);
}

function leastSides({ minWidth = 0, minHeight = 0, dpr = 1 }: Wishes): Readonly<Record<string, string | undefined>> {
  const side = (value: number) => (value === 0 ? undefined : String(Math.round(value * dpr)));
  return { mw: side(minWidth), mh: side(minHeight) };
}

/** Without a size the factors are of the picture itself. */
function scaledAlone(wishes: Wishes, { zoom, dpr }: Box): readonly string[] {
  if (zoom[0] !== zoom[1]) throw refuse(program, 'zoom', 'without a size both sides are zoomed alike');
  const isBounded = isDprBounded(wishes);
  const factor = isBounded ? zoom[0] : zoom[0] * dpr;
  const least = leastSides(isBounded ? { ...wishes, dpr: 1 } : wishes);
  const side = factor === 1 ? undefined : decimal(factor);
  if (side === undefined && least['mw'] === undefined && least['mh'] === undefined && dpr >= 1) return [];
  const all = { ...least, w: side ?? (isBounded ? '1.0' : undefined), ldpr: isBounded ? decimal(dpr) : undefined };
  return chain(component({ c: wishes.enlarge ? 'fit' : 'limit', ...all, h: all.w }));
}

type Mode = 'fit' | 'fill' | 'fill-down' | 'force' | 'auto';

/** One side alone asks for no shape: whatever keeps the picture's own is the same. */
function modeOf({ type = 'fit' }: Wishes, { width, height }: Box): Mode {
  const isOneSided = width === 0 || height === 0;
  return isOneSided && type !== 'force' ? 'fit' : type;
}

const enlarging: Readonly<Record<Mode, string>> = {
  fit: 'fit',
  fill: 'fill',
  'fill-down': 'fill',
  force: 'scale',
  auto: 'oriented',
};
const bounded: Readonly<Record<Mode, string>> = {
  fit: 'limit',
  fill: 'lfill',
  'fill-down': 'fill_down',
  force: 'lscale',
  auto: 'loriented',
};
/** In these a picture that is too small for a dpr keeps another shape than in one of the full size. */
const minded: readonly Mode[] = ['fill', 'auto'];

function resized(wishes: Wishes, box: Box): string | undefined {
  const { enlarge = false, place } = wishes;
  const mode = modeOf(wishes, box);
  const isMinded = isDprBounded(wishes) && (minded.includes(mode) || isExtendedFit(wishes, mode));
  const c = isExtendedFit(wishes, mode) ? (enlarge ? 'pad' : 'lpad') : (enlarge ? enlarging : bounded)[mode];
  const at = mode === 'force' || mode === 'fit' ? {} : placed(place, isMinded ? 1 : box.dpr);
  const canvas = isExtendedFit(wishes, mode)
    ? { ...placed(wishes.extend?.place, isMinded ? 1 : box.dpr), b: backgroundOf(wishes) }
    : {};
  return component({
    c,
    ...sides(isMinded ? { ...box, dpr: 1 } : box, mode === 'force'),
    ...leastSides(isMinded ? { ...wishes, dpr: 1 } : wishes),
    ldpr: isMinded ? decimal(box.dpr) : undefined,
    ...at,
    ...canvas,
  });
}

/** A picture that fits into a box on a canvas of that box is one step of ours, unless effects come between. */
function isExtendedFit({ extend, type = 'fit', ...wishes }: Wishes, mode: Mode): boolean {
  const { width = 0, height = 0, blur = 0, sharpen = 0, pixelate = 0, minWidth = 0, minHeight = 0 } = wishes;
  if (extend?.isOn !== true || type !== 'fit' || mode !== 'fit' || width === 0 || height === 0) return false;
  return blur === 0 && sharpen === 0 && pixelate < 2 && minWidth === 0 && minHeight === 0;
}

/** Both sides; a missing one follows what it was where the shape is forced. */
function sides({ width, height, zoom, dpr }: Box, isForced = false): Readonly<Record<string, string | undefined>> {
  const [across, down] = [zoom[0] * dpr, zoom[1] * dpr];
  const own = (name: 'w' | 'h', factor: number) => (factor === 1 ? name : `${name}_mul_${decimal(factor)}`);
  return {
    w: side(width, across) ?? (isForced ? own('w', across) : undefined),
    h: side(height, down) ?? (isForced ? own('h', down) : undefined),
  };
}

/** Whole pixels where it comes to such; else the arithmetic, which is rounded once, at the end. */
function side(value: number, factor: number): string | undefined {
  if (value === 0) return undefined;
  const pixels = Math.round(value * factor * 1e6) / 1e6;
  if (Number.isInteger(pixels)) return String(Math.max(1, pixels));
  return `${value}_mul_${decimal(factor)}`;
}

/** The canvases that are laid round what has its size: up to the box, to its shape, and by the padding. */
export function extended(wishes: Wishes): readonly string[] {
  const box = boxOf(wishes);
  const b = backgroundOf(wishes);
  const isDone = isExtendedFit(wishes, modeOf(wishes, box));
  return chain(isDone ? undefined : onBox(wishes, box, b), onRatio(wishes, b), padded(wishes, b));
}

function onBox(wishes: Wishes, box: Box, b: string | undefined): string | undefined {
  const { extend } = wishes;
  if (extend?.isOn !== true || reachesBox(wishes, box)) return undefined;
  if (isDprBounded(wishes)) throw refuse(program, 'dpr', 'beside extend it needs enlarge, unless a picture is fitted');
  const { w = 'w', h = 'h' } = sides(box);
  return component({ c: 'lpad', w, h, ...placed(extend.place, box.dpr), b });
}

/** Nothing is left to lay it on: there is no box, or the picture is made as large. */
function reachesBox(wishes: Wishes, box: Box): boolean {
  if (box.width === 0 && box.height === 0) return true;
  const mode = modeOf(wishes, box);
  const isOneSided = box.width === 0 || box.height === 0;
  return wishes.enlarge === true && mode !== 'auto' && (mode !== 'fit' || isOneSided);
}

function onRatio({ extendRatio, width = 0, height = 0, dpr = 1 }: Wishes, b: string | undefined): string | undefined {
  if (extendRatio?.isOn !== true || width === 0 || height === 0) return undefined;
  return component({ c: 'pad', ar: `${width}:${height}`, ...placed(extendRatio.place, dpr), b });
}

function padded({ padding = [0, 0, 0, 0], dpr = 1 }: Wishes, b: string | undefined): string | undefined {
  const [top = 0, right = 0, bottom = 0, left = 0] = padding.map((pixels) => Math.round(pixels * dpr));
  return canvasAround([top, right, bottom, left], b);
}

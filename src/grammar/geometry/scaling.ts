import type { Component } from '../meaning/transform.ts';
import { type CropMode, isPaddingAtNeed } from '../parameters/crop.ts';
import type { Size } from './resolve-length.ts';

/** A mode that pads at need cuts as long as so much of the picture is left. */
const leastKept = 2 / 3;

/**
 * A mode that follows the picture's orientation fills a box of the same one, and fits into any other; one that pads at need
 * fills a box of about the picture's shape.
 */
export function orientedMode(crop: SizingMode, box: Size, current: Size): SettledMode {
  if (isPaddingAtNeed(crop)) {
    const shapes = (box.width / box.height) * (current.height / current.width);
    if (Math.min(shapes, 1 / shapes) < leastKept) return 'pad';
    return crop === 'fill_pad' ? 'fill' : 'auto';
  }
  if (crop !== 'oriented' && crop !== 'loriented') return crop;
  const isSame = box.width >= box.height === current.width >= current.height;
  if (crop === 'oriented') return isSame ? 'fill' : 'fit';
  return isSame ? 'lfill' : 'limit';
}

type SizingMode = Exclude<CropMode, 'crop'>;
type SettledMode = Exclude<SizingMode, 'oriented' | 'loriented' | 'fill_pad' | 'auto_pad'>;

interface DensityOf {
  readonly component: Component;
  readonly asked: Size;
  readonly current: Size;
}

/**
 * What a bounded dpr comes to: as much of it as the picture has pixels for. One that is smaller than what is asked for at
 * density 1 is seen as if it just filled that, unless it lies on a canvas, which keeps its own size.
 */
export function densityFor(mode: SettledMode, { component: { boundedDpr = 1 }, asked, current }: DensityOf): number {
  if (boundedDpr === 1) return 1;
  const shrink = 1 / unboundedFactor(mode, asked.width / current.width, asked.height / current.height);
  if (shrink >= 1) return Math.min(boundedDpr, shrink);
  return Math.min(mode === 'lpad' ? boundedDpr : boundedDpr / shrink, 1);
}

interface ScaleContext {
  readonly current: Size;
  readonly dense: number;
}

/** Enlarged in proportion to the least sides, where the size comes to less. */
export function reaching({ minWidth = 0, minHeight = 0 }: Component, scaled: Size, dense: number): Size {
  const factor = Math.max(1, (minWidth * dense) / scaled.width, (minHeight * dense) / scaled.height);
  return { width: scaled.width * factor, height: scaled.height * factor };
}

/** Not rounded. */
export function scaledSize(crop: SettledMode, box: Size, { current, dense }: ScaleContext): Size {
  if (crop === 'scale') return box;
  if (crop === 'lscale') {
    const factor = Math.min(1, (current.width / box.width) * dense, (current.height / box.height) * dense);
    return { width: box.width * factor, height: box.height * factor };
  }
  const [horizontal, vertical] = [box.width / current.width / dense, box.height / current.height / dense];
  const factor = scaleFactor(crop, horizontal, vertical) * dense;
  return { width: current.width * factor, height: current.height * factor };
}

/** As if the mode might enlarge. */
function unboundedFactor(crop: SettledMode, horizontal: number, vertical: number): number {
  const covers = crop === 'lfill' || crop === 'fill_down' || crop === 'loutside' || crop === 'lscale';
  return covers ? Math.max(horizontal, vertical) : Math.min(horizontal, vertical);
}

function scaleFactor(crop: Exclude<SettledMode, 'scale' | 'lscale'>, horizontal: number, vertical: number): number {
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
    case 'fill_down':
    case 'loutside':
      return Math.min(1, fill);
  }
}

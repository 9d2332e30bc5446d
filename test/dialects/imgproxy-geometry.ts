import type { Size } from '../../src/grammar/index.ts';

/** What imgproxy's documents and tests say of the size of a picture, for what of its options decides it. */
export interface ImgproxySizing {
  readonly type?: 'fit' | 'fill' | 'fill-down' | 'force' | 'auto';
  readonly width?: number;
  readonly height?: number;
  readonly minWidth?: number;
  readonly minHeight?: number;
  readonly zoom?: number;
  readonly dpr?: number;
  readonly enlarge?: boolean;
  readonly extend?: boolean;
  readonly extendRatio?: boolean;
  readonly crop?: { readonly width: number; readonly height: number };
  readonly turn?: number;
  readonly padding?: readonly [number, number, number, number];
}

interface Shrink {
  readonly across: number;
  readonly down: number;
  /** As much of the dpr as counts. */
  readonly dpr: number;
}

export function imgproxySize(sizing: ImgproxySizing, source: Size): Size {
  const { width = 0, height = 0, zoom = 1, type = 'fit' } = sizing;
  const upright = (sizing.turn ?? 0) % 180 === 0 ? source : { width: source.height, height: source.width };
  const area = cropped(sizing, upright);
  const shrink = shrinkOf(sizing, area);
  const scaled = {
    width: Math.max(1, Math.round(area.width / shrink.across)),
    height: Math.max(1, Math.round(area.height / shrink.down)),
  };
  const target = { width: Math.round(width * shrink.dpr * zoom), height: Math.round(height * shrink.dpr * zoom) };
  const result = type === 'fill-down' ? shapeWithin(target, scaled) : target;
  let size = {
    width: Math.min(scaled.width, result.width || scaled.width),
    height: Math.min(scaled.height, result.height || scaled.height),
  };
  if (sizing.extend === true) {
    size = { width: Math.max(size.width, target.width), height: Math.max(size.height, target.height) };
  }
  if (sizing.extendRatio === true && width > 0 && height > 0) size = extendedTo(width / height, size);
  const [top, right, bottom, left] = (sizing.padding ?? [0, 0, 0, 0]).map((side) => Math.round(side * shrink.dpr));
  return {
    width: size.width + (left ?? 0) + (right ?? 0),
    height: size.height + (top ?? 0) + (bottom ?? 0),
  };
}

function cropped({ crop }: ImgproxySizing, source: Size): Size {
  const side = (wanted: number, all: number) => {
    if (wanted === 0) return all;
    return Math.min(all, wanted >= 1 ? Math.floor(wanted) : Math.max(1, Math.round(all * wanted)));
  };
  return { width: side(crop?.width ?? 0, source.width), height: side(crop?.height ?? 0, source.height) };
}

function shrinkOf(sizing: ImgproxySizing, source: Size): Shrink {
  const { width = 0, height = 0, zoom = 1, enlarge = false, minWidth = 0, minHeight = 0 } = sizing;
  let across = source.width / (width || source.width);
  let down = source.height / (height || source.height);
  if (sizing.type !== 'force') {
    if (width === 0) across = down;
    else if (height === 0) down = across;
    else across = down = uniform(sizing, source, [across, down]);
  }
  across /= zoom;
  down /= zoom;
  let dpr = sizing.dpr ?? 1;
  if (!enlarge) {
    const least = Math.min(across, down);
    if (least < 1) {
      across /= least;
      down /= least;
      if (sizing.extend !== true) dpr /= least;
    }
    dpr = Math.min(dpr, across, down);
  }
  if (minWidth > 0 && source.width / minWidth < across) {
    down *= source.width / minWidth / across;
    across = source.width / minWidth;
  }
  if (minHeight > 0 && source.height / minHeight < down) {
    across *= source.height / minHeight / down;
    down = source.height / minHeight;
  }
  return { across: across / dpr, down: down / dpr, dpr };
}

function uniform({ type, width = 0, height = 0 }: ImgproxySizing, source: Size, [across, down]: [number, number]) {
  const isSame = source.width >= source.height === width >= height;
  const fills = type === 'fill' || type === 'fill-down' || (type === 'auto' && isSame);
  return fills ? Math.min(across, down) : Math.max(across, down);
}

function shapeWithin(target: Size, scaled: Size): Size {
  const [across, down] = [target.width / scaled.width, target.height / scaled.height];
  if (across > down && across > 1) {
    return { width: scaled.width, height: Math.round((scaled.width * target.height) / target.width) };
  }
  if (down > across && down > 1) {
    return { width: Math.round((scaled.height * target.width) / target.height), height: scaled.height };
  }
  return target;
}

function extendedTo(ratio: number, size: Size): Size {
  return size.width / size.height < ratio
    ? { width: Math.round(size.height * ratio), height: size.height }
    : { width: size.width, height: Math.round(size.width / ratio) };
}

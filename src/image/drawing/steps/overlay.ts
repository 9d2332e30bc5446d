import type { OverlayOptions } from 'sharp';
import type { Box, Size } from '../../containers/facts.ts';
import { cut, type Picture, rasterOf } from '../picture/picture.ts';
import { coloured, type Raster } from '../picture/raster.ts';

export interface OverlayPlace {
  /** What it is laid on. */
  readonly base: Pick<Picture, 'size' | 'frames'>;
  /** Where the layer's top left corner comes to lie; may be outside. */
  readonly left: number;
  readonly top: number;
  /** Repeated in all directions from there. */
  readonly isTiled: boolean;
}

/** The part of a layer that lies on its base, ready for compositing; undefined where none does. */
export async function overlayOf(layer: Picture, place: OverlayPlace): Promise<OverlayOptions | undefined> {
  const { base, left, top, isTiled } = place;
  if (isTiled) return repeated(await rasterOf(layer), place);
  const visible = visiblePart({ left, top, ...layer.size }, base.size);
  if (visible === undefined) return undefined;
  const part = await rasterOf(await cut(layer, { ...visible, left: visible.left - left, top: visible.top - top }));
  if (base.frames > 1) return spread(part, { ...place, left: visible.left, top: visible.top });
  return { input: part.data, raw: { ...part.size, channels: part.channels }, left: visible.left, top: visible.top };
}

/** Relative to the base. */
function visiblePart(layer: Box, base: Size): Box | undefined {
  const left = Math.max(0, layer.left);
  const top = Math.max(0, layer.top);
  const width = Math.min(base.width, layer.left + layer.width) - left;
  const height = Math.min(base.height, layer.top + layer.height) - top;
  return width > 0 && height > 0 ? { left, top, width, height } : undefined;
}

/** On an animation's frames, which lie one below the other, a layer as large as a frame repeats with them. */
function spread(part: Raster, { base, left, top }: OverlayPlace): OverlayOptions {
  const { data, size, channels } = withAlpha(coloured(part));
  const whole = Buffer.alloc(base.size.width * base.size.height * channels);
  for (let row = 0; row < size.height; row += 1) {
    const from = row * size.width * channels;
    data.copy(whole, ((top + row) * base.size.width + left) * channels, from, from + size.width * channels);
  }
  return { input: whole, raw: { ...base.size, channels }, tile: true, gravity: 'northwest' };
}

/** As large as a frame of the base, filled with copies of the layer. */
function repeated(raster: Raster, { base, left, top }: OverlayPlace): OverlayOptions {
  const { data, size, channels } = withAlpha(coloured(raster));
  const { width, height } = base.size;
  const whole = Buffer.allocUnsafe(width * height * channels);
  for (let row = 0; row < height; row += 1) {
    const fromRow = modulo(row - top, size.height) * size.width;
    for (let column = 0; column < width; ) {
      const fromColumn = modulo(column - left, size.width);
      const run = Math.min(size.width - fromColumn, width - column);
      const from = (fromRow + fromColumn) * channels;
      data.copy(whole, (row * width + column) * channels, from, from + run * channels);
      column += run;
    }
  }
  return { input: whole, raw: { width, height, channels }, tile: true, gravity: 'northwest' };
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

function withAlpha(raster: Raster): Raster {
  const { data, channels } = raster;
  if (channels !== 3) return raster;
  const wide = Buffer.allocUnsafe((data.length / 3) * 4);
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    data.copy(wide, to, from, from + 3);
    wide[to + 3] = 255;
  }
  return { ...raster, data: wide, channels: 4 };
}

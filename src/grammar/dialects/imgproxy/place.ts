import { refuse } from '../dialect.ts';
import { decimal } from '../drawing.ts';
import { program } from './options.ts';
import type { Place, Wishes } from './wishes.ts';

/** A place in our parameters; offsets are pixels, which a dpr multiplies, or shares below 1. */
export function placed(place: Place | undefined, dpr = 1): Readonly<Record<string, string | undefined>> {
  if (place === undefined || place.gravity === 'auto' || place.gravity.startsWith('faces')) {
    return { g: place?.gravity };
  }
  if (place.gravity === 'point') return { g: 'xy_center', x: decimal(place.x), y: decimal(place.y) };
  const [x, y] = [offset(place.x, dpr), offset(place.y, dpr)];
  return { g: place.gravity === 'center' && x === undefined && y === undefined ? undefined : place.gravity, x, y };
}

function offset(value: number, dpr: number): string | undefined {
  if (value === 0) return undefined;
  if (Math.abs(value) < 1) {
    if (value > 0) return decimal(value);
    throw refuse(program, String(value), 'an offset by a share of the picture points inwards');
  }
  const pixels = Math.round(value * dpr);
  // Only layers may be moved outwards by a plain number.
  return pixels < 0 ? `0_sub_${-pixels}` : String(pixels);
}

/** What is behind the picture, and round it; without one what is transparent stays so, where a format can say it. */
export function backgroundOf({ background, backgroundAlpha = 1, format = '' }: Wishes): string | undefined {
  if (background === undefined) return ['png', 'webp', 'avif', 'gif'].includes(format) ? 'transparent' : undefined;
  const digits = background.length === 3 ? background.replace(/./g, '$&$&') : background;
  const alpha = Math.round(backgroundAlpha * 255);
  return `rgb:${digits}${alpha === 255 ? '' : alpha.toString(16).padStart(2, '0')}`;
}

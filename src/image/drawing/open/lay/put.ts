import type { Box } from '../../../containers/facts.ts';
import type { Raster } from '../../picture/raster.ts';

/** Puts a patch in the place of what is there: its left top corner at the box, as much of it as the box has. */
export function putPlain(canvas: Raster, patch: Raster, { left, top, width, height }: Box): void {
  for (let row = 0; row < height; row += 1) {
    let from = row * patch.size.width * patch.channels;
    let to = ((top + row) * canvas.size.width + left) * 4;
    if (patch.channels === 4) {
      patch.data.copy(canvas.data, to, from, from + width * 4);
      continue;
    }
    for (let column = 0; column < width; column += 1, from += 3, to += 4) {
      patch.data.copy(canvas.data, to, from, from + 3);
      canvas.data[to + 3] = 255;
    }
  }
}

/** Lays a patch with alpha over what is there (PNG 3, 13.16). */
export function putOver(canvas: Raster, patch: Raster, { left, top, width, height }: Box): void {
  for (let row = 0; row < height; row += 1) {
    let from = row * patch.size.width * 4;
    let to = ((top + row) * canvas.size.width + left) * 4;
    for (let column = 0; column < width; column += 1, from += 4, to += 4) {
      const alpha = patch.data[from + 3] ?? 0;
      if (alpha === 0) continue;
      if (alpha === 255 || canvas.data[to + 3] === 0) patch.data.copy(canvas.data, to, from, from + 4);
      else mix(canvas.data, to, patch.data, from);
    }
  }
}

function mix(under: Buffer, to: number, over: Buffer, from: number): void {
  const share = over[from + 3] ?? 0;
  const rest = ((255 - share) * (under[to + 3] ?? 0)) / 255;
  const alpha = share + rest;
  for (let channel = 0; channel < 3; channel += 1) {
    const mixed = ((over[from + channel] ?? 0) * share + (under[to + channel] ?? 0) * rest) / alpha;
    under[to + channel] = Math.round(mixed);
  }
  under[to + 3] = Math.round(alpha);
}

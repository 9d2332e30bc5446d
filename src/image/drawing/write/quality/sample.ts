import type { Raster } from '../../picture/raster.ts';
import { lookedAt } from './patches.ts';

/** Pixels that are encoded again and again in a search, at most. */
const mostPixels = 1_500_000;

/** Side of the parts of a larger picture: wide enough that an encoder treats them as it would all of it. */
const partSide = 512;

/** Parts beside each other and below each other in a sample. */
const across = 2;

/** What a search tries its qualities on: the first frame, or of a large one four parts, laid together. */
export function sampleOf(raster: Raster): Raster {
  const { size, channels, data, frames } = raster;
  if (size.width * size.height > mostPixels && Math.min(size.width, size.height) >= partSide) return mosaicOf(raster);
  return frames === 1 ? raster : { ...raster, frames: 1, data: data.subarray(0, size.width * size.height * channels) };
}

function mosaicOf(raster: Raster): Raster {
  const { size, channels, data } = raster;
  const side = across * partSide;
  const mosaic = Buffer.alloc(side * side * channels);
  for (const [index, { left, top }] of lookedAt(raster, { side: partSide, most: across * across }).entries()) {
    const [toLeft, toTop] = [(index % across) * partSide, Math.floor(index / across) * partSide];
    for (let y = 0; y < partSide; y += 1) {
      const from = ((top + y) * size.width + left) * channels;
      data.copy(mosaic, ((toTop + y) * side + toLeft) * channels, from, from + partSide * channels);
    }
  }
  return { data: mosaic, size: { width: side, height: side }, frames: 1, channels };
}

import type { Raster } from '../../picture/raster.ts';

/** Side of a patch: a multiple of every codec's blocks, and wide enough for three scales of comparison. */
const patchSide = 64;

/** Patches side by side in a sample, at most: 256 × 256 pixels tell a picture's texture. */
const mostAcross = 4;

/** Share of a picture's pixels that a sample may have, so that probing costs less than encoding. */
const mostShare = 0.4;

/** Colours behind what is clear, so that hidden pixels have no say. */
const behind = 128;

/** A part of a picture, or patches of it laid together: three channels, no alpha. */
export interface Sample {
  readonly data: Buffer;
  readonly size: { readonly width: number; readonly height: number };
}

/** Patches from all over the first frame; a small picture is its own sample. */
export function sampleOf(raster: Raster): Sample {
  const { width, height } = raster.size;
  const across = patchesAlong(width, width * height);
  const down = patchesAlong(height, width * height);
  if (across === 0 || down === 0)
    return copied(raster, { width, height }, [{ left: 0, top: 0, width, height, toLeft: 0, toTop: 0 }]);
  const patches = Array.from({ length: across * down }, (_, index) => {
    const [column, row] = [index % across, Math.floor(index / across)];
    return {
      left: placeOf(column, across, width),
      top: placeOf(row, down, height),
      width: patchSide,
      height: patchSide,
      toLeft: column * patchSide,
      toTop: row * patchSide,
    };
  });
  return copied(raster, { width: across * patchSide, height: down * patchSide }, patches);
}

/** None where the picture is so small that patches would be most of it. */
function patchesAlong(side: number, pixels: number): number {
  const most = Math.floor(Math.sqrt((pixels * mostShare) / patchSide ** 2));
  return Math.min(mostAcross, most, Math.floor(side / patchSide));
}

/** Evenly over the side, on the grid that codecs' blocks lie on. */
function placeOf(index: number, count: number, side: number): number {
  const place = count === 1 ? (side - patchSide) / 2 : (index * (side - patchSide)) / (count - 1);
  return Math.floor(place / 16) * 16;
}

interface Patch {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly toLeft: number;
  readonly toTop: number;
}

function copied({ data, size, channels }: Raster, to: Sample['size'], patches: readonly Patch[]): Sample {
  const target = Buffer.allocUnsafe(to.width * to.height * 3);
  const green = channels >= 3 ? 1 : 0;
  const alphaAt = channels % 2 === 0 ? channels - 1 : undefined;
  for (const patch of patches) {
    for (let y = 0; y < patch.height; y += 1) {
      let from = ((patch.top + y) * size.width + patch.left) * channels;
      let at = ((patch.toTop + y) * to.width + patch.toLeft) * 3;
      for (let x = 0; x < patch.width; x += 1, from += channels, at += 3) {
        const opacity = alphaAt === undefined ? 1 : (data[from + alphaAt] ?? 255) / 255;
        target[at] = behind + ((data[from] ?? 0) - behind) * opacity;
        target[at + 1] = behind + ((data[from + green] ?? 0) - behind) * opacity;
        target[at + 2] = behind + ((data[from + green * 2] ?? 0) - behind) * opacity;
      }
    }
  }
  return { data: target, size: to };
}

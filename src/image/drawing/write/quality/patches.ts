import type { Raster } from '../../picture/raster.ts';
import type { Area, Channels, Pixels } from './likeness/colours.ts';

/** Side of a patch, of which 4 pixels to a side are there for the others' sake. */
const patchSide = 128;

/** Patches that a scale is judged by, at most: all of a picture would take longer than encoding it. */
const mostPatches = 6;

/** Colours behind what is clear, so that hidden pixels have no say. */
const behind = 128;

/** Where a scale is looked at: all of it where it is small, else some patches. */
export function patchesOf([, green]: Channels): readonly Area[] | 'all' {
  const { width, height, values } = green;
  if (width * height <= mostPatches * patchSide ** 2 * 1.1 || Math.min(width, height) < patchSide) return 'all';
  // A root is nearly how an eye sees light.
  return spread({ width, height, valueAt: (at) => Math.sqrt(values[at] ?? 0) }, { side: patchSide, most: mostPatches });
}

/** Parts of a picture of 8 bits: squares of that side. */
export function lookedAt({ data, size, channels }: Raster, parts: Parts): readonly Area[] {
  const green = channels >= 3 ? 1 : 0;
  return spread({ ...size, valueAt: (at) => data[at * channels + green] ?? 0 }, parts);
}

interface Parts {
  readonly side: number;
  readonly most: number;
}

interface Brightness {
  readonly width: number;
  readonly height: number;
  valueAt(pixel: number): number;
}

/**
 * Squares as smooth, as rough and as much between as all of a picture is. Squares in a grid would miss the one place with
 * detail under an empty sky.
 */
function spread(brightness: Brightness, { side, most }: Parts): readonly Area[] {
  const all = grid(brightness, side)
    .map((area) => ({ area, roughness: roughnessOf(brightness, area) }))
    .sort((one, other) => one.roughness - other.roughness);
  return Array.from({ length: most }, (_, at) => all[Math.floor(((at + 0.5) * all.length) / most)]).flatMap((found) =>
    found ? [found.area] : [],
  );
}

/** As many squares as cover it, evenly over it. */
function grid({ width, height }: Brightness, side: number): readonly Area[] {
  const [across, down] = [Math.ceil(width / side), Math.ceil(height / side)];
  return Array.from({ length: across * down }, (_, at) => ({
    left: placeOf(at % across, across, width - side),
    top: placeOf(Math.floor(at / across), down, height - side),
    width: side,
    height: side,
  }));
}

function placeOf(index: number, count: number, way: number): number {
  return count === 1 ? 0 : Math.floor((index * way) / (count - 1));
}

/** Sum of the steps of brightness, squared, between every second pixel and its neighbours. */
function roughnessOf({ width, valueAt }: Brightness, area: Area): number {
  let sum = 0;
  for (let y = area.top; y < area.top + area.height - 2; y += 2) {
    for (let x = area.left; x < area.left + area.width - 2; x += 2) {
      const at = y * width + x;
      const here = valueAt(at);
      const [right, below] = [valueAt(at + 2) - here, valueAt(at + 2 * width) - here];
      sum += right * right + below * below;
    }
  }
  return sum;
}

/** The pixels of the first frame, in three channels without alpha. */
export function opaquePixels({ data, size, channels }: Raster): Pixels {
  const { width, height } = size;
  if (channels === 3) return { data: data.subarray(0, width * height * 3), width, height };
  const opaque = new Uint8Array(width * height * 3);
  const green = channels > 3 ? 1 : 0;
  for (let at = 0, from = 0; at < opaque.length; at += 3, from += channels) {
    const opacity = channels === 1 ? 1 : (data[from + channels - 1] ?? 255) / 255;
    opaque[at] = behind + ((data[from] ?? 0) - behind) * opacity;
    opaque[at + 1] = behind + ((data[from + green] ?? 0) - behind) * opacity;
    opaque[at + 2] = behind + ((data[from + green * 2] ?? 0) - behind) * opacity;
  }
  return { data: opaque, width, height };
}

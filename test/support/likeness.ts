/** One channel of a picture. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  /** Row by row, 0–255. */
  readonly values: Float32Array;
}

/** Windows in which two pictures are compared, and how far the next one is. */
const side = 8;
const stride = 4;

/** The constants of SSIM for values of 0–255. */
const stabiliseMeans = (0.01 * 255) ** 2;
const stabiliseVariances = (0.03 * 255) ** 2;

/** How much each scale counts: the first three of the published five, to a sum of 1. */
const scaleWeights = [0.071, 0.453, 0.476];

/**
 * How alike two planes look: multi-scale SSIM (Wang, Simoncelli, Bovik 2003) over three scales, in square windows.
 * 1 is equal; some 0.99 is hard to tell apart, 0.95 plainly worse. Both must be of one size, at least 32 pixels a side.
 */
export function likeness(one: Plane, other: Plane): number {
  let [first, second] = [one, other];
  let product = 1;
  for (const [scale, weight] of scaleWeights.entries()) {
    const { structure, whole } = compare(first, second);
    const isLast = scale === scaleWeights.length - 1;
    product *= Math.max(0, isLast ? whole : structure) ** weight;
    if (!isLast) [first, second] = [halved(first), halved(second)];
  }
  return product;
}

/** Means over all windows: of contrast and structure alone, and with brightness. */
function compare(one: Plane, other: Plane): { readonly structure: number; readonly whole: number } {
  let [windows, structure, whole] = [0, 0, 0];
  for (let top = 0; top + side <= one.height; top += stride) {
    for (let left = 0; left + side <= one.width; left += stride) {
      let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0];
      for (let y = top; y < top + side; y += 1) {
        const row = y * one.width;
        for (let at = row + left; at < row + left + side; at += 1) {
          const p = one.values[at] ?? 0;
          const q = other.values[at] ?? 0;
          a += p;
          b += q;
          aa += p * p;
          bb += q * q;
          ab += p * q;
        }
      }
      const count = side * side;
      const [meanA, meanB] = [a / count, b / count];
      const variances = aa / count - meanA * meanA + (bb / count - meanB * meanB);
      const shared = (2 * (ab / count - meanA * meanB) + stabiliseVariances) / (variances + stabiliseVariances);
      structure += shared;
      whole += (shared * (2 * meanA * meanB + stabiliseMeans)) / (meanA * meanA + meanB * meanB + stabiliseMeans);
      windows += 1;
    }
  }
  return { structure: structure / windows, whole: whole / windows };
}

function halved({ width, height, values }: Plane): Plane {
  const across = width >> 1;
  const down = height >> 1;
  const half = new Float32Array(across * down);
  for (let y = 0; y < down; y += 1) {
    for (let x = 0; x < across; x += 1) {
      const at = 2 * y * width + 2 * x;
      half[y * across + x] =
        ((values[at] ?? 0) + (values[at + 1] ?? 0) + (values[at + width] ?? 0) + (values[at + width + 1] ?? 0)) / 4;
    }
  }
  return { width: across, height: down, values: half };
}

/** Brightness of raw pixels of one or three channels. */
export function lumaOf(data: Uint8Array, size: { width: number; height: number }, channels: number): Plane {
  const values = new Float32Array(size.width * size.height);
  for (let place = 0, at = 0; place < values.length; place += 1, at += channels) {
    const red = data[at] ?? 0;
    values[place] = channels < 3 ? red : 0.299 * red + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
  }
  return { ...size, values };
}

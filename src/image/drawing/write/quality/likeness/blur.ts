/** One channel of a picture, row by row. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/**
 * Weights of a pixel and its four neighbours to a side: the blur of the reference program, a Gaussian of 1.5 pixels out of three
 * cosines that end at the fifth (Charalampidis 2016). It runs as a recursion there, whose answer to one bright pixel this is.
 */
const [middle, first, second, third, fourth] = [
  0.2646211054881986, 0.21292859201042227, 0.10933537277746035, 0.03601111465836439, 0.00941436780965374,
] as const;

/** The product of two planes, blurred; outside a picture there is nothing, as in the reference program. */
export function blurredProduct(one: Plane, other: Plane): Plane {
  const { width, height } = one;
  const values = new Float32Array(one.values.length);
  for (let at = 0; at < values.length; at += 1) values[at] = (one.values[at] ?? 0) * (other.values[at] ?? 0);
  return blurred({ width, height, values });
}

/** A plane, blurred along its rows and then along its columns. */
export function blurred({ width, height, values }: Plane): Plane {
  const across = new Float32Array(values.length);
  // Room at both ends, so that no pixel needs a question about its neighbours.
  const row = new Float32Array(width + 8);
  for (let from = 0; from < values.length; from += width) {
    row.set(values.subarray(from, from + width), 4);
    for (let at = 0; at < width; at += 1) across[from + at] = weighed(row, at + 4, 1);
  }
  const padded = new Float32Array(values.length + 8 * width);
  padded.set(across, 4 * width);
  for (let at = 0; at < across.length; at += 1) across[at] = weighed(padded, at + 4 * width, width);
  return { width, height, values: across };
}

function weighed(from: Float32Array, at: number, step: number): number {
  return (
    middle * (from[at] ?? 0) +
    first * ((from[at - step] ?? 0) + (from[at + step] ?? 0)) +
    second * ((from[at - 2 * step] ?? 0) + (from[at + 2 * step] ?? 0)) +
    third * ((from[at - 3 * step] ?? 0) + (from[at + 3 * step] ?? 0)) +
    fourth * ((from[at - 4 * step] ?? 0) + (from[at + 4 * step] ?? 0))
  );
}

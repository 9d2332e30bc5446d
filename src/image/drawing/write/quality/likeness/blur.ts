/** One channel of a picture, row by row. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

type Three = readonly [number, number, number];

/** Standard deviation, in pixels. */
const sigma = 1.5;

/**
 * Weights of a pixel and its four neighbours to a side: the blur of the reference program, a Gaussian out of three cosines
 * (Charalampidis 2016, whose equations the numbers name), which runs there as a recursion.
 */
const [middle = 0, first = 0, second = 0, third = 0, fourth = 0] = cosineGaussian();

function cosineGaussian(): readonly number[] {
  const radius = Math.round(3.2795 * sigma + 0.2546); // (57)
  const turns = times((odd) => (odd * Math.PI) / (2 * radius)); // (37)
  const sums = times((_, at) => (at === 1 ? -1 : 1) / Math.tan(turns[at] / 2)); // (38)
  const squares = times((_, at) => ((at === 1 ? -1 : 1) * sums[at] ** 2) / Math.sin(turns[at])); // (44)
  const shares = times((_, at) => Math.exp(-0.5 * (sigma * turns[at]) ** 2) / radius); // (50)
  // (52): how much of the first two goes with the third.
  const [c15, c35] = cross(sums, squares);
  const ending: Three = [c15, c35, 1];
  // (56): the weights' sum is 1, their variance that of sigma, and they end as a Gaussian does.
  const wanted: Three = [1, radius * radius - sigma * sigma, c15 * shares[0] + c35 * shares[1] + shares[2]];
  const whole = determinant(sums, squares, ending);
  const amounts = times((_, at) => {
    const [a, b, c] = [sums, squares, ending].map((row, line) => replaced(row, at, wanted[line as 0 | 1 | 2]));
    return a && b && c ? determinant(a, b, c) / whole : 0;
  });
  return Array.from({ length: radius }, (_, distance) =>
    turns.reduce((sum, turn, at) => sum + amounts[at as 0 | 1 | 2] * Math.cos(turn * distance), 0),
  );
}

function times(value: (odd: number, at: 0 | 1 | 2) => number): Three {
  return [value(1, 0), value(3, 1), value(5, 2)];
}

function cross(p: Three, r: Three): readonly [number, number] {
  const shared = p[0] * r[1] - r[0] * p[1];
  return [(p[1] * r[2] - r[1] * p[2]) / shared, (p[2] * r[0] - r[2] * p[0]) / shared];
}

function replaced(row: Three, at: number, value: number): Three {
  return [at === 0 ? value : row[0], at === 1 ? value : row[1], at === 2 ? value : row[2]];
}

function determinant([a, b, c]: Three, [d, e, f]: Three, [g, h, i]: Three): number {
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}

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

import type { Chromaticity, Primaries } from '../../../containers/encoding.ts';

type Triple = readonly [number, number, number];

/** Row by row. */
export type Matrix = readonly [Triple, Triple, Triple];

/** Light of those primaries to light of others, as it looks to eyes used to either's white. */
export function matrixBetween(from: Primaries, to: Primaries): Matrix {
  return multiply(inverse(matrixToXyz(to)), multiply(adaptation(from.white, to.white), matrixToXyz(from)));
}

/** How much red, green and blue add to how light a colour is. */
export function luminanceOf(primaries: Primaries): Triple {
  return matrixToXyz(primaries)[1];
}

/** Primaries whose sum is white of a luminance of 1 (SMPTE RP 177). */
function matrixToXyz({ white, red, green, blue }: Primaries): Matrix {
  const columns = transposed([directionOf(red), directionOf(green), directionOf(blue)]);
  const [r, g, b] = apply(inverse(columns), xyzOf(white));
  return multiply(columns, [
    [r, 0, 0],
    [0, g, 0],
    [0, 0, b],
  ]);
}

function directionOf([x, y]: Chromaticity): Triple {
  return [x, y, 1 - x - y];
}

function xyzOf([x, y]: Chromaticity): Triple {
  return [x / y, 1, (1 - x - y) / y];
}

/** Bradford's cones, by which ICC profiles adapt too. */
const cones: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];

function adaptation(from: Chromaticity, to: Chromaticity): Matrix {
  const [short, middle, long] = apply(cones, xyzOf(from));
  const [toShort, toMiddle, toLong] = apply(cones, xyzOf(to));
  const scaled = multiply(
    [
      [toShort / short, 0, 0],
      [0, toMiddle / middle, 0],
      [0, 0, toLong / long],
    ],
    cones,
  );
  return multiply(inverse(cones), scaled);
}

function apply([one, two, three]: Matrix, vector: Triple): Triple {
  return [dot(one, vector), dot(two, vector), dot(three, vector)];
}

function dot(one: Triple, other: Triple): number {
  return one[0] * other[0] + one[1] * other[1] + one[2] * other[2];
}

function transposed([a, b, c]: Matrix): Matrix {
  return [
    [a[0], b[0], c[0]],
    [a[1], b[1], c[1]],
    [a[2], b[2], c[2]],
  ];
}

function multiply(one: Matrix, other: Matrix): Matrix {
  const columns = transposed(other);
  return transposed([apply(one, columns[0]), apply(one, columns[1]), apply(one, columns[2])]);
}

function inverse([a, b, c]: Matrix): Matrix {
  const cofactors: Matrix = [cross(b, c), cross(c, a), cross(a, b)];
  const determinant = dot(a, cofactors[0]);
  const divided = ([x, y, z]: Triple): Triple => [x / determinant, y / determinant, z / determinant];
  return transposed([divided(cofactors[0]), divided(cofactors[1]), divided(cofactors[2])]);
}

function cross(one: Triple, other: Triple): Triple {
  return [
    one[1] * other[2] - one[2] * other[1],
    one[2] * other[0] - one[0] * other[2],
    one[0] * other[1] - one[1] * other[0],
  ];
}

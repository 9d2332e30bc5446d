import type { Size } from '../../../containers/facts.ts';

/** Larger than the square of any distance in a picture, and small enough to reckon with. */
const far = 1e10;

/**
 * How far each pixel is from the nearest one that belongs to a shape, in pixels: exactly, in time that grows with their number (Felzenszwalb and
 * Huttenlocher, 2012).
 */
export function distancesTo(isOfShape: (place: number) => boolean, { width, height }: Size): Float32Array {
  const squares = Float32Array.from({ length: width * height }, (_, place) => (isOfShape(place) ? 0 : far));
  const lines = createLines(Math.max(width, height));
  for (let x = 0; x < width; x += 1) alongLine(squares, { start: x, step: width, length: height }, lines);
  for (let y = 0; y < height; y += 1) alongLine(squares, { start: y * width, step: 1, length: width }, lines);
  for (let place = 0; place < squares.length; place += 1) squares[place] = Math.sqrt(squares[place] ?? 0);
  return squares;
}

interface Lines {
  /** The values before. */
  readonly values: Float64Array;
  /** Where the parabolas of the lower envelope stand, and from where on each is the lowest. */
  readonly places: Int32Array;
  readonly begins: Float64Array;
}

function createLines(length: number): Lines {
  return { values: new Float64Array(length), places: new Int32Array(length), begins: new Float64Array(length + 1) };
}

interface Line {
  readonly start: number;
  readonly step: number;
  readonly length: number;
}

function alongLine(squares: Float32Array, { start, step, length }: Line, { values, places, begins }: Lines): void {
  for (let at = 0; at < length; at += 1) values[at] = squares[start + at * step] ?? 0;
  const meeting = (one: number, other: number) =>
    ((values[one] ?? 0) + one * one - (values[other] ?? 0) - other * other) / (2 * (one - other));
  let last = 0;
  places[0] = 0;
  begins[0] = Number.NEGATIVE_INFINITY;
  for (let at = 1; at < length; at += 1) {
    let begin = meeting(at, places[last] ?? 0);
    while (last > 0 && begin <= (begins[last] ?? 0)) {
      last -= 1;
      begin = meeting(at, places[last] ?? 0);
    }
    last += 1;
    places[last] = at;
    begins[last] = begin;
  }
  for (let at = 0, lowest = 0; at < length; at += 1) {
    while (lowest < last && (begins[lowest + 1] ?? 0) < at) lowest += 1;
    const place = places[lowest] ?? 0;
    squares[start + at * step] = (at - place) ** 2 + (values[place] ?? 0);
  }
}

import type { Facts, Size, Vector } from '../containers/facts.ts';

/** Its code, tables and stacks. */
const fixedBytes = 16 * 1024 * 1024;
/** The file, its text, and what that is turned into (measured: 60 for each byte of a path that is drawn, 1.3 kB for each small element). */
const [copies, bytesPerByte, bytesPerElement] = [4, 64, 1_536];
/** Of its own picture, of each that lies beside it, and of pictures in it, which are decoded and drawn. */
const [ownPictures, bytesPerPixel, bytesPerImagePixel] = [2, 4, 12];

/** Pictures are drawn in a memory of so many bytes at most, in steps, so that few are compiled anew for another bound. */
const step = 8 * 1024 * 1024;

interface Drawn extends Pick<Facts, 'bytes' | 'stored'> {
  readonly vector: Vector;
}

/** Bytes of its own memory that a drawing of lines gets: what one of its kind takes, so that one that takes more ends there. */
export function mostVectorBytes({ bytes, stored, vector }: Drawn, fontBytes: number): number {
  const { elements, layers, textBytes, imagePixels } = vector;
  const needed =
    fixedBytes +
    fontBytes +
    copies * bytes +
    bytesPerByte * textBytes +
    bytesPerElement * elements +
    bytesPerPixel * pixels(stored) * (ownPictures + layers) +
    bytesPerImagePixel * imagePixels;
  return step * Math.ceil(needed / step);
}

/** Milliseconds of CPU for its elements, for the bytes of its text, and for each megapixel (measured, rounded up). */
const [elementMs, byteMs, rate, imageRate] = [0.03, 0.001, 40, 60];
const startMs = 60;

/** Milliseconds of CPU that drawing it takes. */
export function drawingMs({ stored, vector, size }: Drawn & Pick<Facts, 'size'>): number {
  const squares = (stored.width / size.width) ** 2;
  const each = rate + vector.rate + vector.squareRate * squares;
  const images = (imageRate * vector.imagePixels) / 1e6;
  return startMs + elementMs * vector.elements + byteMs * vector.textBytes + (each * pixels(stored)) / 1e6 + images;
}

function pixels({ width, height }: Size): number {
  return width * height;
}

import type { MaskShape } from '../../../grammar/index.ts';
import type { Size } from '../../containers/facts.ts';
import type { Picture } from '../picture/picture.ts';
import { cutTo } from './radius.ts';
import type { Shape } from './shapes.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Cuts the picture to a shape, as large as it fits into its middle: what lies outside becomes transparent, with soft edges. */
export async function applyMask(picture: Picture, shape: MaskShape): Promise<Picture> {
  return cutTo(picture, filled(fitted(outlines[shape](), picture.size), picture.size));
}

const outlines: Readonly<Record<MaskShape, () => readonly Point[]>> = {
  // A point at each half degree is a tenth of a pixel off at 8,000 pixels.
  circle: () => corners(720),
  triangle: () => corners(3),
  'triangle-180': () => turnedOver(corners(3)),
  pentagon: () => corners(5),
  'pentagon-180': () => turnedOver(corners(5)),
  hexagon: () => corners(6),
  square: () => corners(4),
  star: () => corners(10, 0.382),
  heart,
};

/** Corners of a regular shape, the first at the top; every other one is so much nearer to the middle. */
function corners(count: number, inner = 1): readonly Point[] {
  return Array.from({ length: count }, (_, index) => {
    const angle = (index * 2 * Math.PI) / count - Math.PI / 2;
    const radius = index % 2 === 0 ? 1 : inner;
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
  });
}

function turnedOver(points: readonly Point[]): readonly Point[] {
  return points.map(({ x, y }) => ({ x: -x, y: -y }));
}

/** The curve that is widely drawn as a heart (x = 16 sin³t, …). */
function heart(): readonly Point[] {
  return Array.from({ length: 628 }, (_, index) => {
    const angle = (index * 2 * Math.PI) / 628;
    const y = 13 * Math.cos(angle) - 5 * Math.cos(2 * angle) - 2 * Math.cos(3 * angle) - Math.cos(4 * angle);
    return { x: 16 * Math.sin(angle) ** 3, y: -y };
  });
}

/** The same in pixels: its box touches two sides of the picture, and lies in the middle. */
function fitted(points: readonly Point[], { width, height }: Size): readonly Point[] {
  const [across, down] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, right] = [Math.min(...across), Math.max(...across)];
  const [top, bottom] = [Math.min(...down), Math.max(...down)];
  const scale = Math.min(width / (right - left), height / (bottom - top));
  return points.map(({ x, y }) => ({
    x: (x - (left + right) / 2) * scale + width / 2,
    y: (y - (top + bottom) / 2) * scale + height / 2,
  }));
}

/** Lines that are looked at in each row of pixels. */
const linesPerRow = 4;

/** How much of each pixel lies inside of an outline, by how far its lines do. */
function filled(outline: readonly Point[], { width, height }: Size): Shape {
  const shape = new Uint8Array(width * height);
  const row = new Float32Array(width);
  for (let y = 0; y < height; y += 1) {
    row.fill(0);
    for (let line = 0; line < linesPerRow; line += 1) {
      const crossings = crossingsAt(outline, y + (line + 0.5) / linesPerRow);
      for (let index = 0; index + 1 < crossings.length; index += 2) {
        addSpan(row, crossings[index] ?? 0, crossings[index + 1] ?? 0);
      }
    }
    for (const [x, covered] of row.entries()) shape[y * width + x] = Math.round((covered / linesPerRow) * 255);
  }
  return shape;
}

/** Where a line crosses the outline, from left to right. */
function crossingsAt(outline: readonly Point[], y: number): readonly number[] {
  const crossings: number[] = [];
  let before = outline.at(-1);
  for (const point of outline) {
    if (before !== undefined && before.y <= y !== point.y <= y) {
      crossings.push(before.x + ((y - before.y) / (point.y - before.y)) * (point.x - before.x));
    }
    before = point;
  }
  return crossings.sort((one, other) => one - other);
}

/** Pixels at the ends count by as much of them as lies in the span. */
function addSpan(row: Float32Array, from: number, to: number): void {
  const [start, end] = [Math.max(0, from), Math.min(row.length, to)];
  for (let x = Math.floor(start); x < end; x += 1) {
    row[x] = (row[x] ?? 0) + Math.min(end, x + 1) - Math.max(start, x);
  }
}

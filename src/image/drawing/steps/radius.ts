import type { Radius } from '../../../grammar/index.ts';
import type { Size } from '../../containers/facts.ts';
import { type Picture, readyFor } from '../picture/picture.ts';

/** Half axes of one corner's arc, in pixels. */
export interface Arc {
  readonly across: number;
  readonly down: number;
}

/** Clockwise from the top left. */
export type Arcs = readonly [Arc, Arc, Arc, Arc];

/** Rounds the corners: what lies outside becomes transparent, with soft edges. */
export async function applyRadius(picture: Picture, radius: Radius): Promise<Picture> {
  const arcs = arcsOf(radius, picture.size);
  if (arcs.every((arc) => arc.across === 0 || arc.down === 0)) return picture;
  return cutTo(picture, roundedShape(picture.size, arcs));
}

/** What lies outside of a shape of the picture's size becomes transparent. */
export async function cutTo(picture: Picture, shape: Uint8Array): Promise<Picture> {
  const ready = await readyFor(picture, 'composited');
  const mask = maskOf(shape);
  const pipeline = ready.pipeline.composite([
    {
      input: mask,
      raw: { ...picture.size, channels: 2 },
      blend: 'dest-in',
      // Repeated for each frame of an animation, which lie one below the other.
      tile: picture.frames > 1,
      gravity: 'northwest',
    },
  ]);
  return { ...ready, pipeline, stage: 'composited', hasAlpha: true };
}

/** `max` makes an ellipse. Arcs that would meet are made smaller together, as CSS does. */
export function arcsOf(radius: Radius, { width, height }: Size): Arcs {
  if (radius.kind === 'max') {
    const arc = { across: width / 2, down: height / 2 };
    return [arc, arc, arc, arc];
  }
  const [topLeft, topRight, bottomRight, bottomLeft] = radius.corners;
  const room = (side: number, one: number, other: number) => side / Math.max(one + other, side);
  const scale = Math.min(
    room(width, topLeft, topRight),
    room(width, bottomLeft, bottomRight),
    room(height, topLeft, bottomLeft),
    room(height, topRight, bottomRight),
  );
  const arc = (corner: number): Arc => ({ across: corner * scale, down: corner * scale });
  return [arc(topLeft), arc(topRight), arc(bottomRight), arc(bottomLeft)];
}

/** Two channels, gray and alpha: as little as a mask can be in raw pixels. */
function maskOf(shape: Uint8Array): Buffer {
  const mask = Buffer.alloc(shape.length * 2, 0xff);
  for (const [place, covered] of shape.entries()) mask[place * 2 + 1] = covered;
  return mask;
}

/** How much of each pixel lies inside a rectangle with such corners, 0–255. */
export function roundedShape({ width, height }: Size, arcs: Arcs): Uint8Array {
  const shape = new Uint8Array(width * height).fill(255);
  for (const [index, arc] of arcs.entries()) {
    const isRight = index === 1 || index === 2;
    const isLower = index >= 2;
    for (let y = 0; y < Math.ceil(arc.down); y += 1) {
      const row = (isLower ? height - 1 - y : y) * width;
      for (let x = 0; x < Math.ceil(arc.across); x += 1) {
        const place = row + (isRight ? width - 1 - x : x);
        const covered = coverage(arc.across - x - 0.5, arc.down - y - 0.5, arc);
        if (covered < 255) shape[place] = covered;
      }
    }
  }
  return shape;
}

/** How much (0–255) of a pixel lies inside the arc, by its centre's distance from the edge; offsets from the arc's middle. */
function coverage(across: number, down: number, arc: Arc): number {
  const x = Math.max(0, across);
  const y = Math.max(0, down);
  const reach = Math.hypot(x / arc.across, y / arc.down);
  if (reach === 0) return 255;
  const slope = Math.hypot(x / arc.across ** 2, y / arc.down ** 2) / reach;
  const distance = (reach - 1) / slope;
  return Math.round(255 * Math.min(1, Math.max(0, 0.5 - distance)));
}

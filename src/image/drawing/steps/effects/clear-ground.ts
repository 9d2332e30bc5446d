import type { Size } from '../../../containers/facts.ts';
import { type Picture, pictureOf, rasterOf } from '../../picture/picture.ts';
import { withAlpha } from '../../picture/raster.ts';
import type { DrawEffect } from './tones.ts';

/** As far as two colours can be apart, red, green and blue together. */
const farthest = 255 * Math.sqrt(3);

/** 0–100 per cent: what is so much like the colour that most of the edges have, and joined to them, becomes clear. */
export const makeTransparent: DrawEffect = async (picture, amount): Promise<Picture> => {
  const raster = withAlpha(await rasterOf(picture));
  const { data, size, frames } = raster;
  const bytes = size.width * size.height * 4;
  for (let frame = 0; frame < frames; frame += 1) {
    clearFrom(data.subarray(frame * bytes, (frame + 1) * bytes), size, (amount / 100) * farthest);
  }
  return pictureOf(raster);
};

/** Walks from pixel to pixel, beginning at the edges. Which have been there is known by their being clear. */
function clearFrom(data: Buffer, size: Size, reach: number): void {
  const edges = edgesOf(size);
  const ground = mostOf(data, edges);
  const isGround = (place: number) => (data[place * 4 + 3] ?? 0) > 0 && distanceTo(data, place, ground) <= reach;
  const waiting: number[] = [];
  const visit = (place: number) => {
    if (!isGround(place)) return;
    data[place * 4 + 3] = 0;
    waiting.push(place);
  };
  edges.forEach(visit);
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const x = place % size.width;
    if (x > 0) visit(place - 1);
    if (x < size.width - 1) visit(place + 1);
    if (place >= size.width) visit(place - size.width);
    if (place < size.width * (size.height - 1)) visit(place + size.width);
  }
}

function edgesOf({ width, height }: Size): readonly number[] {
  const across = Array.from({ length: width }, (_, x) => [x, (height - 1) * width + x]).flat();
  const down = Array.from({ length: height }, (_, y) => [y * width, y * width + width - 1]).flat();
  return [...across, ...down];
}

type Colour = readonly [number, number, number];

/** The colour of most of these pixels, of those that are about alike their mean. */
function mostOf(data: Buffer, places: readonly number[]): Colour {
  const groups = new Map<number, { count: number; sums: [number, number, number] }>();
  for (const place of places) {
    const at = place * 4;
    if (data[at + 3] === 0) continue;
    const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
    const name = ((red >> 4) << 8) | ((green >> 4) << 4) | (blue >> 4);
    const group = groups.get(name) ?? { count: 0, sums: [0, 0, 0] };
    const [r, g, b] = group.sums;
    groups.set(name, { count: group.count + 1, sums: [r + red, g + green, b + blue] });
  }
  const most = [...groups.values()].reduce((best, group) => (group.count > best.count ? group : best), {
    count: 0,
    sums: [0, 0, 0] as [number, number, number],
  });
  const [red, green, blue] = most.sums;
  const count = Math.max(1, most.count);
  return [red / count, green / count, blue / count];
}

function distanceTo(data: Buffer, place: number, [red, green, blue]: Colour): number {
  const at = place * 4;
  return Math.hypot((data[at] ?? 0) - red, (data[at + 1] ?? 0) - green, (data[at + 2] ?? 0) - blue);
}

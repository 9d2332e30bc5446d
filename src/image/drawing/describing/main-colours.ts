import type { Pixels } from './blur-hash.ts';

const mostColours = 6;

/** Pixels whose colours are alike. */
interface Bin {
  count: number;
  readonly sum: [red: number, green: number, blue: number];
}

type Colour = readonly [red: number, green: number, blue: number];

/** The colours that stand for a picture, the one of most pixels first: of the others whichever are many and unlike those before. */
export function mainColours(pixels: Pixels): readonly string[] {
  // What lies between two colours at their border is neither.
  const fewest = (pixels.width * pixels.height) / 50;
  const bins = [...binsOf(pixels).values()]
    .filter(({ count }) => count > fewest)
    .map(({ count, sum }) => ({
      count,
      colour: [sum[0] / count, sum[1] / count, sum[2] / count] as const,
    }));
  const chosen: Colour[] = [];
  while (chosen.length < mostColours) {
    let [best, bestWeight] = [undefined as Colour | undefined, 0];
    for (const { count, colour } of bins) {
      const far = Math.min(...chosen.map((other) => distance(colour, other)), 441);
      const weight = count * far ** 2;
      // Nearer ones are shades of one that is there.
      if (weight > bestWeight && far > 24) [best, bestWeight] = [colour, weight];
    }
    if (best === undefined) break;
    chosen.push(best);
  }
  return chosen.map((colour) => `#${colour.map((value) => Math.round(value).toString(16).padStart(2, '0')).join('')}`);
}

/** By the upper four bits of each channel; what is mostly clear has no colour. */
function binsOf({ data }: Pixels): ReadonlyMap<number, Bin> {
  const bins = new Map<number, Bin>();
  for (let at = 0; at < data.length; at += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = data.subarray(at, at + 4);
    if (alpha < 128) continue;
    const name = ((red >> 4) << 8) | ((green >> 4) << 4) | (blue >> 4);
    const bin: Bin = bins.get(name) ?? { count: 0, sum: [0, 0, 0] };
    bin.count += 1;
    bin.sum[0] += red;
    bin.sum[1] += green;
    bin.sum[2] += blue;
    bins.set(name, bin);
  }
  return bins;
}

function distance(one: Colour, other: Colour): number {
  return Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);
}

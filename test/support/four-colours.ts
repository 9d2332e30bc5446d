import { expect } from 'vitest';
import { decode, distance, type Pixel } from './pictures.ts';

/** The colours of the fixtures `quarters`, from the upper left to the lower right. */
export const fourColours = {
  red: [200, 40, 40],
  green: [40, 200, 40],
  blue: [40, 40, 200],
  white: [220, 220, 220],
} as const;
/** As large as they are. */
export const [width, height] = [128, 96] as const;

/** A picture, and the colour in the middle of each of its quarters. */
export async function cornersOf(bytes: Uint8Array) {
  const picture = await decode(bytes);
  const at = (x: number, y: number) => picture.at(Math.floor(picture.width * x), Math.floor(picture.height * y));
  return { ...picture, colours: [at(0.25, 0.25), at(0.75, 0.25), at(0.25, 0.75), at(0.75, 0.75)] };
}

/** Whether all are near what they should be, whatever their alpha. */
export function expectColours(colours: readonly Pixel[], expected: readonly Pixel[], most = 3): void {
  for (const [index, colour] of colours.entries()) {
    expect(distance(colour.slice(0, 3), expected[index] ?? []), `${colour} at ${index}`).toBeLessThanOrEqual(most);
  }
}

import type { Size } from '../containers/facts.ts';

/** As tall as 640 wide in portrait, two to three. */
const smallPixels = 640 * 960;

/**
 * Of 9, for a picture of this size. Effort 3 takes two thirds longer than 2 for 5 to 7 % fewer bytes (bench/README.md): worth
 * it where that is a tenth of a second, and not where it is half of one or more, which somebody waits for.
 */
export function avifEffort({ width, height }: Size): 2 | 3 {
  return width * height <= smallPixels ? 3 : 2;
}

import type { Size } from '../containers/facts.ts';

/** As tall as 640 wide in portrait, two to three. */
const smallPixels = 640 * 960;

/**
 * Of 9, for a picture of this size. Effort 3 takes half as long again as 2 for 2 to 6 % fewer bytes (bench/README.md): worth
 * it where that is a tenth of a second, and not where it is a whole one, which somebody waits for.
 */
export function avifEffort({ width, height }: Size): 2 | 3 {
  return width * height <= smallPixels ? 3 : 2;
}

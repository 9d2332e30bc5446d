import type { ImageFormat } from '../../grammar/index.ts';

/** Formats whose quality is measured, or lowered for the sake of bytes; the others lose nothing, or only by a palette. */
export type MeasuredFormat = 'jpeg' | 'webp' | 'avif';

export function isMeasured(format: ImageFormat): format is MeasuredFormat {
  return format === 'jpeg' || format === 'webp' || format === 'avif';
}

/** Files that are written in search of one that is small enough, beside the first; a quality of 1 to 100 is found in seven. */
export const mostTries = 7;

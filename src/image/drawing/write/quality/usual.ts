import type { QualityLevel } from '../../../../grammar/index.ts';

/** Formats whose quality is measured; the others lose nothing, or only by a palette. */
export const measuredFormats = ['jpeg', 'webp', 'avif'] as const;
export type MeasuredFormat = (typeof measuredFormats)[number];

/** The number that reaches a level with most photographs: where the search begins. */
export const usualQualities: Readonly<Record<MeasuredFormat, Readonly<Record<QualityLevel, number>>>> = {
  jpeg: { best: 86, good: 73, eco: 64, low: 46 },
  webp: { best: 88, good: 79, eco: 64, low: 38 },
  avif: { best: 69, good: 54, eco: 49, low: 39 },
};

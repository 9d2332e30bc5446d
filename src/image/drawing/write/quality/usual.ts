import type { QualityLevel } from '../../../../grammar/index.ts';

/** Formats whose quality is measured; the others lose nothing, or only by a palette. */
export const measuredFormats = ['jpeg', 'webp', 'avif'] as const;
export type MeasuredFormat = (typeof measuredFormats)[number];

/** The number that reaches a level with most photographs: where the search begins. */
export const usualQualities: Readonly<Record<MeasuredFormat, Readonly<Record<QualityLevel, number>>>> = {
  jpeg: { best: 86, good: 73, eco: 63, low: 43 },
  webp: { best: 87, good: 78, eco: 68, low: 41 },
  avif: { best: 70, good: 57, eco: 50, low: 40 },
};

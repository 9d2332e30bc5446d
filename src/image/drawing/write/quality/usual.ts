import type { QualityLevel } from '../../../../grammar/index.ts';
import type { MeasuredFormat } from '../../../protocol/measured-formats.ts';

/** The number that reaches a level with most photographs: where the search begins. */
export const usualQualities: Readonly<Record<MeasuredFormat, Readonly<Record<QualityLevel, number>>>> = {
  jpeg: { best: 86, good: 73, eco: 64, low: 46 },
  webp: { best: 88, good: 79, eco: 64, low: 38 },
  avif: { best: 69, good: 54, eco: 49, low: 39 },
};

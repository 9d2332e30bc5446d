import type { ResolvedTransform } from '../../grammar/index.ts';

/** What a ThumbHash is made of; the library takes no larger side. */
const side = { unit: 'pixels', value: 100 } as const;

/** The small picture, one frame of it, that a ThumbHash describes. PNG stands for "with alpha": nothing is encoded. */
export const thumbHashTransform: ResolvedTransform = {
  steps: [{ crop: 'limit', width: side, height: side }],
  format: 'png',
  quality: undefined,
  flags: [],
  page: undefined,
  density: undefined,
  colourSpace: undefined,
};

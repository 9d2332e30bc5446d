import { shorten } from '../ids/ids.ts';
import type { Parsed } from './values.ts';

export const cropModes = [
  'scale',
  'lscale',
  'fit',
  'limit',
  'mfit',
  'fill',
  'lfill',
  'fill_down',
  'oriented',
  'loriented',
  'outside',
  'loutside',
  'pad',
  'lpad',
  'mpad',
  'crop',
  'thumb',
  'auto',
  'fill_pad',
  'auto_pad',
] as const;
export type CropMode = (typeof cropModes)[number];

/** Whether it lays the picture on a canvas; a background beside it fills that, and otherwise the whole picture. */
export function isPadding(crop: CropMode | undefined): boolean {
  return crop === 'pad' || crop === 'lpad' || crop === 'mpad' || isPaddingAtNeed(crop);
}

/** Modes that cut, and pad where too much would be cut off. */
export function isPaddingAtNeed(crop: CropMode | undefined): crop is 'fill_pad' | 'auto_pad' {
  return crop === 'fill_pad' || crop === 'auto_pad';
}

/** Modes that never make the picture larger than it was. */
const boundedModes: readonly CropMode[] = ['lscale', 'limit', 'lfill', 'fill_down', 'loriented', 'lpad', 'loutside'];

export function isBoundedMode(crop: CropMode): boolean {
  return boundedModes.includes(crop);
}

/** Reads `c_`. */
export function parseCrop(text: string): Parsed<CropMode> {
  const mode = cropModes.find((known) => known === text);
  if (mode !== undefined) return mode;
  // Another program's guess at what matters.
  if (text === 'imagga_crop' || text === 'imagga_scale') return 'auto';
  return text === 'liquid' ? { problem: `the crop mode ${shorten(text)} is not supported` } : undefined;
}

import type { Parsed } from './values.ts';

export const compassPoints = [
  'north_west',
  'north',
  'north_east',
  'west',
  'center',
  'east',
  'south_west',
  'south',
  'south_east',
] as const;
export type CompassPoint = (typeof compassPoints)[number];

/** A place in a picture, as shares of its width and height from the top left. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Where a crop looks. `face`, `faces` and `custom` fall back when nothing is known about the picture:
 * to north (`fallback` undefined), or to what `:center` / `:auto` asked for.
 */
export type Gravity =
  | { readonly kind: 'compass'; readonly point: CompassPoint }
  | { readonly kind: 'point' }
  | { readonly kind: 'auto' }
  | { readonly kind: 'face'; readonly all: boolean; readonly fallback: 'north' | 'center' | 'auto' }
  /** `at` is filled in when a picture's focal point is known; no URL says it. */
  | { readonly kind: 'custom'; readonly fallback: 'north' | 'center' | 'auto'; readonly at?: Point };

const detectorWords = ['adv_eyes', 'body', 'ocr_text', 'auto_content_aware'];

/** Reads `g_`. Refinements of `auto:` are hints without effect; what would need a detector falls back. */
export function parseGravity(text: string): Parsed<Gravity> {
  const point = compassPoints.find((known) => known === text);
  if (point !== undefined) return { kind: 'compass', point };
  if (text === 'xy_center') return { kind: 'point' };
  if (text === 'auto' || text.startsWith('auto:') || detectorWords.includes(text)) return { kind: 'auto' };
  const colon = text.indexOf(':');
  const subject = colon < 0 ? text : text.slice(0, colon);
  const refinement = colon < 0 ? undefined : text.slice(colon + 1);
  if (subject === 'custom') return customGravity(refinement);
  if (subject === 'liquid') return { problem: 'g_liquid is not supported' };
  const all = subject === 'faces' || subject === 'adv_faces';
  if (!all && subject !== 'face' && subject !== 'adv_face') return undefined;
  if (refinement === undefined) return { kind: 'face', all, fallback: 'north' };
  if (refinement === 'center' || refinement === 'auto') return { kind: 'face', all, fallback: refinement };
  return { problem: `g_${subject} takes :center or :auto` };
}

// The official default is the centre; `custom:face` means "else a face", which without a detector is the north.
function customGravity(refinement: string | undefined): Parsed<Gravity> {
  if (refinement === undefined || refinement === 'center') return { kind: 'custom', fallback: 'center' };
  if (refinement === 'face' || refinement === 'faces') return { kind: 'custom', fallback: 'north' };
  if (refinement === 'auto') return { kind: 'custom', fallback: 'auto' };
  return { problem: 'g_custom takes :face, :faces, :center or :auto' };
}

/** The canonical form of a gravity. */
export function writeGravity(gravity: Gravity): string {
  if (gravity.kind === 'compass') return gravity.point;
  if (gravity.kind === 'point') return 'xy_center';
  if (gravity.kind === 'auto') return 'auto';
  if (gravity.kind === 'face') {
    const subject = gravity.all ? 'faces' : 'face';
    return gravity.fallback === 'north' ? subject : `${subject}:${gravity.fallback}`;
  }
  return { north: 'custom:face', center: 'custom', auto: 'custom:auto' }[gravity.fallback];
}

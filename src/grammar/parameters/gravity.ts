import { knownObjects } from './objects.ts';
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

/** A part of a picture, as shares of its width and height. */
export interface Region {
  /** Of its left edge. */
  readonly x: number;
  /** Of its upper edge. */
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What `g_auto` is to do otherwise than it does by itself. */
export interface AutoGravity {
  readonly kind: 'auto';
  /** `classic` looks at what is going on in a picture alone, and keeps to the rule of thirds. */
  readonly algorithm?: 'classic';
  /** False leaves the rule of thirds out of `classic`. */
  readonly thirds?: false;
  /** Faces before everything else, the largest alone or all of them; or parts without any. */
  readonly faces?: 'face' | 'faces' | 'no_faces';
}

/**
 * Where a crop looks. `face`, `faces` and `custom` fall back when nothing is known about the picture:
 * to north (`fallback` undefined), or to what `:center` / `:auto` asked for.
 */
export type Gravity =
  | { readonly kind: 'compass'; readonly point: CompassPoint }
  | { readonly kind: 'point' }
  | AutoGravity
  /** `at` is filled in, largest first, where faces are known; no URL says it. */
  | {
      readonly kind: 'face';
      readonly all: boolean;
      readonly fallback: 'north' | 'center' | 'auto';
      readonly at?: readonly Region[];
    }
  /** `at` is filled in when a picture's focal point is known; no URL says it. */
  | { readonly kind: 'custom'; readonly fallback: 'north' | 'center' | 'auto'; readonly at?: Point };

const detectorWords = ['adv_eyes', 'body', 'ocr_text', 'auto_content_aware'];

/** Reads `g_`. What would need a detector that there is none of falls back. */
export function parseGravity(text: string): Parsed<Gravity> {
  const point = compassPoints.find((known) => known === text);
  if (point !== undefined) return { kind: 'compass', point };
  if (text === 'xy_center') return { kind: 'point' };
  const colon = text.indexOf(':');
  const subject = colon < 0 ? text : text.slice(0, colon);
  const refinement = colon < 0 ? undefined : text.slice(colon + 1);
  if (subject === 'auto') return autoGravity(refinement?.split(':') ?? []);
  if (subject === 'custom') return customGravity(refinement);
  if (detectorWords.includes(subject) || knownObjects.includes(subject)) return { kind: 'auto' };
  if (subject === 'liquid') return { problem: 'g_liquid is not supported' };
  const all = subject === 'faces' || subject === 'adv_faces';
  if (!all && subject !== 'face' && subject !== 'adv_face') return undefined;
  if (refinement === undefined) return { kind: 'face', all, fallback: 'north' };
  if (refinement === 'center' || refinement === 'auto') return { kind: 'face', all, fallback: refinement };
  return { problem: `g_${subject} takes :center or :auto` };
}

const facesByWord = {
  face: 'face',
  adv_face: 'face',
  faces: 'faces',
  adv_faces: 'faces',
  no_faces: 'no_faces',
} as const;

/** Of the refinements those that are known count, the first of each kind; the others are hints without effect. */
function autoGravity(words: readonly string[]): AutoGravity {
  const isClassic = words.find((word) => word === 'classic' || word === 'subject') === 'classic';
  const word = words.find((known): known is keyof typeof facesByWord => Object.hasOwn(facesByWord, known));
  return {
    kind: 'auto',
    ...(isClassic && ({ algorithm: 'classic' } as const)),
    ...(isClassic && words.includes('thirds_0') && ({ thirds: false } as const)),
    ...(word !== undefined && { faces: facesByWord[word] }),
  };
}

// The official default is the centre; `custom:face` means "else a face", and without one the north.
function customGravity(refinement: string | undefined): Parsed<Gravity> {
  if (refinement === undefined || refinement === 'center') return { kind: 'custom', fallback: 'center' };
  if (refinement !== undefined && /^(?:adv_)?faces?$/.test(refinement)) return { kind: 'custom', fallback: 'north' };
  if (refinement === 'auto') return { kind: 'custom', fallback: 'auto' };
  return { problem: 'g_custom takes :face, :faces, :center or :auto' };
}

/** The canonical form of a gravity. */
export function writeGravity(gravity: Gravity): string {
  if (gravity.kind === 'compass') return gravity.point;
  if (gravity.kind === 'point') return 'xy_center';
  if (gravity.kind === 'auto') {
    const { algorithm, thirds, faces } = gravity;
    const words = ['auto', algorithm, thirds === false ? 'thirds_0' : undefined, faces];
    return words.filter((word) => word !== undefined).join(':');
  }
  if (gravity.kind === 'face') {
    const subject = gravity.all ? 'faces' : 'face';
    return gravity.fallback === 'north' ? subject : `${subject}:${gravity.fallback}`;
  }
  return { north: 'custom:face', center: 'custom', auto: 'custom:auto' }[gravity.fallback];
}

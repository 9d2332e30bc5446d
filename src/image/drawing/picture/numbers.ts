import type { Reading } from './reading/reading.ts';

/**
 * What the numbers in a pipeline stand for until it is run; what comes out of it is sRGB, unless it is `wide`. A colour that a URL names is
 * sRGB too, so it may be put among them only where they are.
 *
 * - `srgb`: three channels of sRGB.
 * - `gray`: one channel, so that a colour would lose its own.
 * - `grayed`: three channels made one, by a pipeline that loses transparency when it is asked for raw pixels.
 * - `p3`: 16 bits that sharp brings from their profile to Display P3 first, and to sRGB at the end.
 * - `wide`: 8 bits of Display P3, which the encoder gets with the profile that says so.
 * - `stored`: as the file has them (`cs_copy`).
 * - a reading: what sharp knows nothing of. They may be scaled, cut and turned as they are, and nothing else.
 */
export type Numbers = 'srgb' | 'gray' | 'grayed' | 'p3' | 'wide' | 'stored' | Reading;

/** Whether a colour (`rrggbb`, `rrggbbaa`) is the same among those numbers as in sRGB; without one, whether every colour is. */
export function areSrgbFor(numbers: Numbers, colour: string | undefined): boolean {
  if (isReading(numbers)) return false;
  switch (numbers) {
    case 'srgb':
      return true;
    case 'gray':
    case 'grayed':
    case 'p3':
    case 'wide':
      // The greys of Display P3 are those of sRGB: one white point, one curve.
      return colour !== undefined && (isClear(colour) || isGray(colour));
    case 'stored':
      // White is white in every profile of a screen or a printer, and what is clear has no colour.
      return colour !== undefined && (isClear(colour) || colour === 'ffffff');
  }
}

export function isReading(numbers: Numbers): numbers is Reading {
  return typeof numbers === 'object';
}

function isClear(colour: string): boolean {
  return colour === '00000000';
}

/** Opaque: see-through greys beside one channel are not multiplied by their alpha before sharp divides by it. */
function isGray(colour: string): boolean {
  return colour.length === 6 && colour.slice(0, 2) === colour.slice(2, 4) && colour.slice(2, 4) === colour.slice(4);
}

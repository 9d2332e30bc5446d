/** CIE 1931 x and y. */
export type Chromaticity = readonly [x: number, y: number];

/** What a picture's white, and its red, green and blue at their fullest, look like. */
export interface Primaries {
  readonly white: Chromaticity;
  readonly red: Chromaticity;
  readonly green: Chromaticity;
  readonly blue: Chromaticity;
}

/** How numbers of 0 to 1 stand for light. */
export type Transfer =
  | { readonly kind: 'srgb' }
  /** Light is the number to that power, times that scale. */
  | { readonly kind: 'power'; readonly exponent: number; readonly scale: number }
  | { readonly kind: 'smpte240' }
  /** High dynamic range (BT.2100); the brightest the picture has or was made on, in cd/m². */
  | { readonly kind: 'pq' | 'hlg'; readonly peak: number };

/** What an original's numbers mean, where that is not sRGB and not for an ICC profile to say. */
export interface Encoding {
  readonly primaries: Primaries;
  readonly transfer: Transfer;
}

const d65: Chromaticity = [0.3127, 0.329];

const names = ['white', 'red', 'green', 'blue'] as const;

/** Whether primaries are those of sRGB, each no further away in x and y than that. */
export function areNearSrgb(primaries: Primaries, distance: number): boolean {
  return areNear(primaries, srgbPrimaries, distance);
}

function areNear(primaries: Primaries, others: Primaries, distance: number): boolean {
  return names.every((name) =>
    primaries[name].every((value, axis) => Math.abs(value - (others[name][axis] ?? 0)) <= distance),
  );
}

/** Whether numbers are those of Display P3, which has the curve of sRGB. */
export function isP3({ primaries, transfer }: Encoding): boolean {
  return transfer.kind === 'srgb' && areNear(primaries, p3Primaries, 0.001);
}

/** Those of television with high dynamic range (BT.2020). */
export const widePrimaries: Primaries = {
  white: d65,
  red: [0.708, 0.292],
  green: [0.17, 0.797],
  blue: [0.131, 0.046],
};

/** Those of sRGB, and of BT.709. */
export const srgbPrimaries: Primaries = { white: d65, red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06] };

/** Those of Display P3 (SMPTE RP 431-2 with the white of screens). */
export const p3Primaries: Primaries = { white: d65, red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06] };

import { whiteNits } from './light.ts';

/** At this headroom the white of a page is held at half of what a screen can show, to leave room above it. */
const usualHeadroom = 1_000 / whiteNits;

/** How far the curve above white keeps to the direction it has below. */
const directness = 0.65;

/**
 * Brings light of high dynamic range onto a screen that shows no more than white: what to multiply a colour by whose
 * strongest channel has that light. It is the tone mapping about reference white of SMPTE ST 2094-50, as Chromium draws
 * such pictures on screens without headroom: straight up to white (1), and from there a parabola that reaches the top at
 * the picture's own peak.
 */
export function toneMap(peakNits: number): (strongest: number) => number {
  const peak = peakNits / whiteNits;
  if (peak <= 1) return () => 1;
  const white = 1 - 0.5 * Math.min(1, Math.log2(peak) / Math.log2(usualHeadroom));
  const bend = { x: 1 - directness + directness / white, y: (1 - directness) * white + directness };
  return (strongest) => {
    if (strongest <= 1) return white;
    if (strongest >= peak) return 1 / strongest;
    // The curve begins at (1, white), heads for the bend, and ends at (peak, 1).
    const [square, linear, constant] = [peak - 2 * bend.x + 1, 2 * (bend.x - 1), 1 - strongest];
    const way = (-2 * constant) / (linear + Math.sqrt(linear ** 2 - 4 * square * constant));
    return ((1 - way) ** 2 * white + 2 * way * (1 - way) * bend.y + way ** 2) / strongest;
  };
}

/** The system gamma of a screen of 1,000 cd/m², for which HLG is made (BT.2100). */
const systemGamma = 1.2;

/** What such a screen makes of a scene's light: a factor for all channels, by the luminance; 1 is white as above. */
export function sceneToScreen(luminance: number): number {
  return usualHeadroom * luminance ** (systemGamma - 1);
}

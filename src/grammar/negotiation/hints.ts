import { everyStep, inBranches } from '../meaning/branches.ts';
import type { RequestedStep, Transform } from '../meaning/transform.ts';
import { stepFor } from './ladder.ts';

/** Client hints as they came, the new name's value before the old one's; and the widths that they are snapped to. */
export interface ClientHints {
  /** `Sec-CH-DPR`, `DPR`: device pixels to a CSS pixel. */
  readonly dpr: string | undefined;
  /** `Sec-CH-Width`, `Width`: device pixels that the page shows the picture in. */
  readonly width: string | undefined;
  /** `Sec-CH-Viewport-Width`, `Viewport-Width`: CSS pixels of the whole page. */
  readonly viewportWidth: string | undefined;
  readonly ladder: readonly number[];
}

export interface Hinted {
  readonly steps: readonly RequestedStep[];
  readonly dpr: number | 'auto' | undefined;
  /** Names of the headers that decided, or would have. */
  readonly varies: readonly string[];
}

/** Densities that screens have; a hint is rounded up to the next, so that odd zoom levels share a variant. */
const densities = [1, 1.5, 2, 3, 4];
const dprNames = ['Sec-CH-DPR', 'DPR'];
const widthNames = ['Sec-CH-Width', 'Width', 'Sec-CH-Viewport-Width', 'Viewport-Width'];

/** Fills in `w_auto` and `dpr_auto`. A hint that is missing leaves `auto` as it is: no width, and a dpr of 1. */
export function applyHints(transform: Transform, hints: ClientHints | undefined): Hinted {
  const { steps, dpr } = transform;
  if (hints === undefined) return { steps, dpr, varies: [] };
  const asksDpr = dpr === 'auto' || everyStep(steps).some((step) => step.dpr === 'auto');
  const asksWidth = everyStep(steps).some((step) => step.autoWidth === true);
  const density = snapDensity(parseHint(hints.dpr));
  return {
    steps: steps.map((step) => hintStep(step, dpr, { hints, density })),
    dpr: dpr === 'auto' ? (density ?? dpr) : dpr,
    varies: [...(asksWidth ? widthNames : []), ...(asksDpr ? dprNames : [])],
  };
}

interface Known {
  readonly hints: ClientHints;
  readonly density: number | undefined;
}

function hintStep(
  step: RequestedStep,
  chainDpr: number | 'auto' | undefined,
  { hints, density }: Known,
): RequestedStep {
  const { choice } = step;
  if (choice !== undefined) {
    return { choice: inBranches(choice, (steps) => steps.map((one) => hintStep(one, chainDpr, { hints, density }))) };
  }
  const resolved = step.dpr === 'auto' && density !== undefined ? { ...step, dpr: density } : step;
  if (step.autoWidth !== true) return resolved;
  const shown = parseHint(hints.width);
  const viewport = parseHint(hints.viewportWidth);
  const asked = step.dpr ?? chainDpr ?? 1;
  const pixels = shown ?? (viewport === undefined ? undefined : viewport * (asked === 'auto' ? (density ?? 1) : asked));
  if (pixels === undefined) return resolved;
  const { autoWidth: _autoWidth, ...sized } = resolved;
  // Counted in device pixels already, so no dpr may multiply it again.
  return { ...sized, width: { unit: 'pixels', value: stepFor(pixels, hints.ladder) }, dpr: 1 };
}

function parseHint(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,6}(?:\.\d{1,10})?$/.test(text)) return undefined;
  const value = Number(text);
  return value > 0 ? value : undefined;
}

function snapDensity(dpr: number | undefined): number | undefined {
  return dpr === undefined ? undefined : (densities.find((density) => density >= dpr - 0.01) ?? densities.at(-1));
}

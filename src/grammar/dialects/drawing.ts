import { chain, component } from './dialect.ts';

type Values = Readonly<Record<string, string | undefined>>;

/** What a URL asks for, by the order in which these programs work; each part in values of our parameters. */
export interface Drawing {
  /** Turns and flips, before anything is measured. */
  readonly turn?: string | undefined;
  /** The value of `e_trim`. */
  readonly trim?: string | undefined;
  /** Parts of the picture that alone are used, one of the other. */
  readonly areas?: readonly (Values | undefined)[];
  readonly size?: Values | undefined;
  /** Values of `e_`, or components of which they are a part. */
  readonly effects?: readonly (string | Values | undefined)[];
  /** What is behind the picture where it is transparent. */
  readonly background?: string | undefined;
  /** Whole components: canvases and corners, then layers. */
  readonly finish?: readonly (string | undefined)[];
  readonly output?: Values | undefined;
}

/** What libvips' users blur and sharpen by where they say no number: by its nearest strength here, as measured. */
export const mildly = { blur: 'e_blur:28', sharpen: 'e_sharpen:30' } as const;

/** Their words for places, as our gravities. */
export const compass = {
  center: 'center',
  top: 'north',
  left: 'west',
  bottom: 'south',
  right: 'east',
  top_left: 'north_west',
  top_right: 'north_east',
  bottom_left: 'south_west',
  bottom_right: 'south_east',
} as const;

/** The components that a drawing comes to. */
export function drawnAs(drawing: Drawing): readonly string[] {
  const { turn, trim, areas = [], size = {}, effects = [], finish = [], background, output = {} } = drawing;
  const isLaidOn = size['b'] !== undefined;
  return chain(
    component({ a: turn }),
    component({ e: trim }),
    ...areas.map((area) => component(area ?? {})),
    component(size),
    ...effects.map((effect) => component(typeof effect === 'object' ? effect : { e: effect })),
    component({ b: isLaidOn ? undefined : background }),
    ...finish,
    component(output),
  );
}

/** An effect by its strength in per cent, as far as ours reaches; undefined where that changes nothing. */
export function tone(effect: 'brightness' | 'contrast' | 'saturation', percent: number): string | undefined {
  const kept = Math.min(100, Math.max(effect === 'brightness' ? -99 : -100, Math.round(percent)));
  return kept === 0 ? undefined : `${effect}:${kept}`;
}

/** A hue by degrees, of which ours are 1.8 each; undefined where it stays. */
export function hueOf(degrees: number): string | undefined {
  const amount = Math.round(((((degrees % 360) + 540) % 360) - 180) / 1.8);
  return amount === 0 ? undefined : `hue:${amount}`;
}

/** The strength of `e_blur` for a Gaussian deviation in pixels: it adds 40 for each past 0.3. */
export function blurStrength(deviation: number): number {
  return Math.min(2000, Math.max(1, Math.round(deviation * 40 - 12)));
}

/** A share, with the point by which ours know one. */
export function decimal(value: number): string {
  const text = value.toFixed(6).replace(/0+$/, '');
  return text.endsWith('.') ? `${text}0` : text;
}

/** The cut of a box whose left upper corner is known. */
export function areaAt(x: string, y: string, w: string, h: string): Values {
  return { c: 'crop', g: 'north_west', w, h, x: x === '0' ? undefined : x, y: y === '0' ? undefined : y };
}

/** A canvas that is larger by so many pixels on each side; undefined where there are none. */
export function canvasAround(
  [top, right, bottom, left]: readonly [number, number, number, number],
  background: string | undefined,
): string | undefined {
  if (top + right + bottom + left === 0) return undefined;
  const at = { x: left === 0 ? undefined : String(left), y: top === 0 ? undefined : String(top) };
  return component({
    c: 'lpad',
    w: `w_add_${left + right}`,
    h: `h_add_${top + bottom}`,
    g: 'north_west',
    ...at,
    b: background,
  });
}

import { chain, component, refuse } from '../dialect.ts';
import { blurStrength, decimal } from '../drawing.ts';
import { program } from './options.ts';
import { backgroundOf, placed } from './place.ts';
import { extended, sized } from './size.ts';
import type { Wishes } from './wishes.ts';

/** The components that one pipeline comes to, in the order in which imgproxy works: it knows no other. */
export function drawn(wishes: Wishes): readonly string[] {
  const size = sized(wishes);
  const canvases = extended(wishes);
  return chain(
    ...(wishes.presets ?? []).map((name) => component({ t: name })),
    trim(wishes),
    component({ a: turn(wishes) }),
    crop(wishes),
    ...size,
    ...effects(wishes),
    ...canvases,
    component({
      b: wishes.background === undefined || [...size, ...canvases].some(isLaidOn) ? undefined : backgroundOf(wishes),
    }),
  );
}

/** `b_` beside padding colours all of it. */
function isLaidOn(written: string): boolean {
  return /(?:^|,)b_/.test(written);
}

/** Tolerances there are distances of the colour, 0 to 255; ours are per cent. */
function trim({ trim: wish }: Wishes): string | undefined {
  if (wish === undefined) return undefined;
  const amount = Math.min(100, Math.round(wish.tolerance / 2.55));
  const colour = wish.colour === '' ? '' : `:rgb:${wish.colour}`;
  return component({ e: `trim:${amount}${colour}`, te: wish.equal });
}

function turn({ autoRotate, rotate, flips = [] }: Wishes): string | undefined {
  const words = [autoRotate === false ? 'ignore' : '', rotate === undefined || rotate === 0 ? '' : String(rotate)];
  return [...words, ...flips].filter((word) => word !== '').join('.') || undefined;
}

function crop({ crop: area, cropRatio: ratio = 0, place }: Wishes): string | undefined {
  if (area === undefined || (area.width === 0 && area.height === 0)) {
    if (ratio === 0) return undefined;
    return component({ c: 'crop', ar: String(ratio), ...placed(area?.place ?? place) });
  }
  if (ratio !== 0) throw refuse(program, 'crop_aspect_ratio', 'beside crop it is not supported');
  const { width, height } = area;
  return component({ c: 'crop', w: share(width), h: share(height), ...placed(area.place ?? place) });
}

/** Below 1 a share of the picture, else pixels; 0 is all of it. */
function share(value: number): string | undefined {
  if (value === 0) return undefined;
  return value < 1 ? decimal(value) : String(Math.floor(value));
}

/** Strengths are Gaussian deviations there, factors, and shares. */
function effects(wishes: Wishes): readonly string[] {
  const { blur = 0, sharpen = 0, pixelate = 0, blurFaces = 0, brightness = 0, contrast = 1, saturation = 1 } = wishes;
  const percent = (factor: number) => Math.max(-100, Math.round((factor - 1) * 100));
  return chain(
    brightness === 0 ? undefined : component({ e: `brightness:${clamp(brightness / 2.55, -99, 100)}` }),
    contrast === 1 ? undefined : component({ e: `contrast:${percent(contrast)}` }),
    saturation === 1 ? undefined : component({ e: `saturation:${percent(saturation)}` }),
    monochrome(wishes),
    colorize(wishes),
    blur === 0 ? undefined : component({ e: `blur:${blurStrength(blur)}` }),
    sharpen === 0 ? undefined : component({ e: `sharpen:${clamp(sharpen * 100, 1, 2000)}` }),
    blurFaces === 0 ? undefined : component({ e: `blur_faces:${blurStrength(blurFaces)}` }),
    pixelate < 2 ? undefined : component({ e: `pixelate:${clamp(pixelate, 2, 2000)}` }),
  );
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, Math.round(value)));
}

function monochrome({ monochrome: wish }: Wishes): string | undefined {
  if (wish === undefined || wish.share === 0) return undefined;
  if (wish.colour !== undefined && wish.colour !== 'b3b3b3') {
    throw refuse(program, 'monochrome', 'it is grey, and of no other colour');
  }
  return wish.share === 1 ? 'e_grayscale' : component({ e: `saturation:${-Math.round(wish.share * 100)}` });
}

function colorize({ colorize: wish }: Wishes): string | undefined {
  if (wish === undefined || wish.share === 0) return undefined;
  return component({ e: `colorize:${Math.round(wish.share * 100)}`, co: `rgb:${wish.colour}` });
}

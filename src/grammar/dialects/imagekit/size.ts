import { meaningIn, refuse } from '../dialect.ts';
import { compass, decimal } from '../drawing.ts';
import { colourIn, numberIn, type Part, program } from './parts.ts';

type Values = Readonly<Record<string, string | undefined>>;
export type Parts = ReadonlyMap<string, Part>;

/** `maintain_ratio` is what is meant where both sides are given and nothing else. */
const crops: Readonly<Record<string, string>> = {
  maintain_ratio: 'fill',
  force: 'scale',
  at_max: 'limit',
  at_max_enlarge: 'fit',
  at_least: 'outside',
};

const places: Readonly<Record<string, string>> = {
  ...compass,
  auto: 'auto',
  face: 'face:auto',
  custom: 'custom',
};

/** How the picture meets its new size: one part of our language, or two. */
export function sizesOf(parts: Parts): readonly Values[] {
  const [w, h] = [sideOf(parts, 'w'), sideOf(parts, 'h')];
  const ar = ratioOf(parts.get('ar'));
  if (w === undefined && h === undefined && (ar === undefined || !parts.has('cm'))) return zoomed(parts);
  const cut = parts.get('cm');
  const b = backgroundOf(parts.get('bg'));
  const isOneSided = (w === undefined || h === undefined) && ar === undefined;
  if (cut?.value === 'extract') return [{ c: 'crop', w, h, ar, ...extractedAt(parts) }];
  if (cut?.value === 'pad_extract')
    return [
      { c: 'crop', w, h, ar },
      { c: 'lpad', w, h, ar, ...padded(parts), b },
    ];
  if (cut?.value === 'pad_resize')
    return [isOneSided ? { c: 'fit', w, h } : { c: 'pad', w, h, ar, ...padded(parts), b }];
  if (cut !== undefined) throw refuse(program, cut.text, 'it takes extract, pad_resize and pad_extract');
  const c = cropOf(parts);
  if (isOneSided) return [{ c: c === 'limit' ? 'limit' : 'fit', w, h }];
  return [{ c, w, h, ar, ...(c === 'fill' ? placed(parts) : {}) }];
}

function cropOf(parts: Parts): string {
  const part = parts.get('c');
  if (part === undefined) return 'fill';
  const mode = meaningIn(crops, part.value);
  if (mode !== undefined) return mode;
  throw refuse(program, part.text, `it takes ${Object.keys(crops).join(', ')}`);
}

/** A face alone, nearer or further, where no size is asked for. */
function zoomed(parts: Parts): readonly Values[] {
  return parts.get('fo')?.value === 'face' && parts.has('z') ? [{ c: 'crop', g: 'face' }] : [];
}

function placed(parts: Parts): Values {
  const part = parts.get('fo');
  if (part === undefined) return {};
  const g = meaningIn(places, part.value);
  if (g === undefined) throw refuse(program, part.text, `it takes ${Object.keys(places).join(', ')}`);
  return { g };
}

/** Which part is cut out: by its left upper corner, its middle, or a place. */
function extractedAt(parts: Parts): Values {
  const at = (name: string) => {
    const part = parts.get(name);
    return part === undefined ? undefined : lengthOf(part, 'offset', 1);
  };
  const [x, y, xc, yc] = [at('x'), at('y'), at('xc'), at('yc')];
  if (xc !== undefined || yc !== undefined) return { g: 'xy_center', x: xc ?? '0', y: yc ?? '0' };
  if (x !== undefined || y !== undefined) return { g: 'north_west', x, y };
  return placed(parts);
}

/** Padding lies on the sides away from the focus. */
function padded(parts: Parts): Values {
  const { g } = placed(parts);
  return g === undefined || g === 'auto' || g.startsWith('face') || g === 'custom' ? {} : { g };
}

export function sideOf(parts: Parts, name: 'w' | 'h'): string | undefined {
  const part = parts.get(name);
  return part === undefined || part.value === '' ? undefined : lengthOf(part, 'size', densityOf(parts) ?? 1);
}

/** What multiplies pixels; undefined where the browser is asked. */
export function densityOf(parts: Parts): number | undefined {
  const part = parts.get('dpr');
  if (part === undefined) return 1;
  return part.value === 'auto' ? undefined : numberIn(part, [0.1, 5]);
}

/** Quantities of its arithmetic, as ours: those of the picture as it is at this point, and as it was. */
const quantities: Readonly<Record<string, string>> = { iw: 'iw', ih: 'ih', iar: 'iar', cw: 'w', ch: 'h', car: 'ar' };

/** Pixels, a share below 1, `auto`, or arithmetic such as `iw_div_2`. */
function lengthOf(part: Part, kind: 'size' | 'offset', dpr: number): string {
  const { value, text } = part;
  if (value === 'auto' && kind === 'size') return 'auto';
  if (/^[a-z]/.test(value)) {
    const words = value.split('_', 32).map((word) => meaningIn(quantities, word) ?? word);
    const known = words.every((word) =>
      /^(?:iw|ih|iar|w|h|ar|add|sub|mul|div|mod|pow|\d{1,6}(?:\.\d{1,6})?)$/.test(word),
    );
    if (known) return words.join('_');
    throw refuse(program, text, 'its arithmetic knows iw, ih, iar, cw, ch and car here');
  }
  const number = numberIn(part, [0, 65_535]);
  if (number > 0 && number < 1) return decimal(number);
  return String(Math.max(kind === 'size' ? 1 : 0, Math.round(number * dpr)));
}

function ratioOf(part: Part | undefined): string | undefined {
  if (part === undefined) return undefined;
  if (/^\d{1,5}(?:\.\d{1,5})?[-_:]\d{1,5}(?:\.\d{1,5})?$/.test(part.value)) return part.value.replace(/[-_]/, ':');
  throw refuse(program, part.text, 'a ratio is written as 4-3');
}

export function backgroundOf(part: Part | undefined): string | undefined {
  if (part === undefined) return undefined;
  const [word, intensity = 'auto', brightness] = part.value.split('_', 3);
  if (word === 'dominant') return 'auto:predominant';
  if (word === 'blurred') {
    const radius = intensity === 'auto' ? 5 : numberIn({ ...part, value: intensity }, [0, 100]);
    const blurred = `blurred:${Math.max(1, Math.round(radius * 20))}`;
    return brightness === undefined ? blurred : `${blurred}:${brightness.replace(/^N/, '-')}`;
  }
  if (word === 'genfill' || word === 'gradient') throw refuse(program, part.text, 'it is not supported');
  return colourIn(part.value, part.text);
}

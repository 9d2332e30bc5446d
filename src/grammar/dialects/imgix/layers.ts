import type { GrammarOptions } from '../../grammar-options.ts';
import { chain, component, layerOf, meaningIn, refuse } from '../dialect.ts';
import { decimal } from '../drawing.ts';
import { pictureAt } from '../source.ts';
import { colourIn } from './colours.ts';
import { aligned } from './place.ts';
import { densityOf } from './size.ts';
import { type ImgixName, type ImgixValues, numberOf, wordOf } from './words.ts';

/** Marks and texts lie at the bottom right unless the URL says otherwise. */
const corner = ['east', 'south'] as const;

/** The picture of `mark`, over all else. */
export function markOf(values: ImgixValues, options: GrammarOptions): readonly string[] {
  const mark = values.get('mark');
  if (mark === undefined) return [];
  const opacity = numberOf(values, 'mark-alpha', [0, 100]) ?? 100;
  const turn = numberOf(values, 'mark-rot', [0, 360]) ?? 0;
  const isTiled = wordOf(values, 'mark-tile', { grid: 'tiled' }) !== undefined;
  return chain(
    layerOf(layerKey(values, mark, options)),
    component(markSize(values)),
    turn === 0 ? undefined : component({ a: String(-Math.round(turn)) }),
    opacity === 100 ? undefined : component({ o: String(Math.round(opacity)) }),
    component({ fl: `layer_apply.${isTiled ? 'tiled' : 'no_overflow'}`, ...(isTiled ? {} : markPlace(values)) }),
  );
}

function layerKey(values: ImgixValues, mark: string, options: GrammarOptions): string {
  const base = values.get('mark-base');
  const source = base === undefined || /^https?:/i.test(mark) ? mark : `${base.replace(/(?<!\/)\/+$/, '')}/${mark}`;
  if (source.includes('?')) throw refuse(values.program, 'mark', 'what its own query asks for is not drawn');
  const picture = pictureAt(source, 'key', options);
  if ('key' in picture) return picture.key;
  throw refuse(values.program, 'mark', 'the mark is one of our own pictures');
}

const markModes = { clip: 'fit', crop: 'fill', fill: 'pad', max: 'limit', scale: 'scale' } as const;

/** Sides below 1 and `mark-scale` are shares of the picture that it lies on. */
function markSize(values: ImgixValues): Readonly<Record<string, string | undefined>> {
  const scale = numberOf(values, 'mark-scale', [0, 100]) ?? 0;
  if (scale > 0) return { c: 'fit', fl: 'relative', w: decimal(scale / 100), h: decimal(scale / 100) };
  const [width, height] = [numberOf(values, 'mark-w', [0, 8192]) ?? 0, numberOf(values, 'mark-h', [0, 8192]) ?? 0];
  if (width === 0 && height === 0) return {};
  const mode = wordOf(values, 'mark-fit', markModes) ?? 'fit';
  const isOneSided = width === 0 || height === 0;
  const sides = [width, height].filter((side) => side > 0);
  const isRelative = sides.every((side) => side <= 1);
  if (!isRelative && sides.some((side) => side <= 1))
    throw refuse(values.program, 'mark-w', 'both sides are pixels, or shares');
  const side = (value: number) => {
    if (value === 0) return undefined;
    return isRelative ? decimal(value) : String(Math.round(value * densityOf(values)));
  };
  const c = isOneSided ? 'fit' : mode;
  return { c, fl: isRelative ? 'relative' : undefined, w: side(width), h: side(height) };
}

function markPlace(values: ImgixValues): Readonly<Record<string, string | undefined>> {
  const [x, y] = [pixels(values, 'mark-x'), pixels(values, 'mark-y')];
  if (x !== undefined || y !== undefined) return { g: 'north_west', x, y };
  return at(aligned(values.get('mark-align'), corner), pixels(values, 'mark-pad') ?? pixelsOf(5, values));
}

function pixels(values: ImgixValues, name: ImgixName): string | undefined {
  const value = numberOf(values, name, [0, 8192]);
  return value === undefined ? undefined : pixelsOf(value, values);
}

function pixelsOf(value: number, values: ImgixValues): string {
  return String(Math.round(value * densityOf(values)));
}

/** Away from those sides at which it lies. */
function at(place: string, gap: string): Readonly<Record<string, string | undefined>> {
  const isAside = place.includes('west') || place.includes('east');
  const isAbove = place.includes('north') || place.includes('south');
  const some = gap === '0' ? undefined : gap;
  return {
    g: place === 'center' ? undefined : place,
    x: isAside ? some : undefined,
    y: isAbove ? some : undefined,
  };
}

/** Its families of CSS, by a name of ours; any other is taken by its own. */
const families: Readonly<Record<string, string>> = { serif: 'serif', 'sans-serif': 'sans', monospace: 'monospace' };

/** The line of `txt`. */
export function textOf(values: ImgixValues): readonly string[] {
  const text = values.get('txt');
  if (text === undefined) return [];
  const [family = 'Helvetica', ...words] = (values.get('txt-font') ?? 'Helvetica').split(',');
  const styles = words.map((word) => word.trim().toLowerCase());
  const unknown = styles.find((word) => word !== 'bold' && word !== 'italic');
  if (unknown !== undefined) throw refuse(values.program, 'txt-font', 'its styles are bold and italic');
  const size = Math.max(1, Math.round((numberOf(values, 'txt-size', [0, 2000]) ?? 12) * densityOf(values)));
  const font = [meaningIn(families, family.toLowerCase()) ?? family, String(Math.min(2000, size)), ...styles];
  const written = `text:${font.join('_')}:${encodeURIComponent(text)}`;
  return chain(
    component({ l: written, co: colourIn(values, 'txt-color') }),
    component({
      fl: 'layer_apply',
      ...at(aligned(values.get('txt-align'), corner), pixels(values, 'txt-pad') ?? pixelsOf(10, values)),
    }),
  );
}

import { imageExtension } from '../../ids/extension.ts';
import { type Dialect, meaningIn, refuse, scaled } from '../dialect.ts';
import { areaAt, drawnAs } from '../drawing.ts';
import { sized } from './values.ts';

const program = 'Storyblok';

/** More than any URL has. */
const maxFilters = 16;

/** What a path asks for behind `/m/`. */
interface Wishes {
  isFitted: boolean;
  isSmart: boolean;
  /** Left, top, right and bottom of what is cut out first. */
  cut: readonly number[];
  width: number;
  height: number;
  flips: string[];
  filters: (readonly [name: string, args: readonly string[]])[];
}

/**
 * Storyblok's image service: `/f/<space>/<size>/<hash>/a.jpg/m/300x200/smart/filters:quality(80)`. Its formats are negotiated, unless
 * a filter names one.
 */
export const readStoryblok: Dialect = ({ segments, query }) => {
  const at = segments.lastIndexOf('m');
  if (query !== '' || at < 1 || imageExtension(segments[at - 1] ?? '') === undefined) return undefined;
  const wishes = wishesOf(segments.slice(at + 1).filter((segment) => segment !== ''));
  return { rawId: segments.slice(0, at), components: drawn(wishes) };
};

function wishesOf(segments: readonly string[]): Wishes {
  const wishes: Wishes = { isFitted: false, isSmart: false, cut: [], width: 0, height: 0, flips: [], filters: [] };
  for (const segment of segments.map(decodeURIComponent)) {
    const [, flipX, width = '', flipY, height = ''] = /^(-)?(\d{0,5})x(-)?(\d{0,5})$/.exec(segment) ?? [];
    const corners = /^(\d{1,5})x(\d{1,5}):(\d{1,5})x(\d{1,5})$/.exec(segment);
    if (segment === 'fit-in') wishes.isFitted = true;
    else if (segment === 'smart') wishes.isSmart = true;
    else if (segment.startsWith('filters:')) wishes.filters.push(...filtersOf(segment));
    else if (corners !== null) wishes.cut = corners.slice(1).map(Number);
    else if (/^-?\d{0,5}x-?\d{0,5}$/.test(segment)) {
      Object.assign(wishes, { width: Number(width), height: Number(height) });
      wishes.flips.push(...(flipX ? ['hflip'] : []), ...(flipY ? ['vflip'] : []));
    } else throw refuse(program, segment, 'behind /m/ come a cut, fit-in, a size, smart and filters');
  }
  return wishes;
}

function filtersOf(segment: string): readonly (readonly [string, readonly string[]])[] {
  const filters = segment.slice('filters:'.length).match(/[a-z_]{1,40}\([^()]*\)/gi) ?? [];
  if (filters.length > maxFilters || filters.join(':') !== segment.slice('filters:'.length)) {
    throw refuse(program, segment, 'expected filters as in filters:quality(80):format(webp)');
  }
  return filters.map((filter) => {
    const open = filter.indexOf('(');
    return [filter.slice(0, open), filter.slice(open + 1, -1).split(',', 8)] as const;
  });
}

const formats: Readonly<Record<string, string>> = { webp: 'webp', jpeg: 'jpg', jpg: 'jpg', png: 'png', avif: 'avif' };

function drawn({ isFitted, isSmart, cut, width, height, flips, filters }: Wishes): readonly string[] {
  const named = new Map(filters);
  const unknown = filters.find(([name]) => !Object.hasOwn(effects, name) && !outputs.includes(name));
  if (unknown !== undefined) throw refuse(program, unknown[0], 'it is not supported');
  const fill = named.get('fill')?.[0];
  const b = fill === undefined ? undefined : colourOf(fill);
  const isPadded = isFitted && b !== undefined;
  const c = isPadded ? 'pad' : isFitted ? 'fit' : 'fill';
  const size = sized(c, [width, height], {
    b: isPadded ? b : undefined,
    g: isSmart && c === 'fill' ? 'auto' : focalOf(named),
  });
  const isBounded = named.has('no_upscale') && size !== undefined;
  const format = named.get('format')?.[0];
  const f = format === undefined ? 'auto' : meaningIn(formats, format);
  if (f === undefined) throw refuse(program, `format(${format})`, 'there is no such format');
  const quality = named.get('quality')?.[0];
  return drawnAs({
    turn: [rotation(named.get('rotate')?.[0]), ...flips].filter((word) => word !== undefined).join('.') || undefined,
    areas: [areaOf(cut)],
    size: isBounded ? { ...size, c: { pad: 'lpad', fit: 'limit', fill: 'lfill' }[size['c'] ?? ''] } : size,
    effects: filters.map(([name, args]) => effects[name]?.(args)),
    background: isPadded ? undefined : b,
    output: {
      f,
      q: quality === undefined ? undefined : numberOf(quality, 'quality', [1, 100]),
    },
  });
}

/** From the top left corner to the bottom right one. */
function areaOf(cut: readonly number[]): Readonly<Record<string, string | undefined>> | undefined {
  const [left, top, right, bottom] = cut;
  if (left === undefined || top === undefined || right === undefined || bottom === undefined) return undefined;
  if (right > left && bottom > top)
    return areaAt(String(left), String(top), String(right - left), String(bottom - top));
  throw refuse(program, `${left}x${top}:${right}x${bottom}`, 'a cut ends right of and below where it begins');
}

const outputs: readonly string[] = ['format', 'quality', 'fill', 'rotate', 'no_upscale', 'focal'];

const effects: Readonly<
  Record<string, (args: readonly string[]) => string | Readonly<Record<string, string | undefined>> | undefined>
> = {
  grayscale: () => 'grayscale',
  // A deviation, which is the radius unless it is said.
  blur: ([radius = '', sigma = radius]) => `blur:${scaled(sigma, 40, [1, 2000]) ?? numberOf(sigma, 'blur', [0, 150])}`,
  brightness: ([amount = '']) => `brightness:${numberOf(amount, 'brightness', [-99, 100])}`,
  round_corner: ([radius = '', ...colour]) => ({
    r: numberOf(radius.split('|', 1)[0] ?? '', 'round_corner', [0, 65_535]),
    b: colour.length < 3 || colour[3] === '1' ? undefined : `rgb:${colour.slice(0, 3).map(hexOf).join('')}`,
  }),
};

function focalOf(named: ReadonlyMap<string, readonly string[]>): undefined {
  if (named.has('focal')) throw refuse(program, 'focal', 'keep it with the picture, as its focus, and ask for smart');
  return undefined;
}

function rotation(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (/^(?:0|90|180|270)$/.test(text)) return text === '0' ? undefined : String((360 - Number(text)) % 360);
  throw refuse(program, `rotate(${text})`, 'only quarter turns are taken');
}

function colourOf(text: string): string {
  if (text === 'transparent') return text;
  if (/^(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(text)) return `rgb:${text}`;
  throw refuse(program, `fill(${text})`, 'expected a colour such as CCCCCC, or transparent');
}

function hexOf(channel: string): string {
  return Number(numberOf(channel, 'round_corner', [0, 255]))
    .toString(16)
    .padStart(2, '0');
}

function numberOf(text: string, name: string, [min, max]: readonly [number, number]): string {
  const number = /^-?\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return String(number);
  throw refuse(program, `${name}(${text})`, `expected a whole number from ${min} to ${max}`);
}

import { type QueryDialect, refuse } from '../dialect.ts';
import { areaAt, drawnAs } from '../drawing.ts';
import { type QueryLanguage, type QueryValues, qualityOf, queryValues, sized } from './values.ts';

const language: QueryLanguage = {
  program: 'Bunny Optimizer',
  drawn: [
    ...['width', 'height', 'aspect_ratio', 'crop', 'crop_gravity', 'focus_crop', 'face_crop', 'upscaling', 'quality'],
    ...['sharpen', 'blur', 'flip', 'flop', 'brightness', 'saturation', 'hue', 'gamma', 'contrast', 'sepia'],
    ...['auto_optimize', 'class', 'output', 'format'],
  ],
  refused: [],
};

const switches = { true: 'on', false: undefined, '1': 'on', '0': undefined };
const formats = { jpg: 'jpg', jpeg: 'jpg', png: 'png', webp: 'webp', avif: 'avif', gif: 'gif', auto: 'auto' };
const levels = { low: 'auto:best', medium: 'auto:good', high: 'auto:eco' };
const places = {
  ...{ center: 'center', north: 'north', south: 'south', east: 'east', west: 'west', northeast: 'north_east' },
  ...{ northwest: 'north_west', southeast: 'south_east', southwest: 'south_west' },
};

/**
 * Bunny's Dynamic Images: `/a.jpg?width=300&aspect_ratio=16:9`. A cut comes before the size, which lies within the sides, and no picture
 * becomes larger unless the URL says so.
 */
export const readBunny: QueryDialect = ({ query }) => {
  const values = queryValues(language, query);
  if (values.size === 0) return undefined;
  const isEnlarged =
    values.word('upscaling', { off: undefined, resampling: 'on', true: 'on', false: undefined }) === 'on';
  const sides = [values.number('width', [1, 65_535]), values.number('height', [1, 65_535])] as const;
  const flips = [
    values.word('flip', switches) === undefined ? '' : 'vflip',
    values.word('flop', switches) === undefined ? '' : 'hflip',
  ].filter((word) => word !== '');
  const blur = values.number('blur', [0, 100]);
  const components = drawnAs({
    turn: flips.join('.') || undefined,
    areas: [{ t: values.text('class') }, cutOf(values), focusOf(values), faceOf(values), shapeOf(values)],
    size: sized(isEnlarged ? 'fit' : 'limit', sides),
    effects: [
      ...(['brightness', 'saturation', 'contrast', 'gamma'] as const).map((name) => toneOf(values, name)),
      toneOf(values, 'hue'),
      toneOf(values, 'sepia'),
      blur ? `blur:${Math.round(blur * 10)}` : undefined,
      values.word('sharpen', switches) === undefined ? undefined : 'sharpen',
    ],
    output: {
      f: values.word('output', formats) ?? values.word('format', formats),
      q: qualityOf(values, 'quality') ?? values.word('auto_optimize', levels),
    },
  });
  return { components };
};

function toneOf(values: QueryValues, name: 'brightness' | 'saturation' | 'contrast' | 'gamma' | 'hue' | 'sepia') {
  const amount = Math.round(values.number(name, [-100, 100]) ?? 0);
  const least = { brightness: -99, gamma: -50, sepia: 0, saturation: -100, contrast: -100, hue: -100 }[name];
  return amount === 0 || (name === 'sepia' && amount < 0) ? undefined : `${name}:${Math.max(least, amount)}`;
}

function numbersOf(values: QueryValues, name: string, counts: readonly number[]): readonly number[] | undefined {
  const text = values.text(name);
  if (text === undefined) return undefined;
  const numbers = text.split(',', 5).map((part) => (/^\d{1,5}(?:\.\d{1,6})?$/.test(part) ? Number(part) : Number.NaN));
  if (counts.includes(numbers.length) && numbers.every((number) => number >= 0)) return numbers;
  throw refuse(language.program, `${name}=${text}`, `expected ${counts.join(' or ')} numbers, such as width,height`);
}

function cutOf(values: QueryValues) {
  const [width, height, x, y] = numbersOf(values, 'crop', [2, 4]) ?? [];
  if (width === undefined || height === undefined) return undefined;
  if (x !== undefined && y !== undefined) return areaAt(text(x), text(y), text(width), text(height));
  return { c: 'crop', w: text(width), h: text(height), g: placeOf(values) };
}

function placeOf(values: QueryValues): string | undefined {
  const place = values.word('crop_gravity', places);
  return place === 'center' ? undefined : place;
}

/** Round a point, in pixels, or in shares where both are below 1. */
function focusOf(values: QueryValues) {
  const [width, height, x, y] = numbersOf(values, 'focus_crop', [4]) ?? [];
  if (width === undefined || height === undefined || x === undefined || y === undefined) return undefined;
  const isShare = (values.text('focus_crop') ?? '').includes('.') && x <= 1 && y <= 1;
  const at = (value: number) => (isShare ? value.toFixed(6) : text(value));
  return { c: 'crop', w: text(width), h: text(height), g: 'xy_center', x: at(x), y: at(y) };
}

/** A cut round the middle of all faces; one with as much room about them as the program thinks fit (`true`) is not drawn. */
function faceOf(values: QueryValues) {
  const written = values.text('face_crop');
  if (written === 'false') return undefined;
  if (written === 'true')
    throw refuse(language.program, 'face_crop=true', 'here it takes a size, as in face_crop=300,200');
  const [width, height] = numbersOf(values, 'face_crop', [2]) ?? [];
  if (width === undefined || height === undefined) return undefined;
  return { c: 'crop', w: text(width), h: text(height), g: 'faces:center' };
}

/** A cut to a shape, from the middle. */
function shapeOf(values: QueryValues) {
  const ratio = values.text('aspect_ratio');
  if (ratio === undefined || ratio === 'auto') return undefined;
  if (/^\d{1,5}(?:\.\d{1,4})?:\d{1,5}(?:\.\d{1,4})?$/.test(ratio)) return { c: 'crop', ar: ratio };
  throw refuse(language.program, `aspect_ratio=${ratio}`, 'expected a shape such as 16:9');
}

function text(value: number): string {
  return String(Math.round(value));
}

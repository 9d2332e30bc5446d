import { component, meaningIn, refuse } from '../dialect.ts';
import { areaAt, canvasAround, decimal } from '../drawing.ts';
import { colour, colourIn } from './colours.ts';
import { placed } from './place.ts';
import { type ImgixName, type ImgixValues, numberOf, wordOf } from './words.ts';

/** No side becomes larger there. */
const maxSide = 8192;

/** What its words for fitting are here. */
const modes = {
  clip: 'fit',
  max: 'limit',
  crop: 'fill',
  min: 'fill_down',
  fill: 'pad',
  fillmax: 'lpad',
  scale: 'scale',
  facearea: 'thumb',
} as const;

type Mode = (typeof modes)[keyof typeof modes];
type Values = Readonly<Record<string, string | undefined>>;

/** What multiplies pixels. */
export function densityOf(values: ImgixValues): number {
  const dpr = numberOf(values, 'dpr', [0, 8]) ?? 1;
  return dpr === 0 ? 1 : dpr;
}

/** A side as it was written: whole pixels, or a share of the picture's own from above 0 to 1. */
interface Sides {
  readonly width: number | undefined;
  readonly height: number | undefined;
}

/** How the picture meets its new size; undefined where none is asked for. */
export function sizeOf(values: ImgixValues): Values | undefined {
  const mode = wordOf(values, 'fit', modes) ?? 'fit';
  const sides = bounded(values, mode);
  const ratio = mode === 'fill' || mode === 'fill_down' ? ratioOf(values) : undefined;
  if (mode === 'thumb') return faceArea(values, sides);
  if (sides.width === undefined && sides.height === undefined && ratio === undefined) return undefined;
  const isOneSided = (sides.width === undefined || sides.height === undefined) && ratio === undefined;
  const c = isOneSided ? alone(mode) : mode;
  return {
    c,
    w: side(sides.width, values, 'across'),
    h: side(sides.height, values, 'down'),
    ar: ratio,
    ...(c === 'fill' || c === 'fill_down' ? placed(values) : {}),
    b: c === 'pad' || c === 'lpad' ? fillOf(values) : undefined,
  };
}

/** One side alone asks for no shape, so there is nothing to cut or to fill. */
function alone(mode: Mode): Mode {
  return mode === 'limit' || mode === 'fill_down' || mode === 'lpad' ? 'limit' : 'fit';
}

function ratioOf(values: ImgixValues): string | undefined {
  const text = values.get('ar');
  if (text === undefined) return undefined;
  if (/^\d{1,5}(?:\.\d{1,5})?(?::\d{1,5}(?:\.\d{1,5})?)?$/.test(text)) return text.replace(/^([^:]+)$/, '$1:1');
  throw refuse(values.program, `ar=${text}`, 'a ratio is written as 16:9');
}

/** Sides within what `max-w` and its kin allow, which imgix heeds with `fit=crop` alone. */
function bounded(values: ImgixValues, mode: Mode): Sides {
  const limits: readonly [number, number] = [0, 1e6];
  const [width, height] = [numberOf(values, 'w', limits) || undefined, numberOf(values, 'h', limits) || undefined];
  if (mode !== 'fill') return { width, height };
  return { width: within(values, width, 'w'), height: within(values, height, 'h') };
}

function within(values: ImgixValues, value: number | undefined, name: 'w' | 'h'): number | undefined {
  const [least, most]: readonly [ImgixName, ImgixName] = name === 'w' ? ['min-w', 'max-w'] : ['min-h', 'max-h'];
  const [min, max] = [numberOf(values, least, [1, maxSide]), numberOf(values, most, [1, maxSide])];
  if (min === undefined && max === undefined) return value;
  if (value !== undefined && value > 1) return Math.max(min ?? 1, Math.min(max ?? maxSide, value));
  throw refuse(values.program, min === undefined ? most : least, `it needs ${name} in pixels`);
}

/** In pixels for the screen, less what is laid round the picture; a share of its own. */
function side(value: number | undefined, values: ImgixValues, along: 'across' | 'down'): string | undefined {
  if (value === undefined) return undefined;
  if (value <= 1) return decimal(value);
  const [top, right, bottom, left] = marginsOf(values);
  const pixels = Math.min(maxSide, Math.round(value * densityOf(values)));
  const rest = pixels - (along === 'across' ? left + right : top + bottom);
  if (rest < 1) throw refuse(values.program, 'pad', 'it leaves nothing of the picture');
  return String(rest);
}

/** Room that a face has about it is a factor there, and nearness here. */
function faceArea(values: ImgixValues, { width, height }: Sides): Values {
  const padding = numberOf(values, 'facepad', [0.1, 100]) ?? 1;
  if ((numberOf(values, 'faceindex', [1, 1000]) ?? 1) !== 1) throw refuse(values.program, 'faceindex', 'it is 1 here');
  if (width === undefined && height === undefined) return { c: 'crop', g: 'face' };
  const [w, h] = [side(width, values, 'across'), side(height, values, 'down')];
  return { c: 'thumb', g: 'face', w: w ?? h, h: h ?? w, z: padding === 1 ? undefined : decimal(1 / padding) };
}

function fillOf(values: ImgixValues): string {
  const fill = wordOf(values, 'fill', { solid: 'solid', blur: 'blur' });
  if (fill === 'blur') return 'blurred';
  return colourIn(values, 'fill-color') ?? colourIn(values, 'bg') ?? 'white';
}

/** Pixels on each side, from the top clockwise: of the border and of the padding. */
function marginsOf(values: ImgixValues): readonly [number, number, number, number] {
  const width = borderOf(values)?.width ?? 0;
  const [top, right, bottom, left] = paddingOf(values);
  return [top + width, right + width, bottom + width, left + width];
}

function paddingOf(values: ImgixValues): readonly [number, number, number, number] {
  const all = numberOf(values, 'pad', [0, maxSide]) ?? 0;
  const dpr = densityOf(values);
  const of = (name: ImgixName) => Math.round((numberOf(values, name, [0, maxSide]) ?? all) * dpr);
  return [of('pad-top'), of('pad-right'), of('pad-bottom'), of('pad-left')];
}

interface Border {
  readonly width: number;
  readonly colour: string;
}

function borderOf(values: ImgixValues): Border | undefined {
  const text = values.get('border');
  if (text === undefined) return undefined;
  const [size = '', written] = text.split(',', 2);
  if (!/^\d{1,4}$/.test(size) || written === undefined) {
    throw refuse(values.program, `border=${text}`, 'expected pixels and a colour, as in 10,ff0000');
  }
  return { width: Math.round(Number(size) * densityOf(values)), colour: colour(written, 'border', values) };
}

/** What is laid round the picture once it has its size: the border, and outside it the padding. */
export function surroundings(values: ImgixValues): readonly (string | undefined)[] {
  const border = borderOf(values);
  const isDrawn = border !== undefined && border.width > 0;
  return [
    isDrawn ? component({ bo: `${border.width}px_solid_${border.colour}` }) : undefined,
    canvasAround(paddingOf(values), colourIn(values, 'bg')),
  ];
}

/** `rect=x,y,w,h`: a part of the picture in its own pixels, or in shares, or by its sides. */
export function rectangle(values: ImgixValues): Values | undefined {
  const text = values.get('rect');
  if (text === undefined) return undefined;
  const [x = '', y = '', w = '', h = '', more] = text.toLowerCase().split(',', 5);
  const across = meaningIn({ left: 'west', center: '', right: 'east' }, x);
  const down = meaningIn({ top: 'north', middle: '', bottom: 'south' }, y);
  const lengths = [w, h].map(lengthOf);
  const [width, height] = lengths;
  if (more !== undefined || width === undefined || height === undefined || width === '0' || height === '0') {
    throw refuse(values.program, `rect=${text}`, 'expected x, y, width and height');
  }
  if (across === undefined && down === undefined) {
    const [left, top] = [lengthOf(x), lengthOf(y)];
    if (left !== undefined && top !== undefined) return areaAt(left, top, width, height);
  } else if (across !== undefined && down !== undefined) {
    return { c: 'crop', g: [down, across].filter((part) => part !== '').join('_') || 'center', w: width, h: height };
  }
  throw refuse(values.program, `rect=${text}`, 'x and y are both numbers, or both sides');
}

function lengthOf(text: string): string | undefined {
  if (!/^(?:\d{1,6}(?:\.\d{1,6})?|\.\d{1,6})$/.test(text)) return undefined;
  const value = Number(text);
  return value > 0 && (value < 1 || text === '1.0') ? decimal(value) : String(Math.round(value));
}

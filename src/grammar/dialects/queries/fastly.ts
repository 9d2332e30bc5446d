import { chain, component, type QueryDialect, refuse } from '../dialect.ts';
import { blurStrength, canvasAround, decimal, drawnAs, tone } from '../drawing.ts';
import { type QueryLanguage, type QueryValues, queryValues } from './values.ts';

const language: QueryLanguage = {
  program: 'Fastly Image Optimizer',
  drawn: [
    ...[
      'width',
      'height',
      'fit',
      'dpr',
      'crop',
      'precrop',
      'trim',
      'pad',
      'canvas',
      'bg-color',
      'orient',
      'brightness',
    ],
    ...['contrast', 'saturation', 'sharpen', 'blur', 'format', 'auto', 'quality', 'optimize', 'enable', 'disable'],
    ...['frame', 'resize-filter', 'level', 'profile'],
  ],
  refused: [
    'trim-color',
    'overlay',
    'overlay-align',
    'overlay-width',
    'overlay-height',
    'montage',
    'viewbox',
    'metadata',
  ],
};

const boundedModes = { bounds: 'limit', cover: 'loutside', crop: 'lfill' };
const modes = { bounds: 'fit', cover: 'outside', crop: 'fill' };
const turns = {
  ...{ r: '90', l: '270', h: 'hflip', v: 'vflip', hv: '180', vh: '180', '1': 'ignore', '2': 'ignore.hflip' },
  ...{ '3': 'ignore.180', '4': 'ignore.vflip', '5': 'ignore.hflip.270', '6': 'ignore.90', '7': 'ignore.hflip.90' },
  '8': 'ignore.270',
};
const formats = {
  ...{ auto: 'auto', jpg: 'jpg', jpeg: 'jpg', pjpg: 'jpg', pjpeg: 'jpg', bjpg: 'jpg', bjpeg: 'jpg', png: 'png' },
  ...{ png8: 'png', gif: 'gif', webp: 'webp', webply: 'webp', avif: 'avif' },
};
const filters = {
  lanczos: undefined,
  lanczos2: undefined,
  lanczos3: undefined,
  bicubic: undefined,
  bilinear: undefined,
};

/** Fastly's Image Optimizer: `/a.jpg?width=300&height=200&fit=bounds`. No picture becomes larger without `enable=upscale`. */
export const readFastly: QueryDialect = ({ query }) => {
  const values = queryValues(language, query);
  if (values.size === 0) return undefined;
  values.word('resize-filter', filters);
  const blur = values.text('blur');
  const b = colourOf(values);
  const format = values.text('format');
  const components = drawnAs({
    areas: [cut(values, 'precrop'), trimmed(values), cut(values, 'crop'), { a: values.word('orient', turns) }],
    size: sizeOf(values),
    finish: [...canvas(values, b), padding(values, b)],
    effects: [
      ...(['brightness', 'contrast', 'saturation'] as const).map((name) =>
        tone(name, values.number(name, [-100, 100]) ?? 0),
      ),
      sharpened(values),
      blur === undefined ? undefined : blurred(blur),
    ],
    background: b,
    output: {
      f: values.word('format', formats) ?? (values.word('auto', { webp: 'auto', avif: 'auto' }) && 'auto'),
      fl: format?.startsWith('pj') ? 'progressive' : format === 'png8' ? 'png8' : undefined,
      pg: values.number('frame', [1, 65_535]) === undefined ? undefined : String(values.number('frame', [1, 65_535])),
      q: qualityOf(values),
    },
  });
  return { components };
};

/** Pixels; below 1, or in per cent as `50p`, a share; so many times over. */
function length(values: QueryValues, name: string, written: string, times = 1): string {
  const [, digits, isPercent] = /^(\d{1,5}(?:\.\d{1,6})?)(p|%)?$/.exec(written) ?? [];
  const value = Number(digits);
  if (digits === undefined)
    throw refuse(language.program, `${name}=${values.text(name)}`, 'expected pixels, or a share');
  if (isPercent !== undefined) return decimal((value / 100) * times);
  return value < 1 && value > 0 ? decimal(value * times) : String(Math.round(value * times));
}

function sizeOf(values: QueryValues) {
  const dpr = values.number('dpr', [0.1, 10]) ?? 1;
  const [width, height] = [values.text('width'), values.text('height')];
  const [w, h] = [
    width === undefined ? undefined : length(values, 'width', width, dpr),
    height === undefined ? undefined : length(values, 'height', height, dpr),
  ];
  if (w === undefined && h === undefined) return undefined;
  const isEnlarged = values.word('enable', { upscale: 'on' }) === 'on';
  values.word('disable', { upscale: undefined });
  const fit = values.word('fit', isEnlarged ? modes : boundedModes);
  const one = isEnlarged ? 'fit' : 'limit';
  // Both sides without a word on how they are met stretch the picture.
  const both = fit ?? (isEnlarged ? 'scale' : 'lscale');
  return { c: w === undefined || h === undefined ? one : both, w, h };
}

/** `w,h` from the middle, `w,h,x10,y20`, `w,h,offset-x0,offset-y100` in per cent of what is left, or a shape `16:9`. */
function cut(values: QueryValues, name: 'crop' | 'precrop') {
  const written = values.text(name);
  if (written === undefined) return undefined;
  const [first = '', ...rest] = written.split(',', 8);
  const isSmart = rest.includes('smart');
  const places = rest.filter((part) => part !== 'smart' && part !== 'safe');
  if (/^\d{1,5}(?:\.\d{1,4})?:\d{1,5}(?:\.\d{1,4})?$/.test(first)) {
    if (places.length > 0)
      throw refuse(language.program, `${name}=${written}`, 'a shape is cut from the middle, or smart');
    return { c: 'crop', ar: first, g: isSmart ? 'auto' : undefined };
  }
  const [height = '', ...at] = places;
  const [w, h] = [length(values, name, first), length(values, name, height)];
  const other = at.find((part) => !/^(?:offset-)?[xy]/.test(part));
  if (other !== undefined)
    throw refuse(language.program, `${name}=${other}`, 'behind the sides come x, y, smart or safe');
  const from = (axis: 'x' | 'y') => at.find((part) => part.startsWith(axis))?.slice(1);
  const offset = (axis: 'x' | 'y') => at.find((part) => part.startsWith(`offset-${axis}`))?.slice(8);
  const [left, top] = [from('x'), from('y')];
  if (isSmart) return { c: 'crop', w, h, g: 'auto' };
  if (left !== undefined || top !== undefined) {
    return {
      c: 'crop',
      g: 'north_west',
      w,
      h,
      x: length(values, name, left ?? '0'),
      y: length(values, name, top ?? '0'),
    };
  }
  return { c: 'crop', w, h, g: sideOf(offset('x'), offset('y')) };
}

/** Offsets of 0, 50 and 100 per cent are the sides and the middle. */
function sideOf(across = '50', down = '50'): string | undefined {
  const words: Readonly<Record<string, readonly [string, string]>> = {
    '0': ['north', 'west'],
    '50': ['', ''],
    '100': ['south', 'east'],
  };
  const [vertical, horizontal] = [words[down]?.[0], words[across]?.[1]];
  if (vertical === undefined || horizontal === undefined) {
    throw refuse(language.program, `offset-x${across},offset-y${down}`, 'offsets are 0, 50 or 100');
  }
  return [vertical, horizontal].filter((word) => word !== '').join('_') || undefined;
}

/** Edges in the order of CSS. */
function edges(values: QueryValues, name: 'trim' | 'pad'): readonly [number, number, number, number] | undefined {
  const written = values.text(name);
  if (written === undefined) return undefined;
  const numbers = written.split(',', 5).map((part) => (/^\d{1,5}$/.test(part) ? Number(part) : Number.NaN));
  const [top = 0, right = top, bottom = top, left = right] = numbers;
  if (numbers.length <= 4 && numbers.every((number) => number >= 0)) return [top, right, bottom, left];
  throw refuse(language.program, `${name}=${written}`, 'expected one to four numbers of pixels');
}

function trimmed(values: QueryValues) {
  const cutOff = edges(values, 'trim');
  if (cutOff === undefined) return undefined;
  const [top, right, bottom, left] = cutOff;
  const at = { x: left === 0 ? undefined : String(left), y: top === 0 ? undefined : String(top) };
  return { c: 'crop', g: 'north_west', w: `w_sub_${left + right}`, h: `h_sub_${top + bottom}`, ...at };
}

function padding(values: QueryValues, b: string | undefined): string | undefined {
  const sides = edges(values, 'pad');
  return sides && canvasAround(sides, b);
}

/** A canvas with the picture in its middle, which it cuts where that is larger. */
function canvas(values: QueryValues, b: string | undefined): readonly string[] {
  const [first, second, ...rest] = values.text('canvas')?.split(',', 5) ?? [];
  if (first === undefined) return [];
  const [w, h] = [length(values, 'canvas', first), length(values, 'canvas', second ?? '')];
  if (rest.length > 0)
    throw refuse(language.program, `canvas=${values.text('canvas')}`, 'the picture lies in its middle');
  return chain(component({ c: 'crop', w, h }), component({ c: 'lpad', w, h, b }));
}

function colourOf(values: QueryValues): string | undefined {
  const written = values.text('bg-color');
  const [red, green, blue, alpha = '1', ...more] = written?.split(',', 5) ?? [];
  if (red === undefined || green === undefined || blue === undefined) return values.colour('bg-color');
  const channels = [red, green, blue].map(Number).concat(Number(alpha) * 255);
  if (more.length > 0 || channels.some((channel) => !(channel >= 0 && channel <= 255))) {
    throw refuse(language.program, `bg-color=${written}`, 'expected red,green,blue');
  }
  return `rgb:${channels.map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')}`;
}

/** `a5,r2,t1`: an amount up to 10. */
function sharpened(values: QueryValues): string | undefined {
  const written = values.text('sharpen');
  if (written === undefined) return undefined;
  const [, amount] = /^a(\d{1,2}(?:\.\d{1,3})?)(?:,|$)/.exec(written) ?? [];
  if (amount === undefined) throw refuse(language.program, `sharpen=${written}`, 'expected an amount, as in a5,r2,t1');
  return Number(amount) === 0 ? undefined : `sharpen:${Math.max(1, Math.round(Number(amount) * 100))}`;
}

/** A radius in pixels; in per cent of the picture it is not known before that is. */
function blurred(written: string): string | undefined {
  const radius = /^\d{1,4}(?:\.\d{1,3})?$/.test(written) ? Number(written) : Number.NaN;
  if (!(radius <= 1000)) throw refuse(language.program, `blur=${written}`, 'expected pixels');
  return radius <= 0.3 ? undefined : `blur:${blurStrength(radius)}`;
}

/** A number, behind which another may stand for WebP. */
function qualityOf(values: QueryValues): string | undefined {
  const [first, second] = values.text('quality')?.split(',', 2) ?? [];
  if (first === undefined) {
    return values.word('optimize', { low: 'auto:best', medium: 'auto:good', high: 'auto:eco', true: 'auto' });
  }
  const valid = [first, second ?? first].every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 100);
  if (!valid)
    throw refuse(language.program, `quality=${values.text('quality')}`, 'expected a number up to 100, or two');
  const whole = (part: string) => String(Math.max(1, Number(part)));
  return second === undefined ? whole(first) : `jpg:${whole(first)}.png:${whole(first)}.webp:${whole(second)}`;
}

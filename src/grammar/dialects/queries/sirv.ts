import { type QueryDialect, refuse } from '../dialect.ts';
import { decimal, drawnAs } from '../drawing.ts';
import { type QueryLanguage, type QueryValues, qualityOf, queryValues } from './values.ts';

/** Names that say the same. */
const synonyms: Readonly<Record<string, string>> = {
  ...{
    'scale.width': 'w',
    'scale.height': 'h',
    'crop.width': 'cw',
    'crop.height': 'ch',
    'crop.x': 'cx',
    'crop.y': 'cy',
  },
  ...{ quality: 'q', greyscale: 'grayscale' },
};

const language: QueryLanguage = {
  program: 'Sirv',
  drawn: [
    ...['w', 'h', 's', 'thumbnail', 'scale.option', 'cw', 'ch', 'cx', 'cy', 'crop.type', 'rotate', 'flip', 'flop'],
    ...[
      'opacity',
      'brightness',
      'contrast',
      'hue',
      'saturation',
      'grayscale',
      'blur',
      'sharpen',
      'format',
      'q',
      'profile',
    ],
    ...[
      'page',
      'progressive',
      'canvas.width',
      'canvas.height',
      'canvas.color',
      'webp-fallback',
      'subsampling',
      'gif.lossy',
    ],
    ...['png.optimize', 'crop.pad.x', 'crop.pad.y'],
  ],
  refused: [
    ...[
      'exposure',
      'lightness',
      'shadows',
      'highlights',
      'colorlevel.black',
      'colorlevel.white',
      'histogram',
      'colortone',
    ],
    ...['colorize.color', 'colorize.opacity', 'colortone.color', 'colortone.level', 'colortone.mode', 'vignette.value'],
    ...[
      'vignette.color',
      'crop.aspectratio',
      'canvas.position',
      'canvas.opacity',
      'canvas.border.width',
      'frame.style',
    ],
    ...[
      'frame.color',
      'frame.width',
      'frame.rim.color',
      'frame.rim.width',
      'text',
      'text.size',
      'text.color',
      'watermark',
    ],
    ...[
      'watermark.position',
      'watermark.opacity',
      'watermark.scale.width',
      'dpi',
      'canvas.aspectratio',
      'info',
      'spin',
    ],
  ],
};

const switches = { true: 'on', '1': 'on', yes: 'on', false: undefined, '0': undefined, no: undefined };
const formats = {
  jpg: 'jpg',
  png: 'png',
  webp: 'webp',
  avif: 'avif',
  gif: 'gif',
  optimal: 'auto',
  original: undefined,
};

/** Sirv's dynamic imaging: `/a.jpg?w=300&h=200&scale.option=fill`. It scales, cuts, lays on a canvas and turns, in this order. */
export const readSirv: QueryDialect = ({ query }) => {
  const written = query.replace(/(^|&)([a-z.]+)=/g, (all, before: string, name: string) =>
    Object.hasOwn(synonyms, name) ? `${before}${synonyms[name]}=` : all,
  );
  const values = queryValues(language, written);
  if (values.size === 0) return undefined;
  const flips = [
    values.word('flip', switches) === undefined ? '' : 'vflip',
    values.word('flop', switches) === undefined ? '' : 'hflip',
  ].filter((word) => word !== '');
  const angle = values.number('rotate', [-360, 360]) ?? 0;
  const opacity = values.number('opacity', [0, 100]);
  const page = values.number('page', [1, 65_535]);
  const components = drawnAs({
    areas: [{ t: values.text('profile') }, autoCrop(values), sizeOf(values), cutOf(values), canvasOf(values)],
    size: {
      a: [angle === 0 ? '' : String(Math.round(angle)), ...flips].filter((word) => word !== '').join('.') || undefined,
    },
    effects: [
      { o: opacity === undefined ? undefined : String(Math.round(opacity)) },
      ...(['brightness', 'contrast', 'hue', 'saturation'] as const).map((name) => tone(values, name)),
      values.word('grayscale', switches) && 'grayscale',
      strength(values, 'blur', 20),
      strength(values, 'sharpen', 10),
    ],
    output: {
      f: values.word('format', formats) ?? (values.text('format') === undefined ? 'auto' : undefined),
      fl: values.word('progressive', switches) && 'progressive',
      pg: page === undefined ? undefined : String(page),
      q: qualityOf(values, 'q'),
    },
  });
  return { components };
};

/** Pixels, or per cent of the picture. */
function length(values: QueryValues, name: string): string | undefined {
  const text = values.text(name);
  if (text === undefined) return undefined;
  const [, digits, percent] = /^(\d{1,5}(?:\.\d{1,4})?)(%)?$/.exec(text) ?? [];
  if (digits === undefined) throw refuse(language.program, `${name}=${text}`, 'expected pixels or per cent');
  if (Number(digits) === 0) return undefined;
  return percent === undefined ? String(Math.max(1, Math.round(Number(digits)))) : decimal(Number(digits) / 100);
}

function sizeOf(values: QueryValues) {
  const [square, longest] = [length(values, 'thumbnail'), length(values, 's')];
  if (square !== undefined) return { c: 'fill', w: square, h: square };
  if (longest !== undefined) return { c: 'fit', w: longest, h: longest };
  const [w, h] = [length(values, 'w'), length(values, 'h')];
  if (w === undefined && h === undefined) return undefined;
  const words = values.text('scale.option')?.split(',', 4) ?? [];
  const known = ['fit', 'fill', 'ignore', 'noup'];
  const unknown = words.find((word) => !known.includes(word));
  if (unknown !== undefined) throw refuse(language.program, `scale.option=${unknown}`, `it takes ${known.join(', ')}`);
  const isBounded = words.includes('noup');
  if (w === undefined || h === undefined) return { c: isBounded ? 'limit' : 'fit', w, h };
  if (words.includes('ignore')) return { c: isBounded ? 'lscale' : 'scale', w, h };
  if (words.includes('fill')) return { c: isBounded ? 'lfill' : 'fill', w, h };
  return { c: isBounded ? 'limit' : 'fit', w, h };
}

function autoCrop(values: QueryValues) {
  const type = values.word('crop.type', { trim: 'trim', face: 'face', none: undefined });
  if (type === undefined) return undefined;
  if (['crop.pad.x', 'crop.pad.y'].some((name) => values.text(name) !== undefined)) {
    throw refuse(language.program, 'crop.pad', 'there is nothing around what is cut out');
  }
  return type === 'trim' ? { e: 'trim' } : { c: 'crop', g: 'face' };
}

const middles: readonly string[] = ['center', 'centre'];

function cutOf(values: QueryValues) {
  const [w, h] = [length(values, 'cw'), length(values, 'ch')];
  if (w === undefined && h === undefined) return undefined;
  const [x, y] = [values.text('cx') ?? '0', values.text('cy') ?? '0'];
  const isNumber = (text: string) => /^\d/.test(text);
  if (isNumber(x) && isNumber(y)) {
    return { c: 'crop', g: 'north_west', w, h, x: length(values, 'cx'), y: length(values, 'cy') };
  }
  const words = [y, x].map((text) => (middles.includes(text) ? '' : text));
  const places: Readonly<Record<string, string>> = {
    top: 'north',
    bottom: 'south',
    left: 'west',
    right: 'east',
    '': '',
  };
  const found = words.map((word) => (Object.hasOwn(places, word) ? places[word] : undefined));
  if (found.includes(undefined)) throw refuse(language.program, `cx=${x}`, 'both are numbers, or both are words');
  return { c: 'crop', w, h, g: found.filter((word) => word !== '').join('_') || undefined };
}

function canvasOf(values: QueryValues) {
  const [w, h] = [length(values, 'canvas.width'), length(values, 'canvas.height')];
  const b = values.colour('canvas.color');
  if (w === undefined && h === undefined) return b === undefined ? undefined : { b };
  return { c: 'lpad', w: w ?? 'w', h: h ?? 'h', b: b ?? 'white' };
}

function tone(values: QueryValues, name: 'brightness' | 'contrast' | 'hue' | 'saturation'): string | undefined {
  const amount = Math.round(values.number(name, [-100, 100]) ?? 0);
  return amount === 0 ? undefined : `${name}:${name === 'brightness' ? Math.max(-99, amount) : amount}`;
}

function strength(values: QueryValues, name: 'blur' | 'sharpen', times: number): string | undefined {
  const amount = values.number(name, [0, 100]) ?? 0;
  return amount === 0 ? undefined : `${name}:${Math.max(1, Math.round(amount * times))}`;
}

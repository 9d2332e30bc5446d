import { chain, component, type QueryDialect, refuse } from '../dialect.ts';
import { areaAt, canvasAround, decimal, drawnAs, tone } from '../drawing.ts';
import { type QueryLanguage, type QueryValues, qualityOf, queryValues, sized } from './values.ts';

const language: QueryLanguage = {
  program: 'Glide',
  drawn: [
    ...['w', 'h', 'fit', 'dpr', 'crop', 'or', 'flip', 'bri', 'con', 'gam', 'sharp', 'blur', 'pixel', 'filt', 'bg'],
    ...['border', 'q', 'fm', 'p', 'interlace'],
  ],
  refused: [
    ...['mark', 'markw', 'markh', 'markx', 'marky', 'markpad', 'markpos', 'markalpha', 'markfit', 'trim', 'colorspace'],
  ],
};

const modes = { contain: 'fit', max: 'limit', fill: 'lpad', 'fill-max': 'pad', stretch: 'scale' };
const turns = { auto: undefined, '0': undefined, '90': '270', '180': '180', '270': '90' };
const flips = { v: 'vflip', h: 'hflip', both: 'hflip.vflip' };
const formats = { jpg: 'jpg', jpeg: 'jpg', pjpg: 'jpg', png: 'png', gif: 'gif', webp: 'webp', avif: 'avif' };
const places: Readonly<Record<string, string | undefined>> = {
  ...{ center: undefined, top: 'north', bottom: 'south', left: 'west', right: 'east' },
  ...{ 'top-left': 'north_west', 'top-right': 'north_east', 'bottom-left': 'south_west', 'bottom-right': 'south_east' },
};

/** Glide: `/a.jpg?w=300&h=200&fit=crop`. Without `fit` a picture fits into the box; turns are counter-clockwise. */
export const readGlide: QueryDialect = ({ query }) => {
  const values = queryValues(language, query);
  if (values.size === 0) return undefined;
  const turn = [values.word('or', turns), values.word('flip', flips)].filter((word) => word !== undefined);
  const presets = values.text('p');
  const background = values.text('bg');
  const b = background === undefined ? undefined : colourOf('bg', background);
  const [blur, pixel] = [values.number('blur', [0, 100]), values.number('pixel', [0, 1000])];
  const size = sizeOf(values, b);
  const components = drawnAs({
    turn: turn.join('.') || undefined,
    areas: [{ t: presets?.split(',').join('.') }, cutOf(values), focusOf(values)],
    size,
    effects: [
      tone('brightness', values.number('bri', [-100, 100]) ?? 0),
      tone('contrast', values.number('con', [-100, 100]) ?? 0),
      gammaOf(values),
      strength('sharpen', values.number('sharp', [0, 100]), 10),
      values.word('filt', { greyscale: 'grayscale', sepia: 'sepia' }),
      strength('blur', blur, 20),
      pixel ? `pixelate:${Math.max(1, Math.round(pixel))}` : undefined,
    ],
    background: b,
    finish: borderOf(values),
    output: {
      f: values.word('fm', formats),
      fl: values.text('fm') === 'pjpg' || values.text('interlace') === '1' ? 'progressive' : undefined,
      q: qualityOf(values, 'q'),
    },
  });
  return { components };
};

function sizeOf(values: QueryValues, b: string | undefined) {
  const dpr = values.number('dpr', [0.01, 8]) ?? 1;
  const [width, height] = [values.number('w', [0, 65_535]), values.number('h', [0, 65_535])];
  const sides = [width && width * dpr, height && height * dpr] as const;
  const fit = values.text('fit') ?? '';
  if (!fit.startsWith('crop')) {
    const c = values.word('fit', modes) ?? 'fit';
    return sized(c, sides, { b: c.endsWith('pad') ? (b ?? 'white') : undefined });
  }
  const place = fit.slice('crop-'.length);
  const isNamed = fit === 'crop' || Object.hasOwn(places, place);
  return sized('fill', sides, { g: isNamed && fit !== 'crop' ? places[place] : undefined });
}

/** Cut to the shape of the box round a point in per cent, as near as the zoom behind it says. */
function focusOf(values: QueryValues) {
  const fit = values.text('fit') ?? '';
  const [, x, y, zoom = '1'] = /^crop-(\d{1,3})-(\d{1,3})(?:-(\d{1,3}(?:\.\d{1,4})?))?$/.exec(fit) ?? [];
  if (x === undefined || y === undefined) {
    if (fit.startsWith('crop-') && !Object.hasOwn(places, fit.slice('crop-'.length))) {
      throw refuse(language.program, `fit=${fit}`, 'behind crop comes a side, a corner or a point, as in crop-25-75');
    }
    return undefined;
  }
  const [w, h] = [values.text('w'), values.text('h')];
  if (w === undefined || h === undefined) throw refuse(language.program, `fit=${fit}`, 'it needs w and h');
  if (Number(zoom) !== 1) throw refuse(language.program, `fit=${fit}`, 'without a zoom');
  return { c: 'crop', ar: `${w}:${h}`, g: 'xy_center', x: decimal(Number(x) / 100), y: decimal(Number(y) / 100) };
}

/** `width,height,x,y` before the size. */
function cutOf(values: QueryValues) {
  const text = values.text('crop');
  if (text === undefined) return undefined;
  const [w, h, x, y, ...more] = text.split(',', 5).map((part) => (/^\d{1,5}$/.test(part) ? part : undefined));
  if (w === undefined || h === undefined || x === undefined || y === undefined || more.length > 0) {
    throw refuse(language.program, `crop=${text}`, 'expected width,height,x,y');
  }
  return areaAt(x, y, w, h);
}

function strength(name: 'sharpen' | 'blur', amount = 0, times = 1): string | undefined {
  return amount === 0 ? undefined : `${name}:${Math.max(1, Math.round(amount * times))}`;
}

/** 1 changes nothing, and ours reaches from the half to two and a half. */
function gammaOf(values: QueryValues): string | undefined {
  const gamma = values.number('gam', [0.1, 9.99]);
  if (gamma === undefined || gamma === 1) return undefined;
  return `gamma:${Math.min(150, Math.max(-50, Math.round((gamma - 1) * 100)))}`;
}

/** `width,colour,method`: over the picture, around it, or around a smaller one. */
function borderOf(values: QueryValues): readonly string[] {
  const text = values.text('border');
  if (text === undefined) return [];
  const [width = '', written = '', method = 'overlay'] = text.split(',', 3);
  const pixels = /^\d{1,4}$/.test(width) ? Number(width) : Number.NaN;
  if (!(pixels >= 0))
    throw refuse(language.program, `border=${text}`, 'expected width,colour,method with a width in pixels');
  const colour = colourOf('border', written);
  if (method === 'expand') return chain(canvasAround([pixels, pixels, pixels, pixels], colour));
  const inner = { w: `w_sub_${2 * pixels}`, h: `h_sub_${2 * pixels}` };
  const c = { overlay: 'crop', shrink: 'scale' }[method];
  if (c !== undefined) return pixels === 0 ? [] : chain(component({ c, ...inner }), `bo_${pixels}px_solid_${colour}`);
  throw refuse(language.program, `border=${text}`, 'a border is overlay, shrink or expand');
}

/** `f00`, `ff0000`, a name; in front of the digits how opaque it is, in tenths (`5f00`) or per cent (`50ff0000`). */
function colourOf(name: string, written: string): string {
  const text = written.toLowerCase().replace(/^#/, '');
  if (/^(?:[0-9a-f]{3}|[0-9a-f]{6})$/.test(text)) return `rgb:${text}`;
  if (/^[a-z]{3,32}$/.test(text)) return text;
  const [, opaque, digits] = /^(\d)([0-9a-f]{3})$/.exec(text) ?? /^(\d\d)([0-9a-f]{6})$/.exec(text) ?? [];
  if (opaque === undefined || digits === undefined) {
    throw refuse(language.program, `${name}=${written}`, 'expected a colour such as f00, 50ff0000 or red');
  }
  const whole = digits.length === 3 ? Array.from(digits, (digit) => digit + digit).join('') : digits;
  const alpha = Math.round((Number(opaque) / 10 ** opaque.length) * 255);
  return `rgb:${whole}${alpha.toString(16).padStart(2, '0')}`;
}

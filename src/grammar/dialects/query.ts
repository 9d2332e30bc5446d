import { Failure } from '../../failure.ts';
import { shorten } from '../ids/ids.ts';
import { cropModes } from '../parameters/crop.ts';
import { compassPoints } from '../parameters/gravity.ts';
import { chain, colourOf, component, meaningIn, pairsOf, type QueryDialect, refuse, scaled } from './dialect.ts';

const names: Readonly<Record<string, string>> = {
  w: 'width',
  width: 'width',
  h: 'height',
  height: 'height',
  q: 'quality',
  quality: 'quality',
  qlt: 'quality',
  fm: 'format',
  format: 'format',
  f: 'format',
  fit: 'fit',
  auto: 'auto',
  dpr: 'dpr',
  ar: 'ratio',
  aspect_ratio: 'ratio',
  crop: 'place',
  gravity: 'place',
  position: 'place',
  bg: 'background',
  'bg-color': 'background',
  background: 'background',
  rot: 'angle',
  rotate: 'angle',
  flip: 'flip',
  blur: 'blur',
  resize: 'fit',
};

/** Options of that family which would change the picture, and which we do not draw. */
const refused: readonly string[] = [
  ...['rect', 'mask', 'txt', 'txt64', 'mark', 'mark64', 'blend', 'blend64', 'border', 'pad', 'trim', 'duotone'],
  ...['sat', 'bri', 'con', 'hue', 'gam', 'sharp', 'sepia', 'monochrome', 'faceindex', 'fp-x', 'fp-y', 'or', 'page'],
  ...['trim-color', 'canvas', 'crop_gravity', 'class', 'sharpen', 'brightness', 'saturation', 'contrast', 'gamma'],
];

/** What imgix, Bunny, Fastly, KeyCDN, Supabase and Sharp mean by one word, as our modes. */
const modes: Readonly<Record<string, string>> = {
  clip: 'fit',
  max: 'limit',
  inside: 'limit',
  outside: 'outside',
  'scale-down': 'limit',
  contain: 'fit',
  bounds: 'fit',
  crop: 'fill',
  cover: 'fill',
  facearea: 'thumb',
  min: 'lfill',
  fill: 'pad',
  pad: 'pad',
  fillmax: 'lpad',
  scale: 'scale',
  squeeze: 'scale',
};

const places: Readonly<Record<string, string>> = {
  top: 'north',
  bottom: 'south',
  left: 'west',
  right: 'east',
  center: 'center',
  faces: 'faces',
  face: 'face',
  entropy: 'auto',
  edges: 'auto',
  attention: 'auto',
  smart: 'auto',
  auto: 'auto',
  'top,left': 'north_west',
  'top,right': 'north_east',
  'bottom,left': 'south_west',
  'bottom,right': 'south_east',
};

const flips: Readonly<Record<string, string>> = { h: 'hflip', v: 'vflip', hv: 'hflip.vflip' };

type QueryValues = ReadonlyMap<string, string>;

/**
 * Options in the query, as imgix and many others write them: `?w=128&h=128&fit=crop&fm=webp&q=80&auto=format&dpr=2`.
 * Undefined when the query says nothing about the picture; names that nobody of them uses are ignored.
 */
export const readQuery: QueryDialect = ({ query }) => {
  const components = readComponents(query);
  return components && { components };
};

function readComponents(query: string): readonly string[] | undefined {
  const values = read(query);
  if (values.size === 0) return undefined;
  const background = values.get('background');
  const automatic = new Set(values.get('auto')?.split(','));
  const format = values.get('format');
  const components = chain(
    component({ a: turn(values) }),
    component({ ...size(values), b: background && colourOf(background) }),
    component({ e: blur(values) }),
    component({
      f: format ?? (automatic.has('format') || automatic.has('webp') || automatic.has('avif') ? 'auto' : undefined),
      q: values.get('quality') ?? (automatic.has('compress') ? 'auto' : undefined),
    }),
  );
  return components.length === 0 ? undefined : components;
}

function read(query: string): QueryValues {
  const values = new Map<string, string>();
  for (const pair of pairsOf(query)) {
    const equals = pair.indexOf('=');
    const key = equals < 0 ? pair : pair.slice(0, equals);
    if (refused.includes(key))
      throw new Failure('invalid', `The option ${shorten(key)} of the query is not supported.`);
    const name = meaningIn(names, key);
    if (name !== undefined) values.set(name, decodeValue(pair.slice(equals + 1)));
  }
  return values;
}

function decodeValue(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

function size(values: QueryValues): Record<string, string | undefined> {
  const [w, h, ar] = [values.get('width'), values.get('height'), values.get('ratio')];
  if (w === undefined && h === undefined && ar === undefined) return {};
  const fit = values.get('fit');
  const c = wordOf('fit', fit, { words: modes, own: cropModes });
  const place = values.get('place');
  // A place says which part to keep, and so needs a mode that cuts or pads.
  const isPlaced = c !== 'limit' && c !== 'fit' && c !== 'scale';
  return {
    ar,
    c,
    dpr: values.get('dpr'),
    g: isPlaced ? wordOf('crop, gravity or position', place, { words: places, own: compassPoints }) : undefined,
    h,
    w,
  };
}

/** Our word for theirs; our own are taken, too. What is refused is quoted as it was written. */
function wordOf(
  option: string,
  written: string | undefined,
  { words, own }: { readonly words: Readonly<Record<string, string>>; readonly own: readonly string[] },
): string | undefined {
  if (written === undefined) return undefined;
  const meant = meaningIn(words, written) ?? own.find((word) => word === written);
  if (meant !== undefined) return meant;
  throw refuse('the query', written, `${option} takes ${Object.keys(words).join(', ')}`);
}

function turn(values: QueryValues): string | undefined {
  const flip = values.get('flip');
  const words = [values.get('angle'), flip && (meaningIn(flips, flip) ?? flip)].filter((word) => word !== undefined);
  return words.length === 0 ? undefined : words.join('.');
}

function blur(values: QueryValues): string | undefined {
  const written = values.get('blur');
  if (written === undefined || written === '0') return undefined;
  const amount = scaled(written, 1, [1, 2000]);
  if (amount === undefined) throw refuse('the query', `blur=${written}`, 'blur takes a whole number from 0 to 2000');
  return `blur:${amount}`;
}

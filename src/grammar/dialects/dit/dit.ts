import { chain, colourOf, component, type Dialect, meaningIn, pairsOf, refuse, type Translation } from './dialect.ts';
import { pictureInBucket } from './source.ts';

const program = 'Dynamic Image Transformation';

type Json = Readonly<Record<string, unknown>>;

/** What an edit comes to, by sharp's name for it. */
type Edit = (value: unknown, name: string) => string | undefined;

function wrong(name: string, expected: string) {
  return refuse(program, name, `expected ${expected}`);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numberOf(value: unknown, name: string, [min, max]: readonly [number, number]): number {
  const number = typeof value === 'string' && /^-?\d{1,6}(?:\.\d{1,6})?$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && number >= min && number <= max) return number;
  throw wrong(name, `a number from ${min} to ${max}`);
}

/** Only these names of an object have a meaning. */
function fieldsOf(value: unknown, name: string, known: readonly string[]): Json {
  if (!isObject(value)) throw wrong(name, 'an object');
  const other = Object.keys(value).find((key) => !known.includes(key));
  if (other !== undefined) throw refuse(program, `${name}.${other}`, `${known.join(', ')} are taken`);
  return value;
}

const modes: Readonly<Record<string, { readonly enlarged: string; readonly bounded: string }>> = {
  cover: { enlarged: 'fill', bounded: 'lfill' },
  contain: { enlarged: 'pad', bounded: 'lpad' },
  fill: { enlarged: 'scale', bounded: '' },
  inside: { enlarged: 'fit', bounded: 'limit' },
  outside: { enlarged: 'outside', bounded: 'loutside' },
};

const places: Readonly<Record<string, string>> = {
  ...{ top: 'north', right: 'east', bottom: 'south', left: 'west', centre: 'center', center: 'center' },
  ...{ north: 'north', east: 'east', south: 'south', west: 'west', attention: 'auto', entropy: 'auto' },
  ...{ northeast: 'north_east', 'right top': 'north_east', southeast: 'south_east', 'right bottom': 'south_east' },
  ...{ southwest: 'south_west', 'left bottom': 'south_west', northwest: 'north_west', 'left top': 'north_west' },
};

/** Without a `fit` the picture goes inside the box. */
function resize(value: unknown, name: string): string | undefined {
  const known = ['width', 'height', 'fit', 'position', 'background', 'withoutEnlargement'];
  const { width, height, fit = 'inside', position, background, withoutEnlargement } = fieldsOf(value, name, known);
  const side = (given: unknown, which: string) =>
    given === undefined || given === null
      ? undefined
      : String(Math.round(numberOf(given, `${name}.${which}`, [1, 65_535])));
  const [w, h] = [side(width, 'width'), side(height, 'height')];
  if (w === undefined && h === undefined) return undefined;
  const mode = typeof fit === 'string' ? meaningIn(modes, fit) : undefined;
  if (mode === undefined) throw wrong(`${name}.fit`, Object.keys(modes).join(', '));
  const c = withoutEnlargement === true ? mode.bounded : mode.enlarged;
  if (c === '') throw refuse(program, `${name}.withoutEnlargement`, 'beside fit fill it is not supported');
  const isCut = fit === 'cover' || fit === 'contain';
  const b = fit === 'contain' ? colour(background ?? '000', `${name}.background`) : undefined;
  return component({ c, w, h, g: isCut ? place(position, name) : undefined, b });
}

function place(position: unknown, name: string): string | undefined {
  if (position === undefined) return undefined;
  const found = typeof position === 'string' ? meaningIn(places, position) : undefined;
  if (found === undefined) throw wrong(`${name}.position`, Object.keys(places).join(', '));
  return found === 'center' ? undefined : found;
}

/** A name, digits, or channels by name. */
function colour(value: unknown, name: string): string {
  if (typeof value === 'string') return colourOf(value.toLowerCase());
  const { r, g, b, alpha = 1 } = fieldsOf(value, name, ['r', 'g', 'b', 'alpha']);
  const channels = [r, g, b].map((one) => Math.round(numberOf(one, name, [0, 255])));
  const digits = [...channels, Math.round(numberOf(alpha, name, [0, 1]) * 255)];
  return `rgb:${digits.map((one) => one.toString(16).padStart(2, '0')).join('')}`;
}

function cut(value: unknown, name: string): string | undefined {
  const area = fieldsOf(value, name, ['left', 'top', 'width', 'height']);
  const pixels = (side: string, min: number) =>
    String(Math.round(numberOf(area[side], `${name}.${side}`, [min, 65_535])));
  const [x, y, w, h] = [pixels('left', 0), pixels('top', 0), pixels('width', 1), pixels('height', 1)];
  return component({ c: 'crop', g: 'north_west', w, h, x, y });
}

/** One that is on, or off by `false`. */
function switched(written: string): Edit {
  return (value, name) => {
    if (value === true || value === 'true' || value === null) return written;
    if (value === false || value === 'false') return undefined;
    throw wrong(name, 'true or false');
  };
}

/** `e_blur` adds 40 for each pixel of deviation past 0.3. */
function blur(value: unknown, name: string): string | undefined {
  if (value === false || value === 'false') return undefined;
  const deviation = value === true || value === 'true' ? 0.5 : numberOf(value, name, [0.3, 1000]);
  return `e_blur:${Math.min(2000, Math.max(1, Math.round(deviation * 40 - 12)))}`;
}

function sharpen(value: unknown, name: string): string | undefined {
  if (value === false || value === 'false') return undefined;
  const deviation = value === true || value === 'true' ? 1 : numberOf(value, name, [0.01, 20]);
  return `e_sharpen:${Math.max(1, Math.round(deviation * 100))}`;
}

/** By null the picture stays as it is stored. */
function rotate(value: unknown, name: string): string | undefined {
  if (value === null) return 'a_ignore';
  const degrees = numberOf(value, name, [-360, 360]);
  return degrees === 0 ? undefined : component({ a: String(degrees) });
}

function flatten(value: unknown, name: string): string | undefined {
  if (value === true) return component({ b: 'rgb:000' });
  const { background = '000' } = fieldsOf(value, name, ['background']);
  return component({ b: colour(background, name) });
}

const formats: Readonly<Record<string, string>> = {
  ...{ jpg: 'jpg', jpeg: 'jpg', png: 'png', webp: 'webp', avif: 'avif', gif: 'gif' },
};

function format(value: unknown, name: string): string | undefined {
  const found = typeof value === 'string' ? meaningIn(formats, value) : undefined;
  if (found === undefined) throw wrong(name, Object.keys(formats).join(', '));
  return component({ f: found });
}

/** The quality of one format, whichever is written. */
function encoder(value: unknown, name: string): string | undefined {
  const { quality } = fieldsOf(value, name, ['quality']);
  if (quality === undefined) return undefined;
  return component({ q: `${formats[name]}:${Math.round(numberOf(quality, `${name}.quality`, [1, 100]))}` });
}

/** In the order in which sharp works, but for cuts, which come where they are written. */
const edits: Readonly<Record<string, Edit>> = {
  rotate,
  flip: switched('a_vflip'),
  flop: switched('a_hflip'),
  crop: cut,
  extract: cut,
  resize,
  grayscale: switched('e_grayscale'),
  greyscale: switched('e_grayscale'),
  negate: switched('e_negate'),
  normalize: switched('e_auto_contrast'),
  normalise: switched('e_auto_contrast'),
  blur,
  sharpen,
  flatten,
  toFormat: format,
  jpeg: encoder,
  png: encoder,
  webp: encoder,
  avif: encoder,
};
const shapes: readonly string[] = ['crop', 'extract', 'resize'];
const order = Object.keys(edits);

function drawn(written: Json): readonly string[] {
  const names = Object.keys(written);
  const unknown = names.find((name) => !Object.hasOwn(edits, name));
  if (unknown !== undefined) throw refuse(program, unknown, `it is not supported; ${order.join(', ')} are`);
  const rank = (name: string) => order.indexOf(shapes.includes(name) ? 'crop' : name);
  return chain(
    ...names.toSorted((one, other) => rank(one) - rank(other)).map((name) => edits[name]?.(written[name], name)),
  );
}

/**
 * AWS' image handler up to version 7: `/<JSON in base64>`, which has a `bucket`, a `key` and `edits` by sharp's names. Its signature
 * is an option of the query.
 */
export const readDit: Dialect = ({ segments, query }, options) => {
  const path = segments.join('/');
  if (!/^eyJ[\w+/%-]+={0,2}$/.test(path)) return undefined;
  const request = jsonIn(decodeURIComponent(path));
  if (request === undefined || typeof request['key'] !== 'string') return undefined;
  const { bucket, key, edits: written = {}, outputFormat, ...rest } = request;
  // What its server answers with is not for a URL to say, and a picture is no other for it.
  const other = Object.keys(rest).find((name) => !['headers', 'effort', 'reductionEffort'].includes(name));
  if (other !== undefined) throw refuse(program, other, 'bucket, key, edits and outputFormat are taken');
  if (!isObject(written)) throw wrong('edits', 'an object');
  if (bucket !== undefined && typeof bucket !== 'string') throw wrong('bucket', 'a name');
  const components = chain(
    ...drawn(written),
    outputFormat === undefined || 'toFormat' in written ? undefined : format(outputFormat, 'outputFormat'),
  );
  const picture = bucket === undefined ? { key } : pictureInBucket(bucket, key, options);
  return { ...picture, components, ...proofOf(path, query) };
};

function jsonIn(text: string): Json | undefined {
  try {
    const read: unknown = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
    return isObject(read) ? read : undefined;
  } catch {
    return undefined;
  }
}

/** Of the path, beside which the query may say nothing. */
function proofOf(path: string, query: string): Pick<Translation, 'proof'> {
  const pairs = pairsOf(query).filter((pair) => pair !== '');
  const value = pairs.find((pair) => pair.startsWith('signature='))?.slice('signature='.length);
  const rest = pairs.filter((pair) => !pair.startsWith('signature='));
  if (rest.length > 0) throw refuse(program, rest[0] ?? '', 'beside JSON in the path a query has the signature alone');
  return value === undefined ? {} : { proof: { value, text: `/${path}` } };
}

import { chain, colourOf, component, type Dialect, meaningIn, namedPicture, refuse, scaled } from './dialect.ts';
import { canvasAround, hueOf, mildly, tone } from './drawing.ts';

/** Long names of modifiers, by the short ones of URLs. */
const longNames: Readonly<Record<string, string>> = {
  w: 'width',
  h: 'height',
  s: 'resize',
  q: 'quality',
  f: 'format',
  o: 'format',
  b: 'background',
  pos: 'position',
  crop: 'extract',
  a: 'animated',
};

const known: readonly string[] = [
  ...['width', 'height', 'resize', 'quality', 'format', 'background', 'position', 'extract', 'animated', 'fit'],
  ...['enlarge', 'rotate', 'flip', 'flop', 'grayscale', 'negate', 'normalize', 'blur', 'sharpen', 'trim', 'flatten'],
  ...['extend', 'threshold', 'modulate', 'tint', 'brightness', 'saturation', 'hue', 'opacity', 'kernel'],
];
const refused: readonly string[] = [
  ...['median', 'gamma', 'clahe', 'linear', 'dilate', 'erode', 'unflatten', 'lightness', 'recomb', 'convolve'],
];

/** What `fit` comes to, where pictures may be made larger than they were and where not. */
type Modes = Readonly<Record<string, { readonly enlarged: string; readonly bounded: string }>>;

/** A program whose options are sharp's words. */
interface SharpWords {
  readonly program: string;
  readonly modes: Modes;
}

/** Without `enlarge` a box that is larger than the picture is made smaller, and keeps its shape. */
const ipxModes: Modes = {
  cover: { enlarged: 'fill', bounded: 'fill_down' },
  contain: { enlarged: 'pad', bounded: 'lpad' },
  fill: { enlarged: 'scale', bounded: 'lscale' },
  inside: { enlarged: 'fit', bounded: 'limit' },
  outside: { enlarged: 'outside', bounded: 'loutside' },
};
/** As sharp does it: each side by itself. */
export const sharpModes: Modes = {
  ...ipxModes,
  cover: { enlarged: 'fill', bounded: 'lfill' },
  fill: { enlarged: 'scale', bounded: 'scale' },
};

const ipx: SharpWords = { program: 'IPX', modes: ipxModes };

const places: Readonly<Record<string, string>> = {
  top: 'north',
  right: 'east',
  bottom: 'south',
  left: 'west',
  centre: 'center',
  center: 'center',
  north: 'north',
  northeast: 'north_east',
  east: 'east',
  southeast: 'south_east',
  south: 'south',
  southwest: 'south_west',
  west: 'west',
  northwest: 'north_west',
  'right top': 'north_east',
  'right bottom': 'south_east',
  'left bottom': 'south_west',
  'left top': 'north_west',
  entropy: 'auto',
  attention: 'auto',
};

const separators = /,|&|%2c|%26/i;

/** What one URL says, and whose it is. */
interface Modifiers extends Pick<ReadonlyMap<string, string>, 'get' | 'has'> {
  readonly program: string;
}

/** IPX behind its usual prefix: `/_ipx/s_128x128,q_80,f_webp/key.jpg`; `_` stands for no modifier. */
export const readIpx: Dialect = ({ segments }, options) => {
  const [prefix, modifiers, ...rest] = segments;
  if (prefix !== '_ipx' || modifiers === undefined || rest.length === 0) return undefined;
  const components = modifiers === '_' ? [] : writeModifiers(read(modifiers), ipx);
  return { ...namedPicture(rest, options), components };
};

/**
 * IPX without its own prefix, as unpic prints it. Only what can be nothing else is taken for it: every part a modifier, and
 * one of them a size `s_WxH`, a `fit_`, or parts joined by `&`. Below a prefix that the configuration names for it, where its
 * `baseURL` was, all of it is IPX.
 */
export const readBareIpx: Dialect = ({ segments }, options) => {
  const [modifiers = '', ...rest] = segments;
  const isAllIpx = options.dialectPrefixes.ipx !== undefined;
  if (rest.length === 0 || !(isAllIpx || isBareIpx(modifiers))) return undefined;
  const components = modifiers === '_' ? [] : writeModifiers(read(modifiers), ipx);
  return { ...namedPicture(rest, options), components };
};

function isBareIpx(segment: string): boolean {
  const parts = segment.split(separators);
  const isIpx = parts.some((part) => /^(?:s_\d+x\d+|fit_(?:cover|contain|fill|inside|outside))$/i.test(part));
  if (!isIpx && !/&|%26/.test(segment)) return false;
  return parts.every((part) => {
    const name = nameOf(part);
    return known.includes(name) || refused.includes(name);
  });
}

function nameOf(part: string): string {
  const key = part.split('_', 1)[0] ?? '';
  return meaningIn(longNames, key) ?? key;
}

function read(text: string): ReadonlyMap<string, string> {
  const modifiers = new Map<string, string>();
  for (const part of text.split(separators)) {
    const name = nameOf(part);
    if (refused.includes(name)) throw refuse(ipx.program, part, `the modifier ${name} is not supported`);
    if (!known.includes(name))
      throw refuse(ipx.program, part, `there is no such modifier: expected ${known.join(', ')}`);
    const underscore = part.indexOf('_');
    modifiers.set(name, underscore < 0 ? '' : decodeURIComponent(part.slice(underscore + 1)));
  }
  return modifiers;
}

/** Modifiers by their long names, as components: sharp's words, which others have taken over as well. */
export function writeModifiers(
  written: ReadonlyMap<string, string>,
  { program, modes }: SharpWords,
): readonly string[] {
  const modifiers: Modifiers = { program, get: (name) => written.get(name), has: (name) => written.has(name) };
  const background = modifiers.get('background') || modifiers.get('flatten') || undefined;
  if ((modifiers.get('kernel') ?? 'lanczos3') !== 'lanczos3') {
    throw refuse(modifiers.program, `kernel_${modifiers.get('kernel')}`, 'it is always lanczos3');
  }
  return chain(
    component(extract(modifiers)),
    component({ e: trim(modifiers) }),
    component({ a: turn(modifiers) }),
    component({ ...size(modifiers, modes), b: background && colourOf(background) }),
    ...extend(modifiers, background),
    modifiers.has('grayscale') ? 'e_grayscale' : undefined,
    modifiers.has('negate') ? 'e_negate' : undefined,
    component({ e: threshold(modifiers) }),
    component({ e: effect(modifiers, 'blur') }),
    ...modulate(modifiers),
    component({ e: effect(modifiers, 'sharpen') }),
    normalized(modifiers),
    tint(modifiers),
    component({ o: opacity(modifiers) }),
    component({ f: modifiers.get('format'), q: modifiers.get('quality') }),
  );
}

function size(modifiers: Modifiers, modes: Modes): Record<string, string | undefined> {
  const resize = modifiers.get('resize');
  const [resizeWidth, resizeHeight = resizeWidth] = resize?.split(/x/i) ?? [];
  const width = modifiers.get('width') ?? resizeWidth;
  const height = modifiers.get('height') ?? resizeHeight;
  if (width === undefined && height === undefined) return {};
  const isEnlarged = modifiers.has('enlarge') && modifiers.get('enlarge') !== 'false';
  if (width === undefined || height === undefined) return { c: isEnlarged ? 'fit' : 'limit', w: width, h: height };
  const fit = modifiers.get('fit') ?? 'cover';
  const mode = meaningIn(modes, fit);
  if (mode === undefined)
    throw refuse(modifiers.program, `fit_${fit}`, 'fit takes cover, contain, fill, inside or outside');
  const c = isEnlarged ? mode.enlarged : mode.bounded;
  return { c, g: fit === 'cover' || fit === 'contain' ? gravity(modifiers, fit) : undefined, w: width, h: height };
}

function gravity(modifiers: Modifiers, fit: string): string | undefined {
  const position = modifiers.get('position');
  if (position === undefined) return undefined;
  const place = meaningIn(places, position.replaceAll('_', ' ').toLowerCase());
  if (place !== undefined && !(place === 'auto' && fit === 'contain')) return place;
  throw refuse(
    modifiers.program,
    `position_${position}`,
    `position takes a side, a corner${fit === 'cover' ? ', entropy or attention' : ''}`,
  );
}

function extract(modifiers: Modifiers): Record<string, string | undefined> {
  const box = modifiers.get('extract');
  if (box === undefined) return {};
  const [x, y, w, h] = box.split('_');
  return { c: 'crop', g: 'north_west', h, w, x, y };
}

function trim(modifiers: Modifiers): string | undefined {
  const tolerance = modifiers.get('trim');
  if (tolerance === undefined) return undefined;
  // Of 255 there, and per cent here.
  const [level = 10] = tolerance === '' ? [] : numbersOf(modifiers, 'trim', [0, 255]);
  return `trim:${Math.round(level / 2.55)}`;
}

function turn(modifiers: Modifiers): string | undefined {
  const words = [
    modifiers.get('rotate') || undefined,
    modifiers.has('flip') ? 'vflip' : undefined,
    modifiers.has('flop') ? 'hflip' : undefined,
  ].filter((word) => word !== undefined);
  return words.length === 0 ? undefined : words.join('.');
}

/** Strengths are Gaussian deviations there: ours grow in proportion (`e_blur` adds 40 for each pixel past 0.3). */
const strengths = { blur: { factor: 40, offset: -12 }, sharpen: { factor: 100, offset: 0 } };

function effect(modifiers: Modifiers, name: keyof typeof strengths): string | undefined {
  const { factor, offset } = strengths[name];
  const strength = modifiers.get(name);
  if (strength === undefined) return undefined;
  if (strength === '' || strength === 'true') return mildly[name].slice('e_'.length);
  const amount = scaled(strength, factor, [1 - offset, 2000 - offset]);
  if (amount === undefined) throw refuse(modifiers.program, `${name}_${strength}`, `${name} takes one number`);
  return `${name}:${Number(amount) + offset}`;
}

function numbersOf(modifiers: Modifiers, name: string, limits: readonly [number, number]): readonly number[] {
  const written = modifiers.get(name) ?? '';
  const numbers = written
    .split('_', 8)
    .map((part) => (/^-?\d{1,5}(?:\.\d{1,6})?$/.test(part) ? Number(part) : Number.NaN));
  if (numbers.every((number) => number >= limits[0] && number <= limits[1])) return numbers;
  throw refuse(modifiers.program, `${name}_${written}`, `${name} takes numbers from ${limits[0]} to ${limits[1]}`);
}

/** Top, right, bottom and left; with a colour, since edges are not repeated. */
function extend(modifiers: Modifiers, background: string | undefined): readonly string[] {
  const written = modifiers.get('extend');
  if (written === undefined) return [];
  const sides = written.replace(/_background$/, '');
  const [top = 0, right = 0, bottom = 0, left = 0] = numbersOf(
    { ...modifiers, get: () => sides },
    'extend',
    [0, 10_000],
  );
  return chain(canvasAround([top, right, bottom, left], colourOf(background ?? '000')));
}

function threshold(modifiers: Modifiers): string | undefined {
  if (!modifiers.has('threshold')) return undefined;
  const [level = 128] = modifiers.get('threshold') === '' ? [] : numbersOf(modifiers, 'threshold', [0, 255]);
  return `blackwhite:${Math.round(level / 2.55)}`;
}

/** Its own clipping alone. */
function normalized(modifiers: Modifiers): string | undefined {
  const written = modifiers.get('normalize');
  if (written !== undefined && !['', 'true', '1_99'].includes(written)) {
    throw refuse(modifiers.program, `normalize_${written}`, 'normalize takes nothing behind it');
  }
  return written === undefined ? undefined : 'e_improve';
}

/** Brightness and saturation as factors, and the hue in degrees, of which ours are 1.8 each. */
function modulate(modifiers: Modifiers): readonly string[] {
  const [all, limits] = [modifiers.has('modulate'), [-36_000, 36_000] as const];
  const [first = 1, second = 1, third = 0, fourth = 0] = all ? numbersOf(modifiers, 'modulate', limits) : [];
  if (fourth !== 0)
    throw refuse(modifiers.program, `modulate_${modifiers.get('modulate')}`, 'lightness is not supported');
  const one = (name: string, otherwise: number) =>
    modifiers.has(name) ? (numbersOf(modifiers, name, limits)[0] ?? otherwise) : otherwise;
  return chain(
    component({ e: tone('brightness', (one('brightness', first) - 1) * 100) }),
    component({ e: tone('saturation', (one('saturation', second) - 1) * 100) }),
    component({ e: hueOf(one('hue', third)) }),
  );
}

function tint(modifiers: Modifiers): string | undefined {
  const written = modifiers.get('tint');
  return written === undefined ? undefined : component({ e: `tint:100:${colourOf(written)}` });
}

/** A share, or per cent. */
function opacity(modifiers: Modifiers): string | undefined {
  if (!modifiers.has('opacity')) return undefined;
  const [value = 1] = numbersOf(modifiers, 'opacity', [0, 100]);
  return String(Math.round(value <= 1 ? value * 100 : value));
}

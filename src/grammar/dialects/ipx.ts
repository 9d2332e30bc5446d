import { chain, colourOf, component, type Dialect, meaningIn, namedPicture, refuse, scaled } from './dialect.ts';

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
];
const refused: readonly string[] = ['kernel', 'extend', 'median', 'gamma', 'threshold', 'modulate', 'tint'];

/** Modes by `fit_`: without `enlarge`, nothing is made larger than the original. */
const modes: Readonly<Record<string, { readonly enlarged: string; readonly bounded: string }>> = {
  cover: { enlarged: 'fill', bounded: 'lfill' },
  contain: { enlarged: 'pad', bounded: 'lpad' },
  fill: { enlarged: 'scale', bounded: 'scale' },
  inside: { enlarged: 'fit', bounded: 'limit' },
  outside: { enlarged: 'outside', bounded: 'loutside' },
};

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

type Modifiers = ReadonlyMap<string, string>;

/** IPX behind its usual prefix: `/_ipx/s_128x128,q_80,f_webp/key.jpg`; `_` stands for no modifier. */
export const readIpx: Dialect = ({ segments }, options) => {
  const [prefix, modifiers, ...rest] = segments;
  if (prefix !== '_ipx' || modifiers === undefined || rest.length === 0) return undefined;
  const components = modifiers === '_' ? [] : writeModifiers(read(modifiers));
  return { ...namedPicture(rest, options), components };
};

/**
 * IPX without a prefix, as unpic prints it. Only what can be nothing else is taken for it: every part a modifier, and
 * one of them a size `s_WxH`, a `fit_`, or parts joined by `&`.
 */
export const readBareIpx: Dialect = ({ segments }, options) => {
  const [modifiers = '', ...rest] = segments;
  if (rest.length === 0 || !isBareIpx(modifiers)) return undefined;
  return { ...namedPicture(rest, options), components: writeModifiers(read(modifiers)) };
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

function read(text: string): Modifiers {
  const modifiers = new Map<string, string>();
  for (const part of text.split(separators)) {
    const name = nameOf(part);
    if (refused.includes(name)) throw refuse('IPX', part, `the modifier ${name} is not supported`);
    if (!known.includes(name)) throw refuse('IPX', part, `there is no such modifier: expected ${known.join(', ')}`);
    const underscore = part.indexOf('_');
    modifiers.set(name, underscore < 0 ? '' : decodeURIComponent(part.slice(underscore + 1)));
  }
  return modifiers;
}

/** Modifiers by their long names, as components: sharp's words, which others have taken over as well. */
export function writeModifiers(modifiers: Modifiers): readonly string[] {
  const background = modifiers.get('background') ?? modifiers.get('flatten');
  return chain(
    component(extract(modifiers)),
    component({ e: trim(modifiers) }),
    component({ a: turn(modifiers) }),
    component({ ...size(modifiers), b: background && colourOf(background) }),
    modifiers.has('grayscale') ? 'e_grayscale' : undefined,
    modifiers.has('negate') ? 'e_negate' : undefined,
    modifiers.has('normalize') ? 'e_improve' : undefined,
    component({ e: effect(modifiers, 'blur') }),
    component({ e: effect(modifiers, 'sharpen') }),
    component({ f: modifiers.get('format'), q: modifiers.get('quality') }),
  );
}

function size(modifiers: Modifiers): Record<string, string | undefined> {
  const resize = modifiers.get('resize');
  const [resizeWidth, resizeHeight = resizeWidth] = resize?.split(/x/i) ?? [];
  const width = modifiers.get('width') ?? resizeWidth;
  const height = modifiers.get('height') ?? resizeHeight;
  if (width === undefined && height === undefined) return {};
  const isEnlarged = modifiers.has('enlarge') && modifiers.get('enlarge') !== 'false';
  if (width === undefined || height === undefined) return { c: isEnlarged ? 'fit' : 'limit', w: width, h: height };
  const fit = modifiers.get('fit') ?? 'cover';
  const mode = meaningIn(modes, fit);
  if (mode === undefined) throw refuse('IPX', `fit_${fit}`, 'fit takes cover, contain, fill, inside or outside');
  const c = isEnlarged ? mode.enlarged : mode.bounded;
  return { c, g: fit === 'cover' || fit === 'contain' ? gravity(modifiers, fit) : undefined, w: width, h: height };
}

function gravity(modifiers: Modifiers, fit: string): string | undefined {
  const position = modifiers.get('position');
  if (position === undefined) return undefined;
  const place = meaningIn(places, position.replaceAll('_', ' ').toLowerCase());
  if (place !== undefined && !(place === 'auto' && fit === 'contain')) return place;
  throw refuse(
    'IPX',
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
  return tolerance === '' ? 'trim' : `trim:${tolerance}`;
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
  if (strength === '' || strength === 'true') return name;
  const amount = scaled(strength, factor, [1 - offset, 2000 - offset]);
  if (amount === undefined) throw refuse('IPX', `${name}_${strength}`, `${name} takes one number`);
  return `${name}:${Number(amount) + offset}`;
}

import { chain, colourOf, component, type Dialect, meaningIn, namedPicture, refuse, scaled } from './dialect.ts';

const longNames: Readonly<Record<string, string>> = {
  w: 'width',
  h: 'height',
  q: 'quality',
  f: 'format',
  g: 'gravity',
};

const modes: Readonly<Record<string, string>> = {
  'scale-down': 'limit',
  contain: 'fit',
  cover: 'fill',
  crop: 'lfill',
  pad: 'pad',
  squeeze: 'scale',
};

const places: Readonly<Record<string, string>> = {
  auto: 'auto',
  face: 'face',
  center: 'center',
  left: 'west',
  right: 'east',
  top: 'north',
  bottom: 'south',
};

const formats: Readonly<Record<string, string>> = { 'baseline-jpeg': 'jpg' };
const levels: Readonly<Record<string, string>> = {
  high: 'auto:best',
  'medium-high': 'auto:good',
  'medium-low': 'auto:eco',
  low: 'auto:low',
};
const flips: Readonly<Record<string, string>> = { h: 'hflip', v: 'vflip', hv: 'hflip.vflip' };

const drawn: readonly string[] = [
  ...['width', 'height', 'fit', 'gravity', 'quality', 'format', 'dpr', 'background', 'rotate', 'flip', 'blur'],
  ...['sharpen', 'brightness', 'contrast', 'saturation', 'metadata'],
];
/** Hints to the machine that do not change what is asked for, or ask for what happens anyway. */
const ignored: readonly string[] = ['compression', 'onerror', 'slow-connection-quality', 'scq', 'anim'];

type CloudflareValues = ReadonlyMap<string, string>;

/** Cloudflare Images: `/cdn-cgi/image/width=128,height=128,fit=cover,f=auto/key.jpg`. */
export const readCloudflare: Dialect = ({ segments }, options) => {
  const [root, image, list, ...rest] = segments;
  if (root !== 'cdn-cgi' || image !== 'image' || list === undefined || rest.length === 0) return undefined;
  return { ...namedPicture(rest, options), components: write(read(list)) };
};

function read(list: string): CloudflareValues {
  const values = new Map<string, string>();
  for (const part of list.split(/,|%2c/i)) {
    const [key = '', value] = part.split(/=|%3d/i, 2);
    const name = meaningIn(longNames, key) ?? key;
    if (value === undefined || !(drawn.includes(name) || ignored.includes(name))) {
      throw refuse('Cloudflare Images', part, `there is no such option here: ${drawn.join(', ')} are drawn`);
    }
    if (name === 'anim' && value === 'false') throw refuse('Cloudflare Images', part, 'animations stay animated');
    values.set(name, decodeURIComponent(value));
  }
  return values;
}

function write(values: CloudflareValues): readonly string[] {
  const background = values.get('background');
  const format = values.get('format');
  const quality = values.get('quality');
  return chain(
    component({ a: turn(values) }),
    component({ ...size(values), b: background && colourOf(background) }),
    ...(['brightness', 'contrast', 'saturation'] as const).map((name) => component({ e: factor(values, name) })),
    component({ e: strength(values, 'blur', 8) }),
    component({ e: strength(values, 'sharpen', 100) }),
    component({
      f: format && (meaningIn(formats, format) ?? format),
      fl: metadata(values),
      q: quality && (meaningIn(levels, quality) ?? quality),
    }),
  );
}

function size(values: CloudflareValues): Record<string, string | undefined> {
  const fit = values.get('fit') ?? 'scale-down';
  const [w, h] = [values.get('width'), values.get('height')];
  const c = meaningIn(modes, fit);
  if (c === undefined) throw refuse('Cloudflare Images', `fit=${fit}`, `fit takes ${Object.keys(modes).join(', ')}`);
  if (w === undefined && h === undefined) return {};
  // One side alone asks for no shape, so there is nothing to cut or pad.
  const isOneSided = w === undefined || h === undefined;
  const places = isOneSided || c === 'limit' || c === 'fit' || c === 'scale' ? {} : gravity(values);
  return { c, ...places, dpr: values.get('dpr'), h, w: w === 'auto' ? 'auto' : w };
}

function gravity(values: CloudflareValues): Record<string, string | undefined> {
  const written = values.get('gravity');
  if (written === undefined) return {};
  const place = meaningIn(places, written);
  if (place !== undefined) return { g: place };
  throw refuse('Cloudflare Images', `gravity=${written}`, `gravity takes ${Object.keys(places).join(', ')} here`);
}

function turn(values: CloudflareValues): string | undefined {
  const flip = values.get('flip');
  const words = [values.get('rotate'), flip && (meaningIn(flips, flip) ?? flip)].filter((word) => word !== undefined);
  return words.length === 0 ? undefined : words.join('.');
}

/** 1.0 changes nothing there, and 0 does here. */
function factor(values: CloudflareValues, name: 'brightness' | 'contrast' | 'saturation'): string | undefined {
  const written = values.get(name);
  if (written === undefined) return undefined;
  const percent = scaled(written, 100, [1, 200]);
  if (percent === undefined) throw refuse('Cloudflare Images', `${name}=${written}`, `${name} takes a number`);
  return `${name}:${Number(percent) - 100}`;
}

function strength(values: CloudflareValues, name: 'blur' | 'sharpen', times: number): string | undefined {
  const written = values.get(name);
  if (written === undefined) return undefined;
  const amount = scaled(written, times, [1, 2000]);
  if (amount === undefined) throw refuse('Cloudflare Images', `${name}=${written}`, `${name} takes a number`);
  return `${name}:${amount}`;
}

function metadata(values: CloudflareValues): string | undefined {
  const kept = values.get('metadata');
  if (kept === undefined || kept === 'none') return undefined;
  if (kept === 'copyright') return 'keep_attribution';
  throw refuse('Cloudflare Images', `metadata=${kept}`, 'metadata takes copyright or none');
}

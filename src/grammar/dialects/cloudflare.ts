import { decodeId } from '../ids/ids.ts';
import { chain, colourOf, component, type Dialect, meaningIn, namedPicture, refuse, scaled } from './dialect.ts';
import { decimal } from './drawing.ts';

const program = 'Cloudflare Images';

const longNames: Readonly<Record<string, string>> = {
  w: 'width',
  h: 'height',
  q: 'quality',
  f: 'format',
  g: 'gravity',
};

const modes: Readonly<Record<string, string>> = {
  ...{ 'scale-down': 'limit', 'scale-up': 'mfit', contain: 'fit', cover: 'fill', crop: 'lfill', pad: 'pad' },
  ...{ squeeze: 'scale', 'aspect-crop': 'fill_down' },
};
/** Modes that look at a place. */
const placing: readonly string[] = ['fill', 'lfill', 'fill_down', 'pad'];

const places: Readonly<Record<string, string>> = {
  ...{ auto: 'auto', face: 'face', center: 'center', left: 'west', right: 'east', top: 'north', bottom: 'south' },
};

const formats: Readonly<Record<string, string>> = { 'baseline-jpeg': 'jpg' };
const levels: Readonly<Record<string, string>> = {
  high: 'auto:best',
  'medium-high': 'auto:good',
  'medium-low': 'auto:eco',
  low: 'auto:low',
};
const flips: Readonly<Record<string, string>> = { h: 'hflip', v: 'vflip', hv: 'hflip.vflip', vh: 'hflip.vflip' };

const drawn: readonly string[] = [
  ...['width', 'height', 'fit', 'gravity', 'zoom', 'quality', 'format', 'dpr', 'background', 'rotate', 'flip', 'blur'],
  ...['sharpen', 'brightness', 'contrast', 'saturation', 'gamma', 'metadata', 'trim', 'anim', 'trim.left', 'trim.top'],
  ...['trim.right', 'trim.bottom', 'trim.width', 'trim.height', 'trim.border.tolerance', 'trim.border.color'],
];
/** Hints to the machine that do not change what is asked for, or ask for what happens anyway. */
const ignored: readonly string[] = ['compression', 'onerror', 'slow-connection-quality', 'scq', 'origin-auth'];

type CloudflareValues = ReadonlyMap<string, string>;

/**
 * Cloudflare Images: `/cdn-cgi/image/width=128,height=128,fit=cover,f=auto/key.jpg`, and pictures that it keeps itself:
 * `/cdn-cgi/imagedelivery/<account>/<key>/w=128` with options, `public` or the name of a preset at the end.
 */
export const readCloudflare: Dialect = ({ segments }, options) => {
  const [root, kind, list, ...rest] = segments;
  if (root !== 'cdn-cgi' || list === undefined || rest.length === 0) return undefined;
  if (kind === 'image') return { ...namedPicture(rest, options), components: write(read(list)) };
  if (kind !== 'imagedelivery' || rest.length < 2) return undefined;
  const variant = rest.at(-1) ?? '';
  return { key: decodeId(rest.slice(0, -1)), components: delivered(variant) };
};

function delivered(variant: string): readonly string[] {
  if (/=|%3d/i.test(variant)) return write(read(variant));
  return variant === 'public' ? [] : chain(component({ t: decodeURIComponent(variant) }));
}

function read(list: string): CloudflareValues {
  const values = new Map<string, string>();
  for (const part of list.split(/,|%2c/i)) {
    const [key = '', value] = part.split(/=|%3d/i, 2);
    const name = meaningIn(longNames, key) ?? key;
    if (value === undefined || !(drawn.includes(name) || ignored.includes(name))) {
      throw refuse(program, part, `there is no such option here: ${drawn.join(', ')} are drawn`);
    }
    values.set(name, decodeURIComponent(value));
  }
  return values;
}

function write(values: CloudflareValues): readonly string[] {
  const background = values.get('background');
  return chain(
    ...trimmed(values),
    component({ a: turn(values) }),
    ...sized(values, background && colourOf(background)),
    ...(['brightness', 'contrast', 'saturation'] as const).map((name) => component({ e: factor(values, name) })),
    component({ e: gamma(values) }),
    component({ e: strength(values, 'blur', 8) }),
    component({ e: strength(values, 'sharpen', 100) }),
    output(values),
  );
}

function output(values: CloudflareValues): string | undefined {
  const [format, quality] = [values.get('format'), values.get('quality')];
  const anim = values.get('anim') ?? 'true';
  if (anim !== 'true' && anim !== 'false') throw refuse(program, `anim=${anim}`, 'anim takes true or false');
  const flags = [format === 'json' ? 'getinfo' : undefined, metadata(values)].filter((flag) => flag !== undefined);
  return component({
    f: format === 'json' ? undefined : format && (meaningIn(formats, format) ?? format),
    fl: flags.join('.') || undefined,
    pg: anim === 'false' ? '1' : undefined,
    q: quality && (meaningIn(levels, quality) ?? quality),
  });
}

function sized(values: CloudflareValues, b: string | undefined): readonly string[] {
  const fit = values.get('fit') ?? 'scale-down';
  const [w, h] = [values.get('width'), values.get('height')];
  const c = meaningIn(modes, fit);
  if (c === undefined) throw refuse(program, `fit=${fit}`, `fit takes ${Object.keys(modes).join(', ')}`);
  const dpr = values.get('dpr');
  if (w === undefined && h === undefined) return chain(component({ b }));
  // One side alone asks for no shape, so there is nothing to cut or pad.
  if (w === undefined || h === undefined || !placing.includes(c)) return chain(component({ c, dpr, h, w, b }));
  const written = values.get('gravity');
  const point = /^(\d(?:\.\d{1,6})?|\.\d{1,6})x(\d(?:\.\d{1,6})?|\.\d{1,6})$/.exec(written ?? '');
  if (point !== null && c !== 'pad')
    return [...aroundPoint(point, `${w}:${h}`), ...chain(component({ c, dpr, h, w, b }))];
  const g = written === undefined ? undefined : meaningIn(places, written);
  if (written !== undefined && g === undefined) {
    throw refuse(program, `gravity=${written}`, `gravity takes ${Object.keys(places).join(', ')} here`);
  }
  const zoom = zoomOf(values);
  if (zoom !== undefined && g === 'face' && c === 'fill')
    return chain(component({ c: 'thumb', g, dpr, h, w, z: zoom, b }));
  return chain(component({ c, g, dpr, h, w, b }));
}

/** Cut to a shape round a point in shares. */
function aroundPoint([, x = '0.5', y = '0.5']: RegExpExecArray, ar: string): readonly string[] {
  const [across, down] = [x, y].map((text) => decimal(Math.min(1, Number(text))));
  return chain(component({ c: 'crop', ar, g: 'xy_center', x: across, y: down }));
}

/** 0 frames as much as there is, and 1 the head alone. */
function zoomOf(values: CloudflareValues): string | undefined {
  const written = values.get('zoom');
  if (written === undefined) return undefined;
  const zoom = /^(?:\d(?:\.\d{1,6})?|\.\d{1,6})$/.test(written) ? Number(written) : Number.NaN;
  if (!(zoom <= 1)) throw refuse(program, `zoom=${written}`, 'zoom takes a number up to 1');
  return zoom === 0 ? undefined : decimal(0.2 + 0.8 * zoom);
}

/** Edges as in CSS (`20;30;20;0`), each by its name, or a border of one colour. */
function trimmed(values: CloudflareValues): readonly string[] {
  const written = values.get('trim');
  if (written === 'border') return chain(component({ e: borderTrim(values) }));
  const named = (name: string) => (values.has(`trim.${name}`) ? pixels(values, `trim.${name}`) : undefined);
  const list = written?.split(';', 5) ?? [];
  if (list.length > 4 || list.some((part) => !/^\d{1,5}$/.test(part))) {
    throw refuse(program, `trim=${written}`, 'trim takes top;right;bottom;left in pixels, or border');
  }
  const [first = 0, second = first, third = first, fourth = second] = list.map(Number);
  const top = named('top') ?? first;
  const left = named('left') ?? fourth;
  const [right, bottom] = [left + (named('right') ?? second), top + (named('bottom') ?? third)];
  const [width, height] = [named('width'), named('height')];
  if (left + right + top + bottom === 0 && width === undefined && height === undefined) return [];
  const rest = (name: 'w' | 'h', less: number) => (less === 0 ? undefined : `${name}_sub_${less}`);
  const [w, h] = [
    width === undefined ? rest('w', right) : String(width),
    height === undefined ? rest('h', bottom) : String(height),
  ];
  const at = { x: left === 0 ? undefined : String(left), y: top === 0 ? undefined : String(top) };
  return chain(component({ c: 'crop', g: 'north_west', w, h, ...at }));
}

function borderTrim(values: CloudflareValues): string {
  const tolerance = values.get('trim.border.tolerance') ?? '10';
  const amount = scaled(tolerance, 1 / 2.55, [0, 100]);
  if (amount === undefined) throw refuse(program, `trim.border.tolerance=${tolerance}`, 'it is a number of 255');
  const colour = values.get('trim.border.color');
  return colour === undefined ? `trim:${amount}` : `trim:${amount}:${colourOf(colour)}`;
}

function pixels(values: CloudflareValues, name: string): number {
  const written = values.get(name) ?? '';
  if (/^\d{1,5}$/.test(written)) return Number(written);
  throw refuse(program, `${name}=${written}`, 'expected pixels');
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
  if (percent === undefined) throw refuse(program, `${name}=${written}`, `${name} takes a number`);
  return `${name}:${Number(percent) - 100}`;
}

/** An exponent that lightens above 1; ours reaches from the half to two and a half. */
function gamma(values: CloudflareValues): string | undefined {
  const written = values.get('gamma');
  if (written === undefined) return undefined;
  const percent = scaled(written, 100, [50, 250]);
  if (percent === undefined) throw refuse(program, `gamma=${written}`, 'gamma takes a number');
  return percent === '100' ? undefined : `gamma:${Number(percent) - 100}`;
}

function strength(values: CloudflareValues, name: 'blur' | 'sharpen', times: number): string | undefined {
  const written = values.get(name);
  if (written === undefined) return undefined;
  const amount = scaled(written, times, [1, 2000]);
  if (amount === undefined) throw refuse(program, `${name}=${written}`, `${name} takes a number`);
  return `${name}:${amount}`;
}

function metadata(values: CloudflareValues): string | undefined {
  const kept = values.get('metadata');
  if (kept === undefined || kept === 'none') return undefined;
  if (kept === 'copyright') return 'keep_attribution';
  throw refuse(program, `metadata=${kept}`, 'metadata takes copyright or none');
}

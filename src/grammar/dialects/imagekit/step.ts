import { chain, component, meaningIn, refuse } from '../dialect.ts';
import { decimal } from '../drawing.ts';
import { colourIn, isTrue, numberIn, type Part, pathOf, program } from './parts.ts';
import { backgroundOf, densityOf, type Parts, sizesOf } from './size.ts';

type Values = Readonly<Record<string, string | undefined>>;

/** Names that a step may have; what is drawn of them is decided further down. */
const known: readonly string[] = [
  ...[
    'w',
    'h',
    'ar',
    'c',
    'cm',
    'fo',
    'x',
    'y',
    'xc',
    'yc',
    'z',
    'dpr',
    'bg',
    'b',
    'r',
    'rt',
    'fl',
    'bl',
    'e',
    'o',
    't',
  ],
  ...['q', 'f', 'pr', 'lo', 'md', 'cp', 'n', 'di', 'pg', 'orig', 'cr', 'trim'],
];

/** What would need a model, a video, or a way of drawing that we have not. */
const refused: readonly (readonly [test: RegExp, why: string])[] = [
  [/^(?:vc|ac|so|eo|du|sr|ik-video|ik-thumbnail)-/, 'there are no videos here'],
  [/^e-(?:bg|removedotbg|dropshadow|upscale|retouch|genvar|changebg|edit|genfill)/, 'no model draws here'],
  [/^(?:cr|orig)-/, 'it is not supported'],
];

/** The components of one step, without its layers. */
export function drawnStep(list: readonly Part[]): readonly string[] {
  const parts = partsOf(list);
  const sizes = sizesOf(parts);
  const isLaidOn = sizes.some((size) => size['b'] !== undefined);
  const dpr = densityOf(parts) ?? 1;
  const z = parts.get('z');
  return chain(
    ...list.filter(({ name }) => name === 'n').map(({ value }) => component({ t: value })),
    trim(parts.get('t') ?? parts.get('trim')),
    component({ a: turn(parts) }),
    ...sizes.map((size) => component(z === undefined ? size : nearer(size, z))),
    ...list.filter(({ name }) => name === 'e' || name === 'bl').map(effect),
    component({ r: radius(parts.get('r'), dpr), b: isLaidOn ? undefined : backgroundOf(parts.get('bg')) }),
    component({ bo: border(parts.get('b'), dpr) }),
    component({ o: opacity(parts.get('o')) }),
    component(output(parts)),
  );
}

function partsOf(list: readonly Part[]): Parts {
  for (const { name, text } of list) {
    const why = refused.find(([test]) => test.test(text))?.[1];
    if (why !== undefined) throw refuse(program, text, why);
    if (!known.includes(name)) throw refuse(program, text, 'there is no such option');
  }
  return new Map(list.map((part) => [part.name, part]));
}

function nearer(size: Values, zoom: Part): Values {
  const z = numberIn(zoom, [0.1, 10]);
  return size['c'] === 'fill' && size['g'] === 'face:auto' ? { ...size, c: 'thumb', z: decimal(z) } : size;
}

function trim(part: Part | undefined): string | undefined {
  if (part === undefined || part.value === 'false') return undefined;
  return component({ e: `trim:${isTrue(part.value) ? 10 : Math.round(numberIn(part, [1, 99]))}` });
}

function turn(parts: Parts): string | undefined {
  const [rotation, flip] = [parts.get('rt'), parts.get('fl')];
  const degrees = rotation === undefined || rotation.value === 'auto' ? 0 : numberIn(rotation, [-360, 360]);
  const flips = { h: 'hflip', v: 'vflip', h_v: 'hflip.vflip', v_h: 'hflip.vflip' };
  const flipped = flip === undefined ? undefined : meaningIn(flips, flip.value);
  if (flip !== undefined && flipped === undefined) throw refuse(program, flip.text, 'it takes h, v and h_v');
  return [degrees === 0 ? undefined : String(Math.round(degrees)), flipped].filter(Boolean).join('.') || undefined;
}

/** Radii there are up to 100: each is half a deviation of ours. */
function effect(part: Part): string | undefined {
  if (part.name === 'bl') {
    const amount = part.value === 'auto' ? 10 : numberIn(part, [0, 100]);
    return amount === 0 ? undefined : component({ e: `blur:${Math.max(1, Math.round(amount * 20 - 12))}` });
  }
  const [name = '', ...args] = part.value.split('-');
  const number = (index: number, standard: number, [min, max]: readonly [number, number]) => {
    const value = args[index];
    return value === undefined ? standard : numberIn({ ...part, value }, [min, max]);
  };
  if (name === 'grayscale') return component({ e: 'grayscale' });
  if (name === 'contrast') return component({ e: 'auto_contrast' });
  if (name === 'sharpen')
    return component({ e: `sharpen:${Math.min(2000, Math.max(1, number(0, 10, [0, 1000]) * 10))}` });
  if (name === 'usm') return component({ e: `unsharp_mask:${Math.max(1, Math.round(number(2, 1, [0, 20]) * 100))}` });
  throw refuse(program, part.text, 'it is not supported');
}

function radius(part: Part | undefined, dpr: number): string | undefined {
  if (part === undefined || part.value === 'max') return part?.value;
  const corners = part.value.split('_', 5);
  if (corners.length > 4 || !corners.every((corner) => /^\d{1,5}$/.test(corner))) {
    throw refuse(program, part.text, 'it takes max, or pixels for one to four corners');
  }
  return corners.map((corner) => Math.round(Number(corner) * dpr)).join(':');
}

function border(part: Part | undefined, dpr: number): string | undefined {
  if (part === undefined) return undefined;
  const [, width = '', colour = ''] = /^(\d{1,4})[_-](.+)$/.exec(part.value) ?? [];
  if (width === '') throw refuse(program, part.text, 'expected pixels and a colour, as in 5_FF0000');
  return `${Math.round(Number(width) * dpr)}px_solid_${colourIn(colour, part.text)}`;
}

/** Of a picture from 0 to 100, or a share of 1. */
function opacity(part: Part | undefined): string | undefined {
  if (part === undefined) return undefined;
  const value = numberIn(part, [0, 100]);
  return String(Math.round(value > 0 && value <= 1 ? value * 100 : value));
}

const formats: Readonly<Record<string, string | undefined>> = {
  auto: 'auto',
  webp: 'webp',
  jpg: 'jpg',
  jpeg: 'jpg',
  png: 'png',
  avif: 'avif',
  gif: 'gif',
  orig: undefined,
};

function output(parts: Parts): Values {
  const [format, quality, page, substitute] = [parts.get('f'), parts.get('q'), parts.get('pg'), parts.get('di')];
  if (format !== undefined && !Object.hasOwn(formats, format.value)) {
    throw refuse(program, format.text, `the formats are ${Object.keys(formats).join(', ')}`);
  }
  const lossless = parts.get('lo');
  if (lossless !== undefined && isTrue(lossless.value) && format?.value !== 'png') {
    throw refuse(program, lossless.text, 'without loss there is png');
  }
  const metadata = parts.get('md');
  if (metadata !== undefined && isTrue(metadata.value)) throw refuse(program, metadata.text, 'metadata is left out');
  return {
    cs: isTrue(parts.get('cp')?.value ?? '') ? 'copy' : undefined,
    d: substitute === undefined || substitute.value === '' ? undefined : pathOf(substitute.value).split('/').join(':'),
    dpr: parts.get('dpr')?.value === 'auto' ? 'auto' : undefined,
    f: format === undefined ? undefined : formats[format.value],
    fl: isTrue(parts.get('pr')?.value ?? '') ? 'progressive' : undefined,
    pg: page === undefined ? undefined : String(Math.round(numberIn(page, [1, 65_535]))),
    q: quality === undefined ? undefined : String(Math.max(1, Math.round(numberIn(quality, [0, 100])))),
  };
}

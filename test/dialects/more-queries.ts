import type { Size } from '../../src/grammar/index.ts';
import { imgix } from './imgix.ts';
import { covering, limited, type System } from './system.ts';

const optionsOf = (target: string) =>
  new URLSearchParams((target.split('?')[1] ?? '').replace(/%(?![0-9a-f]{2})/gi, '%25'));

/** A side in pixels, or a share of one where it is below 1, or in per cent. */
function side(text: string | null, all: number): number {
  if (text === null) return 0;
  if (/[p%]$/.test(text)) return Math.round((Number.parseFloat(text) / 100) * all);
  const value = Number(text);
  return value < 1 ? Math.round(value * all) : value;
}

function fitted(box: Size, source: Size): Size {
  if (box.width === 0 && box.height === 0) return source;
  const factor = Math.min((box.width || Infinity) / source.width, (box.height || Infinity) / source.height);
  return { width: Math.round(source.width * factor), height: Math.round(source.height * factor) };
}

/** The largest box of a shape in a picture. */
function shaped(ratio: number, { width, height }: Size): Size {
  return width / height > ratio
    ? { width: Math.round(height * ratio), height }
    : { width, height: Math.round(width / ratio) };
}

const ratioOf = (text: string) => Number(text.split(':')[0]) / Number(text.split(':')[1]);

function cutTo(text: string | null, picture: Size): Size {
  const [first = '', second = ''] = text?.split(',') ?? [];
  if (text === null) return picture;
  if (first.includes(':')) return shaped(ratioOf(first), picture);
  return {
    width: Math.min(picture.width, side(first, picture.width)),
    height: Math.min(picture.height, side(second, picture.height)),
  };
}

function byBunny(target: string, source: Size): Size | undefined {
  const asked = optionsOf(target);
  // A preset of ours is not to be read from the URL.
  if (asked.has('class')) return undefined;
  const cut = cutTo(asked.get('crop') ?? asked.get('focus_crop') ?? asked.get('face_crop'), source);
  const ratio = asked.get('aspect_ratio');
  const picture = ratio === null ? cut : shaped(ratioOf(ratio), cut);
  const box = { width: Number(asked.get('width') ?? 0), height: Number(asked.get('height') ?? 0) };
  if (box.width === 0 && box.height === 0) return picture;
  return asked.get('upscaling') === 'resampling' ? fitted(box, picture) : limited(box, picture);
}

function byFastly(target: string, source: Size): Size | undefined {
  const asked = optionsOf(target);
  const [top = 0, right = top, bottom = top, left = right] = (asked.get('trim') ?? '0').split(',').map(Number);
  const trimmed = { width: source.width - left - right, height: source.height - top - bottom };
  const cut = cutTo(asked.get('crop'), cutTo(asked.get('precrop'), trimmed));
  const isTurned = /^[rl5-8]$/.test(asked.get('orient') ?? '');
  const picture = isTurned ? { width: cut.height, height: cut.width } : cut;
  const dpr = Number(asked.get('dpr') ?? 1);
  const box = {
    width: side(asked.get('width'), picture.width) * dpr,
    height: side(asked.get('height'), picture.height) * dpr,
  };
  const sized = fastlySize(asked, box, picture);
  const canvas = asked.get('canvas')?.split(',').map(Number);
  const inner = canvas === undefined ? sized : { width: canvas[0] ?? 0, height: canvas[1] ?? 0 };
  const [padTop = 0, padRight = padTop, padBottom = padTop, padLeft = padRight] = (asked.get('pad') ?? '0')
    .split(',')
    .map(Number);
  return { width: inner.width + padLeft + padRight, height: inner.height + padTop + padBottom };
}

function fastlySize(asked: URLSearchParams, box: Size, picture: Size): Size {
  const isEnlarged = asked.get('enable') === 'upscale';
  const fit = asked.get('fit');
  if (box.width === 0 || box.height === 0) return isEnlarged ? fitted(box, picture) : limited(box, picture);
  if (fit === 'crop') return isEnlarged ? box : covering(box, picture);
  if (fit === 'bounds') return isEnlarged ? fitted(box, picture) : limited(box, picture);
  const factor = Math.max(box.width / picture.width, box.height / picture.height);
  if (fit === 'cover') {
    const kept = isEnlarged ? factor : Math.min(1, factor);
    return { width: Math.round(picture.width * kept), height: Math.round(picture.height * kept) };
  }
  const kept = isEnlarged ? 1 : Math.min(1, picture.width / box.width, picture.height / box.height);
  return { width: Math.round(box.width * kept), height: Math.round(box.height * kept) };
}

function byGlide(target: string, source: Size): Size {
  const asked = optionsOf(target);
  const isTurned = ['90', '270'].includes(asked.get('or') ?? '');
  const upright = isTurned ? { width: source.height, height: source.width } : source;
  const [width, height] = (asked.get('crop') ?? '').split(',').map(Number);
  const picture = width && height ? { width, height } : upright;
  const dpr = Number(asked.get('dpr') ?? 1);
  const box = { width: Number(asked.get('w') ?? 0) * dpr, height: Number(asked.get('h') ?? 0) * dpr };
  const fit = asked.get('fit') ?? 'contain';
  const isBox = box.width > 0 && box.height > 0;
  const border = asked.get('border')?.endsWith('expand') ? 2 * Number(asked.get('border')?.split(',')[0]) : 0;
  const sized =
    isBox && /^(?:crop|fill|stretch)/.test(fit) ? box : fit === 'max' ? limited(box, picture) : fitted(box, picture);
  return { width: sized.width + border, height: sized.height + border };
}

function bySirv(target: string, source: Size): Size | undefined {
  const asked = optionsOf(target);
  if (asked.has('crop.type') || asked.has('profile') || asked.has('rotate')) return undefined;
  const square = Number(asked.get('thumbnail') ?? 0);
  const longest = Number(asked.get('s') ?? 0);
  const [w, h] = [side(asked.get('w'), source.width), side(asked.get('h'), source.height)];
  const options = asked.get('scale.option') ?? 'fit';
  const box = longest > 0 ? { width: longest, height: longest } : { width: w, height: h };
  let size = options.includes('noup') ? limited(box, source) : fitted(box, source);
  if (square > 0) size = { width: square, height: square };
  else if (w > 0 && h > 0 && /fill|ignore/.test(options)) size = { width: w, height: h };
  const cut = {
    width: side(asked.get('cw'), size.width) || size.width,
    height: side(asked.get('ch'), size.height) || size.height,
  };
  const inner = { width: Math.min(cut.width, size.width), height: Math.min(cut.height, size.height) };
  return {
    width: side(asked.get('canvas.width'), inner.width) || inner.width,
    height: side(asked.get('canvas.height'), inner.height) || inner.height,
  };
}

/** What it calls as imgix does not. */
function byGumlet(target: string, source: Size): Size | undefined {
  const theirs = target
    .replace(/([?&])mode=/, '$1fit=')
    .replace(/([?&])width=/, '$1w=')
    .replace(/fit=(?:inside|fit)(?=&|$)/, 'fit=clip')
    .replace('fit=cover', 'fit=crop')
    .replace('fit=contain', 'fit=fill');
  return imgix.sizeOf(theirs, source);
}

const hasNoPicture = (target: string) => /^\/?(?:\?|$)/.test(target);

function system(name: string, sizeOf: System['sizeOf'], lists: readonly string[], beyond?: RegExp): System {
  return {
    name,
    lists: [name, ...lists],
    file: { dialects: [name as 'bunny'], presets: { thumbnail: 'c_fill,w_100,h_100' } },
    leastShare: 0.95,
    isBeyond: (target) => hasNoPicture(target) || beyond?.test(target) === true,
    sizeOf,
  };
}

/** More programs whose options stand in the query of a key. */
export const moreQueries: readonly System[] = [
  // A cut by one number, which its documents do not have.
  system('bunny', byBunny, ['nuxt:bunny', 'nuxt-e2e:bunny', 'unpic:bunny'], /crop=750$/),
  system('fastly', byFastly, ['nuxt:fastly', 'nuxt:fastlyAbsoluteUrl', 'nuxt-e2e:fastly']),
  system('glide', byGlide, ['nuxt:glide']),
  system('gumlet', byGumlet, ['nuxt:gumlet', 'nuxt-e2e:gumlet']),
  system('sirv', bySirv, ['nuxt:sirv', 'nuxt-e2e:sirv'], /\.pdf/),
];

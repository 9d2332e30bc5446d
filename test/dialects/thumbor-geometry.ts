import type { Size } from '../../src/grammar/index.ts';

/** What a path of thumbor or imagor says, in so far as it has to do with the size. */
export interface ThumborPath {
  readonly isMeta: boolean;
  readonly isTrimmed: boolean;
  readonly crop: readonly [left: string, top: string, right: string, bottom: string] | undefined;
  readonly fitIn: string | undefined;
  readonly isStretched: boolean;
  readonly size: readonly [width: string, height: string] | undefined;
  readonly padding: readonly [number, number, number, number];
  /** Names and arguments, in their order. */
  readonly filters: readonly (readonly [name: string, args: string])[];
}

const word = (name: string) => `(?:(${name})/)?`;
const edge = String.raw`(\d*\.?\d+)`;
const pattern = new RegExp(
  [
    '^/(?:unsafe|[\\w-]{8,}={0,2})/',
    word('meta'),
    word('trim[^/]*'),
    `(?:${edge}x${edge}:${edge}x${edge}/)?`,
    word('(?:adaptive-)?(?:full-)?fit-in'),
    word('stretch'),
    String.raw`(?:-?(\d+|orig)?x-?(\d+|orig)?/)?`,
    String.raw`(?:(\d+)x(\d+)(?::(\d+)x(\d+))?/)?`,
  ].join(''),
);

/** Reads a path by the expression of its documentation; apart from our own code. */
export function thumborPath(target: string): ThumborPath | undefined {
  const match = pattern.exec(target);
  if (match === null) return undefined;
  const [, meta, trim, left = '', top = '', right = '', bottom = '', fitIn, stretch, width, height, ...pads] = match;
  const [padLeft = 0, padTop = 0, padRight = padLeft, padBottom = padTop] = pads.map((pad) =>
    pad === undefined ? undefined : Number(pad),
  );
  const filters = [...(target.split('filters:')[1] ?? '').matchAll(/(?:^|:)([a-z_]+)\(([^()]*)\)/g)];
  return {
    isMeta: meta !== undefined,
    isTrimmed: trim !== undefined,
    crop: left === '' ? undefined : [left, top, right, bottom],
    fitIn,
    isStretched: stretch !== undefined || filters.some(([, name]) => name === 'stretch'),
    size: width === undefined && height === undefined ? undefined : [width ?? '0', height ?? '0'],
    padding: [padLeft, padTop, padRight, padBottom],
    filters: filters.map(([, name = '', args = '']) => [name, args] as const),
  };
}

const scaled = ({ width, height }: Size, factor: number): Size => ({
  width: Math.round(width * factor),
  height: Math.round(height * factor),
});

/** The part of a picture that lies between the edges. */
function cropped({ crop }: ThumborPath, source: Size): Size {
  if (crop === undefined) return source;
  const isShares = crop.some((text) => text.includes('.'));
  const [left = 0, top = 0, right = 0, bottom = 0] = crop.map(
    (text, index) => Number(text) * (isShares ? (index % 2 === 0 ? source.width : source.height) : 1),
  );
  return {
    width: Math.round(Math.min(right || source.width, source.width) - left),
    height: Math.round(Math.min(bottom || source.height, source.height) - top),
  };
}

/** The size before any filter is drawn. */
export function thumborSize(path: ThumborPath, source: Size, enlargesFull: boolean): Size {
  const picture = cropped(path, source);
  const has = (name: string) => path.filters.some(([filter]) => filter === name);
  const side = (text: string, own: number) => (text === 'orig' ? own : Number(text));
  const box = {
    width: side(path.size?.[0] ?? '0', picture.width),
    height: side(path.size?.[1] ?? '0', picture.height),
  };
  if (box.width === 0 && box.height === 0) return picture;
  const isBounded = has('no_upscale');
  if (path.fitIn !== undefined)
    return fitted(path.fitIn, { box, picture, enlarges: has('upscale') && !isBounded, enlargesFull });
  const cap = isBounded ? 1 : Infinity;
  if (box.width === 0) return scaled(picture, Math.min(cap, box.height / picture.height));
  if (box.height === 0) return scaled(picture, Math.min(cap, box.width / picture.width));
  if (!isBounded) return box;
  return { width: Math.min(box.width, picture.width), height: Math.min(box.height, picture.height) };
}

interface Fitting {
  readonly box: Size;
  readonly picture: Size;
  readonly enlarges: boolean;
  readonly enlargesFull: boolean;
}

function fitted(word: string, { box, picture, enlarges, enlargesFull }: Fitting): Size {
  const isOther = picture.width > picture.height !== box.width > box.height;
  const { width, height } = word.includes('adaptive') && isOther ? { width: box.height, height: box.width } : box;
  const factors = [width / picture.width, height / picture.height].filter((factor) => factor > 0);
  const isFull = word.includes('full');
  const factor = isFull ? Math.max(...factors) : Math.min(...factors);
  return scaled(picture, enlarges || (isFull && enlargesFull) ? factor : Math.min(1, factor));
}

const turned = ({ width, height }: Size): Size => ({ width: height, height: width });

/** The size once its filters are drawn, each in its turn. */
export function thumborFiltered(path: ThumborPath, first: Size, followsPicture: boolean): Size {
  const isFull = path.fitIn?.includes('full') === true;
  let size = first;
  let isTurned = false;
  for (const [name, args] of path.filters) {
    if (name === 'rotate' && Number(args) % 180 !== 0) {
      size = turned(size);
      isTurned = !isTurned;
    }
    if (name === 'proportion') size = scaled(size, Number(args) * (followsPicture && Number(args) > 1 ? 0.01 : 1));
    if (name === 'crop') {
      const [left = 0, top = 0, width = 0, height = 0] = args.split(',').map(Number);
      size = { width: Math.min(width, size.width - left), height: Math.min(height, size.height - top) };
    }
    if (name !== 'fill') continue;
    const asked = { width: Number(path.size?.[0] ?? 0), height: Number(path.size?.[1] ?? 0) };
    const box = followsPicture && isTurned ? turned(asked) : asked;
    const [left, top, right, bottom] = path.padding;
    const pads = followsPicture && isTurned ? [top + bottom, left + right] : [left + right, top + bottom];
    const isOwn = followsPicture && isFull;
    size = {
      width: (isOwn ? size.width : box.width || size.width) + (pads[0] ?? 0),
      height: (isOwn ? size.height : box.height || size.height) + (pads[1] ?? 0),
    };
  }
  return size;
}

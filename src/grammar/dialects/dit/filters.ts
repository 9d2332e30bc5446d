import { meaningIn, refuse } from '../dialect.ts';
import { type Filter, numberOf } from '../thumbor/filters.ts';
import { isObject, type Json, program } from './json.ts';

/** What a filter changes of the edits that were read before it. */
type Mapping = (filter: Filter, edits: Json) => Json;

const any = { min: -100_000, max: 100_000 };

/** Parts of `resize` beside those that are there. */
function resizing(part: (filter: Filter, resize: Json) => Json): Mapping {
  return (filter, edits) => {
    const resize = isObject(edits['resize']) ? edits['resize'] : {};
    return { resize: { ...resize, ...part(filter, resize) } };
  };
}

/** Sizes that are known are multiplied, and else those of the picture. */
function proportion(filter: Filter, { width, height }: Json): Json {
  const ratio = numberOf(filter, program, { min: 0.001, max: 100 });
  const isBox = typeof width === 'number' && typeof height === 'number';
  return isBox ? { width: width * ratio, height: height * ratio } : { ratio };
}

/** A radius, of which half is the deviation unless that is written behind it. */
function blur(filter: Filter): Json {
  const radius = numberOf(filter, program, { min: 0, max: 2000, standard: 0 });
  return { blur: numberOf(filter, program, { index: 1, min: 0.3, max: 1000, standard: Math.max(0.3, radius / 2) }) };
}

function rgb(filter: Filter): Json {
  const [r, g, b] = [0, 1, 2].map((index) => numberOf(filter, program, { index, min: 0, max: 100 }) * 2.55);
  return { tint: { r, g, b } };
}

function watermark({ args }: Filter): Json {
  const [bucket, key, left, top, alpha, wRatio, hRatio] = args.map((arg) => arg.replaceAll(' ', ''));
  const offset = (text: string | undefined) => (/^-?\d+(?:\.\d+)?p?$/.test(text ?? '') ? text : undefined);
  const number = (text: string | undefined) => (/^\d+(?:\.\d+)?$/.test(text ?? '') ? text : undefined);
  return {
    overlayWith: {
      bucket,
      key,
      alpha: number(alpha),
      wRatio: number(wRatio),
      hRatio: number(hRatio),
      options: { left: offset(left), top: offset(top) },
    },
  };
}

function smartCrop(filter: Filter): Json {
  const number = (index: number) => Math.trunc(numberOf(filter, program, { index, ...any, standard: 0 }));
  return { smartCrop: { faceIndex: number(0), padding: number(1) } };
}

const mappings: Readonly<Record<string, Mapping>> = {
  animated: ({ args: [word = ''] }) => ({ animated: word.toLowerCase() !== 'false' }),
  autojpg: () => ({ toFormat: 'jpeg' }),
  background_color: ({ args: [background] }) => ({ flatten: { background } }),
  blur,
  equalize: () => ({ normalize: true }),
  fill: resizing(({ args: [background] }) => ({ fit: 'contain', background })),
  format: ({ args: [word = ''] }) => ({ toFormat: word.toLowerCase() }),
  grayscale: () => ({ grayscale: true }),
  no_upscale: resizing(() => ({ withoutEnlargement: true })),
  proportion: resizing(proportion),
  quality: (filter) => ({ quality: numberOf(filter, program, { min: 1, max: 100 }) }),
  rgb,
  rotate: (filter) => ({ rotate: numberOf(filter, program, { min: -3600, max: 3600, standard: 0 }) }),
  sharpen: (filter) => ({ sharpen: 1 + numberOf(filter, program, { index: 1, min: 0, max: 18, standard: 0 }) / 2 }),
  smart_crop: smartCrop,
  stretch: resizing((_filter, { fit }) => ({ fit: fit === 'inside' ? fit : 'fill' })),
  strip_exif: () => ({ rotate: null }),
  strip_icc: () => ({ rotate: null }),
  upscale: resizing(() => ({ fit: 'inside' })),
  watermark,
};

/** The edits that filters come to, by the order of the alphabet, as they are read there. */
export function mapped(filters: readonly Filter[], edits: Json): Json {
  const sorted = filters.toSorted((one, other) => (one.text < other.text ? -1 : one.text > other.text ? 1 : 0));
  const read: Record<string, unknown> = { ...edits };
  for (const filter of sorted.filter((one) => !isToned(one))) {
    const mapping = meaningIn(mappings, filter.name);
    if (mapping === undefined) throw refuse(program, filter.text, `there is no filter ${filter.name} here`);
    Object.assign(read, mapping(filter, read));
  }
  return read;
}

/** What thumbor draws and this program passes over; a page that writes it wants it. */
export function toned(filters: readonly Filter[]): readonly string[] {
  return filters.filter(isToned).flatMap((filter) => {
    const amount = Math.round(numberOf(filter, program, { ...any, standard: 0 }));
    return amount === 0 ? [] : [`e_${filter.name}:${Math.min(100, Math.max(-99, amount))}`];
  });
}

function isToned({ name }: Filter): boolean {
  return name === 'brightness' || name === 'contrast' || name === 'saturation';
}

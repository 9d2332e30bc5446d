import type { GrammarOptions } from '../../grammar-options.ts';
import { decodeOnce } from '../../ids/ids.ts';
import { chain, component, type Dialect, refuse, type Translation } from '../dialect.ts';
import { decimal } from '../drawing.ts';
import { pictureAt } from '../source.ts';
import { filled } from './canvas.ts';
import {
  anyway,
  blurOf,
  colourText,
  commonFilters,
  drawing,
  type Effect,
  type FilterReader,
  readRotate,
  refusing,
} from './effect.ts';
import { type Filter, numberOf } from './filters.ts';
import { imageLaid } from './image-layers.ts';
import { watermarked } from './layers.ts';
import { isWord, type PathRules, readPath } from './path.ts';
import { type Program, said } from './read.ts';
import { trimmed } from './shape.ts';
import { labelled, written } from './text-layers.ts';

const program = 'imagor';
const path: PathRules = { program, hasPadding: true };

/** A filter without arguments does nothing. */
function ifGiven(read: FilterReader): FilterReader {
  return (filter, context) => (filter.args.length === 0 ? {} : read(filter, context));
}

const ofVideos = refusing('there are no videos here');
const ofInfo = refusing('meta/ answers as fl_getinfo does');

const imagor: Program = {
  program,
  enlargesFull: false,
  filters: {
    ...Object.fromEntries(Object.entries(commonFilters).map(([name, read]) => [name, ifGiven(read)])),
    grayscale: () => drawing('e_grayscale'),
    stretch: () => ({ shaping: { isStretched: true } }),
    upscale: () => ({ shaping: { isUpscaled: true, isBounded: false } }),
    no_upscale: () => ({ shaping: { isUpscaled: false, isBounded: true } }),
    strip_icc: () => ({ outcome: { flags: ['strip_profile'] } }),
    strip_metadata: anyway,
    preview: anyway,
    attachment: readAttachment,
    avgcolor: ofInfo,
    bitdepth: refusing('a palette has 8 bits'),
    blur: ifGiven((filter) => drawing(blurOf(numberOf(filter, program, { min: 0, max: 200 })))),
    blurhash: ofInfo,
    compression: anyway,
    crop: ifGiven(readCrop),
    dpi: refusing('it is for drawings, which are not read'),
    draw_detections: refusing('what a detector sees is not drawn'),
    expire: ifGiven(readExpire),
    fill: (filter, context) => filled(filter, context, { auto: 'auto', followsPicture: true }),
    frame: ofVideos,
    hue: ifGiven(readHue),
    image: (filter, { options }) => ({ drawn: imageLaid(filter, { program, options, path, nested: imagor }) }),
    label: (filter) => ({ drawn: labelled(filter, program) }),
    lossless: refusing('it is not supported'),
    max_frames: ifGiven(readMaxFrames),
    modulate: ifGiven(readModulate),
    orient: ifGiven((filter, context) => ({ shaping: { turn: turnOf(readRotate(filter, context)) } })),
    padding: ifGiven(refusing('write the padding behind the size, and fill()')),
    page: ifGiven((filter) => ({ outcome: { page: numberOf(filter, program, { min: 1, max: 65_535 }) } })),
    palette: () => ({ outcome: { flags: ['png8'] } }),
    proportion: ifGiven(readProportion),
    raw: () => ({ outcome: { isRaw: true } }),
    redact: readRedact,
    redact_oval: readRedact,
    round_corner: ifGiven(readRoundCorner),
    seek: ofVideos,
    sharpen: ifGiven(readSharpen),
    text: (filter) => ({ drawn: written(filter, program) }),
    thumbhash: ofInfo,
    to_colorspace: refusing('it is not supported'),
    trim: (filter) => ({ drawn: trimmed(trimIn(filter)), isResized: true }),
    watermark: (filter, { options }) => ({ drawn: watermarked(filter, { program, options }) }),
  },
};

function turnOf({ drawn = [] }: Effect): number {
  return Number(drawn[0]?.replace('a_', '') ?? 0);
}

function trimIn(filter: Filter) {
  const [, from = 'top-left'] = filter.args;
  if (from !== 'top-left' && from !== 'bottom-right') throw refuse(program, filter.text, 'by top-left or bottom-right');
  return { from, tolerance: numberOf(filter, program, { min: 0, max: 442, standard: 1 }) };
}

/** Left, top, width and height of what is left, in pixels or as shares; further than the picture it does not reach. */
function readCrop(filter: Filter): Effect {
  const [left = 0, top = 0, width = 0, height = 0] = [0, 1, 2, 3].map((index) =>
    numberOf(filter, program, { index, min: 0, max: 65_535 }),
  );
  const isShares = left < 1 && top < 1 && width <= 1 && height <= 1;
  if (width === 0 || height === 0) throw refuse(program, filter.text, 'a width and a height above 0');
  if (isShares) {
    const [w, h] = [decimal(Math.min(width, 1 - left)), decimal(Math.min(height, 1 - top))];
    return {
      drawn: chain(component({ c: 'crop', g: 'north_west', w, h, x: decimal(left), y: decimal(top) })),
      isResized: true,
    };
  }
  const [across, down] = [Math.round(left), Math.round(top)];
  const rest = across === 0 && down === 0 ? undefined : { w: `w_sub_${across}`, h: `h_sub_${down}` };
  return {
    drawn: chain(
      rest && component({ c: 'crop', g: 'south_east', ...rest }),
      component({ c: 'crop', g: 'north_west', w: String(Math.round(width)), h: String(Math.round(height)) }),
    ),
    isResized: true,
  };
}

/** Degrees, of which ours are 1.8 each. */
function hueOf(degrees: number): string | undefined {
  const turned = (((degrees % 360) + 540) % 360) - 180;
  const amount = Math.round(turned / 1.8);
  return amount === 0 ? undefined : `e_hue:${amount}`;
}

function readHue(filter: Filter): Effect {
  return drawing(hueOf(numberOf(filter, program, { min: -3600, max: 3600 })));
}

/** Brightness and saturation in per cent, and the hue in degrees. */
function readModulate(filter: Filter): Effect {
  const [brightness = 0, saturation = 0] = [0, 1].map((index) =>
    Math.round(numberOf(filter, program, { index, min: -100, max: 100, standard: 0 })),
  );
  const hue = numberOf(filter, program, { index: 2, min: -3600, max: 3600, standard: 0 });
  return drawing(
    brightness === 0 ? undefined : `e_brightness:${Math.max(-99, brightness)}`,
    saturation === 0 ? undefined : `e_saturation:${saturation}`,
    hueOf(hue),
  );
}

/** A factor up to 1, else per cent up to 100. */
function readProportion(filter: Filter): Effect {
  const given = numberOf(filter, program, { min: -1e6, max: 1e6 });
  const factor = Math.min(100, given) > 1 ? Math.min(100, given) / 100 : given;
  if (factor <= 0 || factor === 1) return {};
  return { drawn: [`c_scale,w_w_mul_${decimal(factor)},h_h_mul_${decimal(factor)}`], isResized: true };
}

/** Radii in pixels, and the colour of what they take away. */
function readRoundCorner(filter: Filter): Effect {
  const [across = '', given = '', colour = ''] = filter.args;
  const down = given === '' ? across : given;
  if (!/^\d{1,4}$/.test(across) || down !== across) throw refuse(program, filter.text, 'corners are as wide as high');
  return drawing(across === '0' ? undefined : `r_${across}`, component({ b: colourText(colour) }));
}

function readSharpen(filter: Filter): Effect {
  const deviation = numberOf(filter, program, { min: 0, max: 100 });
  return drawing(deviation === 0 ? undefined : `e_sharpen:${Math.min(2000, Math.max(1, Math.round(deviation * 100)))}`);
}

function readMaxFrames(filter: Filter): Effect {
  if (numberOf(filter, program, { min: 1, max: 65_535 }) === 1) return { outcome: { page: 1 } };
  throw refuse(program, filter.text, 'an animation has all of its frames, or one');
}

/** Faces: blurred, or by squares of a size. */
function readRedact(filter: Filter): Effect {
  const [mode = 'blur'] = filter.args;
  if (mode !== 'blur' && mode !== 'pixelate')
    throw refuse(program, filter.text, 'faces are hidden by blur or pixelate');
  const strength = Math.round(numberOf(filter, program, { index: 1, min: 0, max: 200, standard: 0 }));
  const amount = mode === 'blur' ? strength * 40 : strength;
  return drawing(`e_${mode}_faces${amount === 0 ? '' : `:${Math.min(2000, amount)}`}`);
}

/** Milliseconds since 1970. */
function readExpire(filter: Filter): Effect {
  return { outcome: { expires: Math.floor(numberOf(filter, program, { min: 0, max: 1e15 }) / 1000) } };
}

function readAttachment(filter: Filter): Effect {
  const name = filter.args.join(',').replace(/\.[a-z0-9]{1,5}$/i, '');
  return { outcome: { isAttachment: true, ...(name !== '' && { filename: name }) } };
}

/**
 * imagor: as thumbor, with `stretch`, padding and more filters. A signature that is cut short is known by letters and digits as
 * base64 has them, and by what follows it.
 */
export const readImagor: Dialect = ({ segments }, options) => {
  const [first = '', ...rest] = segments;
  if (rest.length === 0) return undefined;
  if (first === 'unsafe') return read(rest, options);
  if (!isSignature(first, rest[0] ?? '')) return undefined;
  return { ...read(rest, options), proof: { value: first, text: rest.join('/') } };
};

const wholeSignature = /^(?:[\w-]{27}=|[\w-]{43}=|[\w-]{86}==)$/;
/** No folder is called so by chance. */
const leastClearSignature = 27;

function isSignature(segment: string, next: string): boolean {
  if (wholeSignature.test(segment)) return true;
  if (!/^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)[\w-]{9,86}$/.test(segment)) return false;
  return segment.length >= leastClearSignature || isWord(next, path);
}

function read(segments: readonly string[], options: GrammarOptions): Translation {
  const [ask, written] = readPath(segments, path);
  const picture = written.startsWith('b64:')
    ? Buffer.from(written.slice(4).replace(/\/$/, ''), 'base64url').toString('utf8')
    : decodeOnce(written);
  if (picture === '') throw refuse(program, 'the picture', 'none is named behind what is made of it');
  if (picture.startsWith('color:')) throw refuse(program, picture, 'pictures of one colour are not drawn');
  if (ask.padding !== undefined && ask.filters?.some(({ name }) => name === 'fill') !== true) {
    throw refuse(program, 'the padding', 'it needs fill(), which says its colour');
  }
  return { ...pictureAt(picture, 'key', options), ...said(ask, imagor, options) };
}

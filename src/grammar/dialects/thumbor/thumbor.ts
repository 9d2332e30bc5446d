import type { GrammarOptions } from '../../grammar-options.ts';
import { decodeOnce } from '../../ids/ids.ts';
import { component, type Dialect, refuse, type Translation } from '../dialect.ts';
import { pictureAt } from '../source.ts';
import { filled } from './canvas.ts';
import { anyway, blurOf, type Context, commonFilters, drawing, type Effect, refusing } from './effect.ts';
import { type Filter, numberOf } from './filters.ts';
import { watermarked } from './layers.ts';
import { type PathRules, readPath } from './path.ts';
import { type Program, said } from './read.ts';

const program = 'thumbor';
const rules: PathRules = { program, hasPadding: false };
const signature = /^[A-Za-z0-9_-]{27}=$/;

const thumbor: Program = {
  program,
  enlargesFull: true,
  filters: {
    ...commonFilters,
    autojpg: refusing('write format(jpeg)'),
    blur: readBlur,
    cover: () => ({ outcome: { page: 1 } }),
    distributed_collage: refusing('one picture is drawn'),
    equalize: refusing('levels are stretched by auto_contrast, and not equalized'),
    extract_focal: refusing('write focal()'),
    fill: (filter, context) => filled(filter, context, { auto: 'auto:predominant', followsPicture: false }),
    frame: refusing('it is not supported'),
    gifv: refusing('there are no videos here'),
    max_age: anyway,
    noise: refusing('it is not supported'),
    proportion: readProportion,
    red_eye: refusing('there is no detector of eyes'),
    round_corner: readRoundCorner,
    sharpen: readSharpen,
    watermark: (filter, { options }) => ({ drawn: watermarked(filter, { program, options }) }),
  },
};

/** A radius, and a deviation that is as large where it is missing. */
function readBlur(filter: Filter): Effect {
  const radius = numberOf(filter, program, { min: 0, max: 150 });
  const deviation = numberOf(filter, program, { index: 1, min: 0, max: 150, standard: radius });
  return drawing(blurOf(deviation === 0 ? radius : deviation));
}

/** A factor. */
function readProportion(filter: Filter, _context: Context): Effect {
  const factor = numberOf(filter, program, { min: 0.000001, max: 100 });
  if (factor === 1) return {};
  return { drawn: [`c_scale,w_w_mul_${factor},h_h_mul_${factor}`], isResized: true };
}

/** A radius, and the colour of what it takes away in three numbers, unless that is transparent. */
function readRoundCorner(filter: Filter): Effect {
  const [radius = '', red = '255', green = '255', blue = '255', isClear = ''] = filter.args;
  const [across = '', down = across] = radius.split('|');
  if (!/^\d{1,4}$/.test(across) || down !== across) {
    throw refuse(program, filter.text, 'corners are as wide as high, by one number of pixels');
  }
  const channels = [red, green, blue].map(Number);
  if (channels.some((value) => !(Number.isInteger(value) && value >= 0 && value <= 255))) {
    throw refuse(program, filter.text, 'a colour has three numbers from 0 to 255');
  }
  const digits = channels.map((value) => value.toString(16).padStart(2, '0')).join('');
  const isTransparent = /^(?:1|true)$/i.test(isClear);
  return drawing(
    across === '0' ? undefined : `r_${across}`,
    isTransparent ? undefined : component({ b: `rgb:${digits}` }),
  );
}

/** The amount; radius and channel are ours. */
function readSharpen(filter: Filter): Effect {
  const amount = numberOf(filter, program, { min: 0, max: 1000 });
  return drawing(amount === 0 ? undefined : `e_sharpen:${Math.min(2000, Math.max(1, Math.round(amount * 100)))}`);
}

/**
 * thumbor: `/unsafe/300x200/smart/filters:blur(7)/<source>`, or a signature in place of `unsafe`. What begins with either is its
 * own, unless it is imgproxy's, which is tried first.
 */
export const readThumbor: Dialect = ({ segments }, options) => {
  const [first = '', ...rest] = segments;
  if (rest.length === 0 || (first !== 'unsafe' && !signature.test(first))) return undefined;
  return { ...read(rest, options), ...(first !== 'unsafe' && { proof: { value: first, text: rest.join('/') } }) };
};

function read(segments: readonly string[], options: GrammarOptions): Translation {
  const [ask, picture] = readPath(segments, rules);
  if (picture === '') throw refuse(program, 'the picture', 'none is named behind what is made of it');
  return { ...pictureAt(decodeOnce(picture), 'key', options), ...said(ask, thumbor, options) };
}

import { type EffectValue, isNeutral, parseEffect, writeEffect } from '../effects.ts';
import {
  type Background,
  type Border,
  type MaskShape,
  maskShapes,
  parseBackground,
  parseBorder,
  parseRadius,
  type Radius,
  writeBackground,
  writeBorder,
  writeRadius,
} from '../looks.ts';
import { oneOf, type Parameter, wholeNumberRow } from '../parameter.ts';

const effect: Parameter<EffectValue> = {
  key: 'e',
  doc: 'Applies an effect.',
  range: 'the name of an effect, and its strength after ":"',
  example: 'e_blur:200',
  closed: oneOf('grayscale', 'blur'),
  parse: parseEffect,
  write: writeEffect,
  isNeutral: (value) => !('blend' in value) && isNeutral(value),
};

const equalTrim: Parameter<'hor' | 'ver' | 'both'> = {
  key: 'te',
  doc: 'Has e_trim cut as much from one side as from the other, whichever has less to cut.',
  range: 'hor, ver or both',
  example: 'te_both',
  parse: (text) => (text === 'hor' || text === 'ver' || text === 'both' ? text : undefined),
  write: (value) => value,
};

const opacity = wholeNumberRow({
  key: 'o',
  doc: 'Makes the picture or layer translucent.',
  min: 0,
  max: 100,
  neutral: 100,
  example: 'o_50',
});

const radius: Parameter<Radius> = {
  key: 'r',
  doc: 'Rounds the corners.',
  range: 'max, or one to four whole numbers of pixels joined by ":" in the order of CSS',
  example: 'r_20',
  closed: oneOf('max'),
  parse: parseRadius,
  write: writeRadius,
  isNeutral: (value) => value.kind === 'corners' && value.corners.every((corner) => corner === 0),
};

const mask: Parameter<MaskShape> = {
  key: 'msk',
  doc: 'Cuts the picture to a shape, as large as it fits into its middle; a square stands on a corner.',
  range: maskShapes.join(', '),
  example: 'msk_heart',
  parse: (text) => maskShapes.find((shape) => shape === text),
  write: (shape) => shape,
};

const border: Parameter<Border> = {
  key: 'bo',
  doc: 'Adds a border on every side.',
  range: '<n>px_solid_<colour>',
  example: 'bo_4px_solid_black',
  parse: parseBorder,
  write: writeBorder,
  isNeutral: (value) => value.width === 0,
};

const background: Parameter<Background> = {
  key: 'b',
  doc: 'Colours the padding and whatever is transparent.',
  range: 'a colour (white, rgb:RRGGBB, rgb:RRGGBBAA), auto, auto:predominant or blurred',
  example: 'b_rgb:ff0000',
  closed: oneOf('white', 'black', 'transparent', 'auto'),
  parse: parseBackground,
  write: writeBackground,
};

/** What a step does with the pixels of the cut and sized picture, in the order of the work. */
export const look = { effect, equalTrim, opacity, radius, mask, border, background };

// Long because every parameter of the URL is one entry of one table: reading, writing and documentation stay together.
import { decodeId, decodeOnce } from '../ids/ids.ts';
import { type Angle, parseAngle, writeAngle } from './angles.ts';
import { parseAspectRatio, writeAspectRatio } from './aspect-ratio.ts';
import { type Colour, parseColour, writeColour } from './colours.ts';
import { type CropMode, cropModes, parseCrop } from './crop.ts';
import { type EffectValue, parseEffect, writeEffect } from './effects.ts';
import { type Flags, parseFlags, writeFlags } from './flags.ts';
import { type Gravity, parseGravity, writeGravity } from './gravity.ts';
import { type LayerSource, parseLayerSource, writeLayerSource } from './layer-source.ts';
import { type Length, parseLength, writeLength } from './lengths.ts';
import {
  type Background,
  type Border,
  parseBackground,
  parseBorder,
  parseRadius,
  type Radius,
  writeBackground,
  writeBorder,
  writeRadius,
} from './looks.ts';
import type { Quality, RequestedFormat } from './output.ts';
import * as output from './output.ts';
import * as values from './values.ts';

/** What the parameters of one component say, before it is decided what they mean together. */
export interface ComponentValues {
  readonly angle: Angle;
  readonly aspectRatio: number;
  readonly background: Background;
  readonly border: Border;
  readonly colour: Colour;
  readonly colourSpace: 'srgb' | 'copy';
  readonly crop: CropMode;
  readonly defaultImage: string;
  readonly density: number;
  readonly dpr: number | 'auto';
  readonly effect: EffectValue;
  readonly flags: Flags;
  readonly format: RequestedFormat;
  readonly gravity: Gravity;
  readonly height: Length;
  readonly opacity: number;
  readonly overlay: LayerSource;
  readonly page: number;
  readonly presets: readonly string[];
  readonly quality: Quality;
  readonly radius: Radius;
  readonly underlay: LayerSource;
  readonly width: Length | 'auto';
  readonly x: Length;
  readonly y: Length;
  readonly zoom: number;
}

/**
 * One parameter of the URL: it reads, writes and documents itself. Methods, not properties, so that a table of
 * options with different values can be worked through by one function.
 */
export interface Option<Name extends keyof ComponentValues> {
  readonly key: string;
  readonly sets: Name;
  /** One sentence. */
  readonly doc: string;
  /** What may be written, in words. */
  readonly range: string;
  readonly example: string;
  /** `text` is decoded once; `raw` is as received, for values with a structure of their own. */
  parse(text: string, raw: string): values.Parsed<ComponentValues[Name]>;
  write(value: ComponentValues[Name]): string;
}

type Options = { readonly [Name in keyof ComponentValues]: Option<Name> };

const lengthRange = 'whole pixels from 1 to 65535, a share such as 0.5, or arithmetic such as iw_div_2';
const offsetRange = 'whole pixels, a share such as 0.1, or arithmetic such as w_div_4';

/** Every parameter, by what it sets: the one table behind parsing, the canonical form and the reference. */
export const options: Options = {
  angle: {
    key: 'a',
    sets: 'angle',
    doc: 'Turns clockwise by degrees, flips, or leaves the EXIF orientation unapplied.',
    range: 'degrees, hflip, vflip, ignore, auto_left or auto_right, joined by "."',
    example: 'a_90',
    parse: parseAngle,
    write: writeAngle,
  },
  aspectRatio: {
    key: 'ar',
    sets: 'aspectRatio',
    doc: 'Gives the missing side, or the largest box of this ratio.',
    range: 'width:height or a number, from 0.001 to 1000',
    example: 'ar_16:9',
    parse: parseAspectRatio,
    write: writeAspectRatio,
  },
  background: {
    key: 'b',
    sets: 'background',
    doc: 'Colours the padding and whatever is transparent.',
    range: 'a colour (white, rgb:RRGGBB, rgb:RRGGBBAA), auto, auto:predominant or blurred',
    example: 'b_rgb:ff0000',
    parse: parseBackground,
    write: writeBackground,
  },
  border: {
    key: 'bo',
    sets: 'border',
    doc: 'Adds a border on every side.',
    range: '<n>px_solid_<colour>',
    example: 'bo_4px_solid_black',
    parse: parseBorder,
    write: writeBorder,
  },
  crop: {
    key: 'c',
    sets: 'crop',
    doc: 'Decides how the picture meets its new size.',
    range: cropModes.join(', '),
    example: 'c_fill',
    parse: parseCrop,
    write: (crop) => crop,
  },
  colour: {
    key: 'co',
    sets: 'colour',
    doc: 'Colours text, e_colorize and e_shadow.',
    range: 'a colour (white, rgb:RRGGBB, rgb:RRGGBBAA)',
    example: 'co_rgb:ff0000',
    parse: parseColour,
    write: writeColour,
  },
  colourSpace: {
    key: 'cs',
    sets: 'colourSpace',
    doc: 'Converts to sRGB or keeps the colour space of the original.',
    range: 'srgb or copy',
    example: 'cs_srgb',
    parse: output.parseColourSpace,
    write: (colourSpace) => colourSpace,
  },
  defaultImage: {
    key: 'd',
    sets: 'defaultImage',
    doc: 'Names the picture to use when the original is missing.',
    range: 'an id, with / written as :',
    example: 'd_avatar.png',
    parse: (_text, raw) => decodeId(raw.split(':')),
    write: (id) => id.split('/').map(encodeURIComponent).join(':'),
  },
  density: {
    key: 'dn',
    sets: 'density',
    doc: 'Sets the density that the file states, whose pixels stay as they are; a GIF states none.',
    range: 'a whole number from 1 to 2400 (dots per inch)',
    example: 'dn_150',
    parse: (text) => values.parseInteger(text, 1, 2400),
    write: String,
  },
  dpr: {
    key: 'dpr',
    sets: 'dpr',
    doc: 'Multiplies the pixel sizes for dense screens.',
    range: 'a number from 0.01 to 4, or auto',
    example: 'dpr_2.0',
    parse: (text) => (text === 'auto' ? 'auto' : values.parseNumber(text, 0.01, 4)),
    write: (dpr) => (dpr === 'auto' ? dpr : values.writeNumber(dpr)),
  },
  effect: {
    key: 'e',
    sets: 'effect',
    doc: 'Applies an effect.',
    range: 'the name of an effect, and its strength after ":"',
    example: 'e_blur:200',
    parse: parseEffect,
    write: writeEffect,
  },
  format: {
    key: 'f',
    sets: 'format',
    doc: 'Sets the output format; auto takes the best that the client accepts.',
    range: 'auto, jpg, png, webp, avif or gif',
    example: 'f_auto',
    parse: output.parseFormat,
    write: output.writeFormat,
  },
  flags: {
    key: 'fl',
    sets: 'flags',
    doc: 'Switches, joined by "."; repeated keys are merged.',
    range: 'names of flags joined by "."',
    example: 'fl_progressive.lossy',
    parse: (_text, raw) => parseFlags(raw),
    write: writeFlags,
  },
  gravity: {
    key: 'g',
    sets: 'gravity',
    doc: 'Says which part a crop keeps, or where padding and layers put the picture.',
    range: 'a compass point (north_west ... south_east), center, xy_center, auto, face, faces or custom',
    example: 'g_north_west',
    parse: parseGravity,
    write: writeGravity,
  },
  height: {
    key: 'h',
    sets: 'height',
    doc: 'Sets the height.',
    range: lengthRange,
    example: 'h_300',
    parse: (text) => parseLength(text, 'size'),
    write: writeLength,
  },
  overlay: {
    key: 'l',
    sets: 'overlay',
    doc: 'Begins a layer over the picture: another picture or text.',
    range: 'an id with / written as :, or text:<font>_<size>[_<style>...]:<text>',
    example: 'l_folder:logo',
    parse: (_text, raw) => parseLayerSource(raw),
    write: writeLayerSource,
  },
  opacity: {
    key: 'o',
    sets: 'opacity',
    doc: 'Makes the picture or layer translucent.',
    range: 'a whole number from 0 to 100',
    example: 'o_50',
    parse: (text) => values.parseInteger(text, 0, 100),
    write: String,
  },
  page: {
    key: 'pg',
    sets: 'page',
    doc: 'Takes one page of a file that has several; the first is 1.',
    range: 'a whole number from 1 to 65535',
    example: 'pg_2',
    parse: (text) => values.parseInteger(text, 1, values.maxInteger),
    write: String,
  },
  quality: {
    key: 'q',
    sets: 'quality',
    doc: 'Sets the quality of the encoder.',
    range: '1 to 100 (with :420 or :444 for the chroma), auto, auto:best, auto:good, auto:eco or auto:low',
    example: 'q_auto',
    parse: output.parseQuality,
    write: output.writeQuality,
  },
  radius: {
    key: 'r',
    sets: 'radius',
    doc: 'Rounds the corners.',
    range: 'max, or one to four whole numbers of pixels joined by ":" in the order of CSS',
    example: 'r_20',
    parse: parseRadius,
    write: writeRadius,
  },
  presets: {
    key: 't',
    sets: 'presets',
    doc: 'Applies named transformations of the configuration.',
    range: 'names of presets joined by ".", at most 255 characters',
    example: 't_thumb',
    parse: (_text, raw) => (raw.length > 255 ? undefined : raw.split('.').map(decodeOnce)),
    write: (names) => names.map(encodeURIComponent).join('.'),
  },
  underlay: {
    key: 'u',
    sets: 'underlay',
    doc: 'Begins a layer beneath the picture.',
    range: 'an id with / written as :, or text:<font>_<size>[_<style>...]:<text>',
    example: 'u_background',
    parse: (_text, raw) => parseLayerSource(raw),
    write: writeLayerSource,
  },
  width: {
    key: 'w',
    sets: 'width',
    doc: 'Sets the width; auto takes it from client hints where they are used.',
    range: `${lengthRange}, or auto`,
    example: 'w_300',
    parse: (text) => (text === 'auto' || text.startsWith('auto:') ? 'auto' : parseLength(text, 'size')),
    write: (width) => (width === 'auto' ? width : writeLength(width)),
  },
  x: {
    key: 'x',
    sets: 'x',
    doc: 'Moves inwards from the side that g_ names, or to the right.',
    range: offsetRange,
    example: 'x_10',
    parse: (text) => parseLength(text, 'offset'),
    write: writeLength,
  },
  y: {
    key: 'y',
    sets: 'y',
    doc: 'Moves inwards from the side that g_ names, or down.',
    range: offsetRange,
    example: 'y_10',
    parse: (text) => parseLength(text, 'offset'),
    write: writeLength,
  },
  zoom: {
    key: 'z',
    sets: 'zoom',
    doc: 'Scales the detected region of a thumb.',
    range: 'a number from 0.01 to 100',
    example: 'z_0.7',
    parse: (text) => values.parseNumber(text, 0.01, 100),
    write: values.writeNumber,
  },
};

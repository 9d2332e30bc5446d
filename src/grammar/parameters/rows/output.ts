import { extensionOf, imageFormats } from '../../../formats.ts';
import { decodeId } from '../../ids/ids.ts';
import { type Flags, parseFlags, writeFlags } from '../flags.ts';
import {
  type ColourSpace,
  parseColourSpace,
  parseFormat,
  parsePage,
  parseQuality,
  type Quality,
  type RequestedFormat,
  writeFormat,
  writeQuality,
} from '../output.ts';
import { oneOf, type Parameter, wholeNumberRow } from '../parameter.ts';
import { maxInteger, parseNumber, parseRounded, writeNumber } from '../values.ts';

const format: Parameter<RequestedFormat> = {
  key: 'f',
  doc: 'Sets the output format; auto takes the best that the client accepts.',
  range: 'auto, jpg, png, webp, avif or gif',
  example: 'f_auto',
  closed: oneOf('auto', 'auto:avif', 'auto:webp', 'auto:basic', ...imageFormats.map(extensionOf)),
  parse: parseFormat,
  write: writeFormat,
};

const quality: Parameter<Quality> = {
  key: 'q',
  doc: 'Sets the quality of the encoder.',
  range:
    '1 to 100, or auto, auto:best, auto:good, auto:eco or auto:low (each with :420 or :444 for the chroma), or numbers by format as in jpg:85.webp:70',
  example: 'q_auto',
  closed: oneOf('auto', 'auto:best', 'auto:eco', 'auto:low', '50', '60', '70', '75', '80', '85', '90', '100'),
  parse: parseQuality,
  write: writeQuality,
};

const flags: Parameter<Flags> = {
  key: 'fl',
  doc: 'Switches, joined by "."; repeated keys are merged.',
  range: 'names of flags joined by "."',
  example: 'fl_progressive.lossy',
  closed: { kind: 'free', says: '`attachment` without a name: it makes no variant more' },
  parse: (_text, raw) => parseFlags(raw),
  write: writeFlags,
};

const dpr: Parameter<number | 'auto'> = {
  key: 'dpr',
  doc: 'Multiplies the pixel sizes for dense screens.',
  range: 'a number from 0.01 to 4, of which larger ones up to 10 come to 4, or auto',
  example: 'dpr_2.0',
  closed: { kind: 'held', says: 'any: the sides that it makes are held' },
  parse: (text) => (text === 'auto' ? 'auto' : atMost(4, parseNumber(text, 0.01, 10))),
  write: (value) => (value === 'auto' ? value : writeNumber(value)),
};

function atMost(most: number, value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.min(most, value);
}

const maxBytes = wholeNumberRow({
  key: 'mb',
  doc: 'Lowers the quality of JPEG, WebP and AVIF until the file has no more bytes, as far as that goes.',
  min: 1,
  max: 1_000_000_000,
  unit: 'bytes',
  example: 'mb_3000',
});

const page: Parameter<number> = {
  key: 'pg',
  doc: 'Takes one page of a file that has several; the first is 1, and of a list the first that it names counts.',
  range: `a whole number from 1 to ${maxInteger}, or a list of pages and ranges such as 2-4;6`,
  example: 'pg_2',
  parse: (text) => parsePage(text),
  write: String,
};

const density: Parameter<number> = {
  ...wholeNumberRow({
    key: 'dn',
    doc: 'Sets the density that the file states, whose pixels stay as they are; a GIF states none.',
    min: 1,
    max: 2400,
    unit: 'dots per inch',
    example: 'dn_150',
  }),
  parse: (text) => parseRounded(text, 1, 2400),
};

const colourSpace: Parameter<ColourSpace> = {
  key: 'cs',
  doc: 'Converts to sRGB or keeps the colour space of the original.',
  range: 'srgb or copy',
  example: 'cs_srgb',
  parse: parseColourSpace,
  write: (value) => value,
};

const defaultImage: Parameter<string> = {
  key: 'd',
  doc: 'Names the picture to use when the original is missing.',
  range: 'an id, with / written as :',
  example: 'd_avatar.png',
  closed: { kind: 'free', says: 'any id: it makes no variant more' },
  parse: (_text, raw) => decodeId(raw.split(':')),
  write: (id) => id.split('/').map(encodeURIComponent).join(':'),
};

/** What the whole chain is delivered as. */
export const output = { format, quality, maxBytes, flags, dpr, page, density, colourSpace, defaultImage };

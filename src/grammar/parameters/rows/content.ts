import { decodeOnce } from '../../ids/ids.ts';
import { type Colour, parseColour, writeColour } from '../colours.ts';
import { type LayerSource, parseLayerSource, writeLayerSource } from '../layer-source.ts';
import type { Parameter } from '../parameter.ts';

const layer = (key: 'l' | 'u', doc: string, example: string): Parameter<LayerSource> => ({
  key,
  doc,
  range: 'an id with / written as :, or text:<font>_<size>[_<style>...]:<text>',
  example,
  parse: (_text, raw) => parseLayerSource(raw),
  write: writeLayerSource,
});

const colour: Parameter<Colour> = {
  key: 'co',
  doc: 'Colours text, e_colorize and e_shadow.',
  range: 'a colour (white, rgb:RRGGBB, rgb:RRGGBBAA)',
  example: 'co_rgb:ff0000',
  parse: parseColour,
  write: writeColour,
};

const presets: Parameter<readonly string[]> = {
  key: 't',
  doc: 'Applies named transformations of the configuration.',
  range: 'names of presets joined by ".", at most 255 characters',
  example: 't_thumb',
  closed: {
    kind: 'free',
    says: 'up to three names, with `f_` and `q_auto` beside them; beside others as written out',
  },
  parse: (_text, raw) => (raw.length > 255 ? undefined : raw.split('.').map(decodeOnce)),
  write: (names) => names.map(encodeURIComponent).join('.'),
};

/** What stands in a component for something else: layers, the colour of a text or an effect, named transformations. */
export const content = {
  overlay: layer('l', 'Begins a layer over the picture: another picture or text.', 'l_folder:logo'),
  underlay: layer('u', 'Begins a layer beneath the picture.', 'u_background'),
  colour,
  presets,
};

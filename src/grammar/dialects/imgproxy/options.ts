import { shorten } from '../../ids/ids.ts';
import { meaningIn, refuse } from '../dialect.ts';

export const program = 'imgproxy';

/** One option of a URL: its full name, and its arguments, of which any may be empty. */
export interface ImgproxyOption {
  readonly name: OptionName;
  readonly args: readonly string[];
  /** As it was written. */
  readonly text: string;
}

/** Full names of what is drawn or has nothing to draw, by all that a URL may call them; the first is the name itself. */
const spelled = {
  resize: ['rs'],
  size: ['s'],
  resizing_type: ['rt'],
  width: ['w'],
  height: ['h'],
  'min-width': ['mw'],
  'min-height': ['mh'],
  zoom: ['z'],
  dpr: [],
  enlarge: ['el'],
  extend: ['ex'],
  extend_aspect_ratio: ['extend_ar', 'exar'],
  gravity: ['g'],
  crop: ['c'],
  crop_aspect_ratio: ['crop_ar', 'car'],
  trim: ['t'],
  padding: ['pd'],
  auto_rotate: ['ar'],
  rotate: ['rot'],
  flip: ['fl'],
  background: ['bg'],
  background_alpha: ['bga'],
  blur: ['bl'],
  sharpen: ['sh'],
  pixelate: ['pix'],
  adjust: ['a'],
  brightness: ['br'],
  contrast: ['co'],
  saturation: ['sa'],
  monochrome: ['mc'],
  colorize: ['col'],
  watermark: ['wm'],
  watermark_url: ['wmu'],
  watermark_size: ['wms'],
  watermark_rotate: ['wm_rot', 'wmr'],
  strip_metadata: ['sm'],
  keep_copyright: ['kcr'],
  strip_color_profile: ['scp'],
  enforce_thumbnail: ['eth'],
  dpi: [],
  quality: ['q'],
  format_quality: ['fq'],
  max_bytes: ['mb'],
  jpeg_options: ['jpgo'],
  png_options: ['pngo'],
  webp_options: ['webpo'],
  format: ['f', 'ext'],
  page: ['pg'],
  disable_animation: ['da'],
  skip_processing: ['skp'],
  raw: [],
  cachebuster: ['cb'],
  expires: ['exp'],
  filename: ['fn'],
  return_attachment: ['att'],
  fallback_image_url: ['fiu'],
  preset: ['pr'],
  duotone: ['dt'],
  gradient: ['gr'],
  progressive_blur: ['pbl'],
  draw_detections: ['dd'],
  blur_detections: ['bd'],
  objects_position: ['obj_pos', 'op'],
} as const;

export type OptionName = keyof typeof spelled;

/** What we know and do not draw, and why. */
const refused: Readonly<Record<string, string>> = {
  ...ofEach(['resizing_algorithm', 'ra'], 'there is one way of scaling here'),
  ...ofEach(['unsharp_masking', 'unsharp', 'ush'], 'sharpen is what there is to sharpen with'),
  ...ofEach(['blur_areas', 'ba'], 'it is not supported'),
  ...ofEach(['watermark_text', 'wmt', 'watermark_shadow', 'wmsh', 'style', 'st', 'stl'], 'it is not supported'),
  ...ofEach(['autoquality', 'aq'], 'write quality, or q_auto in a preset'),
  ...ofEach(['avif_options', 'avifo', 'jxl_options', 'jxlo', 'color_profile', 'cp', 'icc'], 'it is not supported'),
  ...ofEach(['pages', 'pgs', 'preserve_hdr', 'ph', 'hashsum', 'hs'], 'it is not supported'),
  ...ofEach(['video_thumbnail_second', 'vts', 'video_thumbnail_keyframes', 'vtk'], 'there are no videos here'),
  ...ofEach(['video_thumbnail_tile', 'vtt', 'video_thumbnail_animation', 'vta'], 'there are no videos here'),
  ...ofEach(['max_src_resolution', 'msr', 'max_src_file_size', 'msfs'], 'the configuration of the server says that'),
  ...ofEach(['max_animation_frames', 'maf'], 'the configuration of the server says that'),
  ...ofEach(['max_animation_frame_resolution', 'mafr'], 'the configuration of the server says that'),
  ...ofEach(['max_result_dimension', 'mrd'], 'the configuration of the server says that'),
};

function ofEach(names: readonly string[], why: string): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, why]));
}

const fullNames: ReadonlyMap<string, OptionName> = new Map(
  Object.entries(spelled).flatMap(([name, aliases]) =>
    [name, ...aliases].map((spelling): [string, OptionName] => [spelling, name as OptionName]),
  ),
);

/** More arguments than any option has. */
const maxArguments = 64;

/** True for a segment that could be an option: with arguments, and a name that is known. */
export function isOption(segment: string, separator: string): boolean {
  const end = segment.indexOf(separator);
  if (end < 0) return false;
  const name = segment.slice(0, end);
  return fullNames.has(name) || Object.hasOwn(refused, name);
}

/** Reads one option; its arguments are decoded. Throws `invalid` for one that is not drawn. */
export function readOption(segment: string, separator: string): ImgproxyOption {
  const [written = '', ...args] = segment.split(separator, maxArguments);
  const name = fullNames.get(written);
  if (name !== undefined) return { name, args: args.map((arg) => decodeURIComponent(arg)), text: segment };
  const why = meaningIn(refused, written);
  throw refuse(program, segment, why ?? `there is no option ${shorten(written)}`);
}

/** `1`, `t` and `true`; anything else is no. */
export function isTrue(text: string | undefined): boolean {
  return /^(?:1|t|true)$/i.test(text ?? '');
}

/** A number of an option's argument; undefined for an empty one. */
export function numberIn(option: ImgproxyOption, index: number, { min, max = 1e6 }: { min: number; max?: number }) {
  const text = option.args[index] ?? '';
  if (text === '') return undefined;
  const value = /^-?\d{1,7}(?:\.\d{1,9})?$|^-?\.\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw refuse(program, option.text, `expected a number from ${min} to ${max}, got "${shorten(text)}"`);
}

import { refuse } from '../dialect.ts';
import { atMost, base64Text, type Reader, whole } from './arguments.ts';
import { type ImgproxyOption, isTrue, numberIn, type OptionName, program } from './options.ts';
import { placeIn } from './places.ts';
import { readAdjust, readBackground, readColorize, readMonochrome, readWatermark } from './read-look.ts';
import {
  readExpires,
  readFilename,
  readFormat,
  readJpegOptions,
  readPngOptions,
  readQualities,
  readQuality,
  readSkipped,
  readWebpOptions,
} from './read-output.ts';
import {
  extensionIn,
  readCrop,
  readFlip,
  readPadding,
  readResize,
  readRotate,
  readSize,
  readTrim,
  readType,
  readZoom,
} from './read-shape.ts';
import type { Wishes } from './wishes.ts';

/** The wish that stands for the first argument: a whole number, of which 0 takes it back. */
function wholeWish(name: 'width' | 'height' | 'minWidth' | 'minHeight' | 'maxBytes' | 'pixelate'): Reader {
  return (option, wishes) => {
    atMost(option, 1);
    const max = name === 'maxBytes' ? 1_000_000_000 : 65_535;
    const value = numberIn(option, 0, { min: 0, max }) ?? 0;
    if (!Number.isInteger(value)) throw refuse(program, option.text, 'expected a whole number');
    return { ...wishes, [name]: value };
  };
}

function decimalWish(
  name: 'dpr' | 'blur' | 'sharpen' | 'contrast' | 'saturation' | 'backgroundAlpha',
  limits: { min: number; max?: number },
): Reader {
  return (option, wishes) => {
    atMost(option, 1);
    const value = numberIn(option, 0, limits);
    if (value === undefined) throw refuse(program, option.text, 'expected a number');
    return { ...wishes, [name]: value };
  };
}

function switchWish(name: 'enlarge' | 'autoRotate' | 'keepsCopyright' | 'isRaw' | 'isAttachment' | 'isStill'): Reader {
  return (option, wishes) => {
    atMost(option, 1);
    return { ...wishes, [name]: isTrue(option.args[0]) };
  };
}

/** What is not drawn here may be written where it asks for nothing. */
function unlessNothing(option: ImgproxyOption, wishes: Wishes): Wishes {
  if (['', '0', 'f', 'false'].includes(option.args[0] ?? '')) return wishes;
  throw refuse(program, option.text, 'it is not supported');
}

const readers: Readonly<Record<OptionName, Reader>> = {
  resize: readResize,
  size: readSize,
  resizing_type: readType,
  width: wholeWish('width'),
  height: wholeWish('height'),
  'min-width': wholeWish('minWidth'),
  'min-height': wholeWish('minHeight'),
  zoom: readZoom,
  dpr: decimalWish('dpr', { min: 0.01, max: 10 }),
  enlarge: switchWish('enlarge'),
  extend: (option, wishes) => ({ ...wishes, extend: extensionIn(option) }),
  extend_aspect_ratio: (option, wishes) => ({ ...wishes, extendRatio: extensionIn(option) }),
  gravity: (option, wishes) => ({ ...wishes, place: placeIn(option) }),
  crop: readCrop,
  crop_aspect_ratio: (option, wishes) => {
    // Of all of the picture a part can only be smaller, whether or not it may be enlarged.
    return { ...wishes, cropRatio: numberIn(option, 0, { min: 0, max: 1000 }) ?? 0 };
  },
  trim: readTrim,
  padding: readPadding,
  auto_rotate: switchWish('autoRotate'),
  rotate: readRotate,
  flip: readFlip,
  background: readBackground,
  background_alpha: decimalWish('backgroundAlpha', { min: 0, max: 1 }),
  blur: decimalWish('blur', { min: 0, max: 1000 }),
  sharpen: decimalWish('sharpen', { min: 0, max: 100 }),
  pixelate: wholeWish('pixelate'),
  adjust: readAdjust,
  brightness: (option, wishes) => readAdjust({ ...option, args: [option.args[0] ?? ''] }, wishes),
  contrast: decimalWish('contrast', { min: 0, max: 2 }),
  saturation: decimalWish('saturation', { min: 0, max: 2 }),
  monochrome: readMonochrome,
  colorize: readColorize,
  watermark: readWatermark,
  watermark_url: (option, wishes) => ({ ...wishes, watermarkSource: base64Text(option.args[0] ?? '') }),
  watermark_size: (option, wishes) => ({ ...wishes, watermarkSize: [whole(option, 0) ?? 0, whole(option, 1) ?? 0] }),
  watermark_rotate: (option, wishes) => ({
    ...wishes,
    watermarkAngle: numberIn(option, 0, { min: -360, max: 360 }) ?? 0,
  }),
  strip_metadata: (option, wishes) => {
    if (isTrue(option.args[0])) return wishes;
    throw refuse(program, option.text, 'metadata is always left out, but for keep_copyright');
  },
  keep_copyright: switchWish('keepsCopyright'),
  strip_color_profile: (option, wishes) => ({ ...wishes, keepsProfile: !isTrue(option.args[0]) }),
  enforce_thumbnail: (option, wishes) => {
    if (!isTrue(option.args[0])) return wishes;
    throw refuse(program, option.text, 'the picture itself is drawn, and no thumbnail in it');
  },
  dpi: (option, wishes) => ({ ...wishes, density: whole(option, 0) ?? 0 }),
  quality: readQuality,
  format_quality: readQualities,
  max_bytes: wholeWish('maxBytes'),
  jpeg_options: readJpegOptions,
  png_options: readPngOptions,
  webp_options: readWebpOptions,
  format: readFormat,
  page: (option, wishes) => ({ ...wishes, page: whole(option, 0) ?? 0 }),
  disable_animation: switchWish('isStill'),
  skip_processing: readSkipped,
  raw: switchWish('isRaw'),
  // Against caches: no part of what is drawn.
  cachebuster: (_option, wishes) => wishes,
  expires: readExpires,
  filename: readFilename,
  return_attachment: switchWish('isAttachment'),
  fallback_image_url: (option, wishes) => ({ ...wishes, fallback: base64Text(option.args[0] ?? '') }),
  duotone: unlessNothing,
  gradient: unlessNothing,
  progressive_blur: unlessNothing,
  draw_detections: unlessNothing,
  blur_detections: (option, wishes) => {
    const [sigma, classes] = [numberIn(option, 0, { min: 0, max: 1000 }) ?? 0, option.args.slice(1)];
    if (classes.length > 0 && classes.every((name) => name === 'face')) return { ...wishes, blurFaces: sigma };
    throw refuse(program, option.text, 'there is no detector but for faces');
  },
  // Where objects come to lie, which only `obj` gravity looks at.
  objects_position: (_option, wishes) => wishes,
  preset: (option, wishes) => ({ ...wishes, presets: [...(wishes.presets ?? []), ...option.args] }),
};

/** What all options together ask for: of one that is written twice the last counts. */
export function wishesOf(options: readonly ImgproxyOption[]): Wishes {
  return options.reduce<Wishes>((wishes, option) => readers[option.name](option, wishes), {});
}

import type { GrammarOptions } from '../../grammar-options.ts';
import { chain, component, meaningIn, refuse } from '../dialect.ts';
import { blurStrength, canvasAround, hueOf, mildly, tone } from '../drawing.ts';
import { colour, fieldsOf, isObject, isOn, type Json, numberIn, program, wrong } from './json.ts';
import { overlay, roundCrop, watermark } from './layers.ts';
import { shaped, shapeNames } from './shape.ts';

/** What an edit comes to, by sharp's name for it. */
type Edit = (value: unknown, name: string, options: GrammarOptions) => string | readonly string[] | undefined;

function switched(written: string): Edit {
  return (value, name) => (isOn(value, name) ? written : undefined);
}

/** By its deviation; without a number it is mild. */
function blur(value: unknown, name: string): string | undefined {
  if (value === false || value === 'false') return undefined;
  if (value === true || value === 'true') return mildly.blur;
  const deviation = numberIn(value, name, [0.3, 1000]);
  return `e_blur:${blurStrength(deviation)}`;
}

/** The deviation; how much flat and jagged parts are sharpened is ours. */
function sharpen(value: unknown, name: string): string | undefined {
  if (value === false || value === 'false') return undefined;
  if (value === true || value === 'true') return mildly.sharpen;
  const { sigma } = isObject(value) ? fieldsOf(value, name, ['sigma', 'm1', 'm2', 'x1', 'y2', 'y3']) : { sigma: value };
  return `e_sharpen:${Math.max(1, Math.round(numberIn(sigma, name, [0.000_001, 20]) * 100))}`;
}

function flatten(value: unknown, name: string): string | undefined {
  if (value === false) return undefined;
  if (value === true) return component({ b: 'rgb:000' });
  const background = isObject(value) ? (fieldsOf(value, name, ['background'])['background'] ?? '000') : value;
  return component({ b: colour(background, name) });
}

/** Without how clear it is. */
function tint(value: unknown, name: string): string {
  return `e_tint:100:${colour(value, name).replace(/^rgb:(.{6})(?:..)?$/, '$1')}`;
}

/** Black and white by a number of 255. */
function threshold(value: unknown, name: string): string | undefined {
  if (value === false) return undefined;
  const level = value === true ? 128 : numberIn(value, name, [0, 255]);
  return `e_blackwhite:${Math.round(level / 2.55)}`;
}

/** Factors, and degrees of which ours are 1.8 each. */
function modulate(value: unknown, name: string): readonly string[] {
  const { brightness = 1, saturation = 1, hue = 0 } = fieldsOf(value, name, ['brightness', 'saturation', 'hue']);
  const percent = (factor: unknown, of: string) => (numberIn(factor, `${name}.${of}`, [0, 100]) - 1) * 100;
  return chain(
    component({ e: tone('brightness', percent(brightness, 'brightness')) }),
    component({ e: tone('saturation', percent(saturation, 'saturation')) }),
    component({ e: hueOf(numberIn(hue, `${name}.hue`, [-36_000, 36_000])) }),
  );
}

/** Of 255, as sharp has it. */
function trim(value: unknown, name: string): string | undefined {
  const { threshold: level = 10, background } = isObject(value)
    ? fieldsOf(value, name, ['threshold', 'background'])
    : { threshold: value === true ? 10 : value };
  const share = Math.round(numberIn(level, name, [0, 255]) / 2.55);
  return ['e_trim', share, background === undefined ? undefined : colour(background, name)]
    .filter((part) => part !== undefined)
    .join(':');
}

function extend(value: unknown, name: string): string | undefined {
  const area = fieldsOf(value, name, ['top', 'left', 'bottom', 'right', 'background']);
  const pixels = (of: string) =>
    area[of] === undefined ? 0 : Math.round(numberIn(area[of], `${name}.${of}`, [0, 65_535]));
  const sides = [pixels('top'), pixels('right'), pixels('bottom'), pixels('left')] as const;
  return canvasAround(sides, colour(area['background'] ?? '000', `${name}.background`));
}

/** False asks for the first frame alone. */
function animated(value: unknown, name: string): string | undefined {
  return isOn(value, name) ? undefined : 'pg_1';
}

const formats: Readonly<Record<string, string>> = {
  ...{ jpg: 'jpg', jpeg: 'jpg', png: 'png', webp: 'webp', avif: 'avif', gif: 'gif' },
};

function format(value: unknown, name: string): string | undefined {
  const found = typeof value === 'string' ? meaningIn(formats, value) : undefined;
  if (found === undefined) throw wrong(name, Object.keys(formats).join(', '));
  return component({ f: found });
}

/** How hard an encoder tries changes no picture. */
const efforts = ['effort', 'reductionEffort', 'compressionLevel', 'mozjpeg', 'optimiseScans', 'optimizeScans'];

/** The quality of one format, whichever is written. */
function encoder(value: unknown, name: string): string | undefined {
  const known = ['quality', 'progressive', ...efforts];
  const { quality, progressive } = fieldsOf(value, name, known);
  return component({
    fl: progressive !== undefined && isOn(progressive, `${name}.progressive`) ? 'progressive' : undefined,
    q:
      quality === undefined
        ? undefined
        : `${formats[name]}:${Math.round(numberIn(quality, `${name}.quality`, [1, 100]))}`,
  });
}

const encoders: readonly string[] = ['jpeg', 'png', 'webp', 'avif', 'gif'];

/** In the order in which sharp works; what turns, cuts and sizes comes between `trim` and the rest. */
const effects: Readonly<Record<string, Edit>> = {
  flatten,
  negate: switched('e_negate'),
  grayscale: switched('e_grayscale'),
  greyscale: switched('e_grayscale'),
  extend,
  threshold,
  blur,
  modulate,
  sharpen,
  normalize: switched('e_auto_contrast'),
  normalise: switched('e_auto_contrast'),
  tint,
  overlayWith: overlay,
  watermark,
  roundCrop,
  animated,
  toFormat: format,
  ...Object.fromEntries(encoders.map((name) => [name, encoder])),
  quality: (value, name) => component({ q: String(Math.round(numberIn(value, name, [1, 100]))) }),
};
const names: readonly string[] = ['trim', ...shapeNames, ...Object.keys(effects)];

/** The components of edits by their names. An encoder's options ask for its format, unless another is named. */
export function drawn(edits: Json, options: GrammarOptions): readonly string[] {
  const unknown = Object.keys(edits).find((name) => !names.includes(name));
  if (unknown !== undefined) throw refuse(program, unknown, `it is not supported; ${names.join(', ')} are`);
  if ('watermark' in edits && 'resize' in edits) {
    throw refuse(program, 'watermark', 'beside a size it is not supported: it goes by the picture before that');
  }
  const named = encoders.findLast((name) => name in edits);
  const asked: Json = named !== undefined && !('toFormat' in edits) ? { ...edits, toFormat: named } : edits;
  return [
    ...chain('trim' in edits ? trim(edits['trim'], 'trim') : undefined),
    ...shaped(edits),
    ...Object.entries(effects).flatMap(([name, edit]) =>
      name in asked ? (edit(asked[name], name, options) ?? []) : [],
    ),
  ];
}

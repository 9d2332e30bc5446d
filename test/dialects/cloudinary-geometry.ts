import type { Size } from '../../src/grammar/index.ts';

/** What a component says, by its key, as written. */
type Values = ReadonlyMap<string, string>;

/** Where sizes hang on the content, on other pictures, or on what is written elsewhere. */
const unforeseen =
  /(?:^|[/,])(?:\$|if_|l_|u_|t_|w_auto|e_trim|e_shear|e_shadow|fl_getinfo|fl_ignore_aspect_ratio|fl_layer_apply|fl_relative|fl_region_relative|msk_)|(?:^|[/,])[wh]_[a-z$(]/;

/** The components of a long URL; undefined for what is none, or has parts that a size cannot be told of. */
export function componentsOf(target: string): readonly Values[] | undefined {
  const [path = ''] = target.split('?');
  const after = /^(?:\/[^/]+)?\/(?:image\/(?:upload|private|authenticated|fetch)|iu|images|private_images)\/(.*)$/.exec(
    path,
  )?.[1];
  if (after === undefined) return undefined;
  const segments = after.replace(/^s--[^/]*--\//, '').split('/');
  const end = segments.findIndex((segment) => /^v\d+$|^https?:/.test(segment) || !/^(?:[a-z]{1,3}_|\$)/.test(segment));
  const components = segments.slice(0, end < 0 ? -1 : Math.min(end, segments.length - 1));
  const text = decodeURIComponent(components.join('/'));
  if (unforeseen.test(text)) return undefined;
  return text.split('/').map((component) => new Map(component.split(',').map(pairOf)));
}

function pairOf(part: string): [string, string] {
  const at = part.indexOf('_');
  return [part.slice(0, at), part.slice(at + 1)];
}

/** The size of a picture after all of its components, as Cloudinary's documents say it. */
export function cloudinarySize(components: readonly Values[], source: Size): Size | undefined {
  const alone = components.findLast((one) => one.has('dpr') && !one.has('w') && !one.has('h'))?.get('dpr');
  let size: Size | undefined = source;
  for (const one of components) {
    if (size === undefined) return undefined;
    size = afterComponent(
      one,
      size,
      numberIn(one.get('dpr')) ?? (one.get('c') === 'crop' ? 1 : (numberIn(alone) ?? 1)),
    );
  }
  return size && { width: Math.round(size.width), height: Math.round(size.height) };
}

function numberIn(text: string | undefined): number | undefined {
  const number = text === 'auto' ? 1 : Number(text);
  return text === undefined || !Number.isFinite(number) ? undefined : number;
}

function afterComponent(one: Values, before: Size, dpr: number): Size | undefined {
  const turned = afterTurn(one.get('a'), before);
  if (turned === undefined) return undefined;
  const sized = /^(?:blur|pixelate)_region/.test(one.get('e') ?? '') ? turned : resized(one, turned, Math.min(4, dpr));
  const border = Math.round(Number(/^(\d+)px/.exec(one.get('bo') ?? '')?.[1] ?? 0) * Math.min(4, dpr));
  return sized && { width: sized.width + 2 * border, height: sized.height + 2 * border };
}

function afterTurn(angle: string | undefined, { width, height }: Size): Size | undefined {
  const words = (angle ?? '').split('.').filter((word) => /^-?\d+$/.test(word));
  if (/auto_|ignore/.test(angle ?? '')) return undefined;
  const radians = (words.reduce((sum, word) => sum + Number(word), 0) * Math.PI) / 180;
  if (words.length === 0) return { width, height };
  const [cosine, sine] = [Math.abs(Math.cos(radians)), Math.abs(Math.sin(radians))];
  return { width: width * cosine + height * sine, height: width * sine + height * cosine };
}

function resized(one: Values, current: Size, dpr: number): Size | undefined {
  const mode = one.get('c') ?? 'scale';
  const side = (key: 'w' | 'h', whole: number) => {
    const text = one.get(key);
    if (text === undefined) return undefined;
    return text.includes('.') ? Number(text) * whole : Number(text) * dpr;
  };
  const [width, height] = [side('w', current.width), side('h', current.height)];
  const ratio = ratioIn(one.get('ar'));
  if (Number.isNaN(width) || Number.isNaN(height)) return undefined;
  if (/^(?:auto_pad|fill_pad|imagga_)/.test(mode)) return width && height ? { width, height } : undefined;
  if (/face|custom/.test(one.get('g') ?? '') && width === undefined && height === undefined) return undefined;
  return inMode(mode, boxOf({ width, height, ratio }, mode, current), current);
}

function ratioIn(text: string | undefined): number | undefined {
  const [across = '', down = '1'] = (text ?? '').split(':');
  return text === undefined ? undefined : Number(across) / Number(down);
}

type Box = { readonly width: number | undefined; readonly height: number | undefined };

/** The box that is asked for: a ratio gives the side that is missing, or the largest box of its shape in the picture. */
function boxOf(
  { width, height, ratio }: Box & { readonly ratio: number | undefined },
  mode: string,
  current: Size,
): Box {
  if (ratio === undefined || (width !== undefined && height !== undefined)) return { width, height };
  if (width !== undefined) return { width, height: width / ratio };
  if (height !== undefined) return { width: height * ratio, height };
  const isWide = current.width / current.height > ratio;
  const [across, down] = [
    isWide ? current.height * ratio : current.width,
    isWide ? current.height : current.width / ratio,
  ];
  const grows = ['pad', 'lpad', 'mpad', 'mfit'].includes(mode);
  if (!grows) return { width: across, height: down };
  return isWide
    ? { width: current.width, height: current.width / ratio }
    : { width: current.height * ratio, height: current.height };
}

function inMode(mode: string, { width, height }: Box, current: Size): Size | undefined {
  if (width === undefined && height === undefined) return current;
  const [across, down] = [(width ?? Infinity) / current.width, (height ?? Infinity) / current.height];
  const by = (factor: number): Size => ({ width: current.width * factor, height: current.height * factor });
  const fitted = Math.min(across, down);
  if (mode === 'crop') {
    return {
      width: Math.min(width ?? current.width, current.width),
      height: Math.min(height ?? current.height, current.height),
    };
  }
  if (mode === 'limit') return by(Math.min(1, fitted));
  if (mode === 'mfit') return by(Math.max(1, fitted));
  if (width === undefined || height === undefined) {
    return ['lfill', 'lpad'].includes(mode)
      ? by(Math.min(1, fitted))
      : mode === 'mpad'
        ? by(Math.max(1, fitted))
        : by(fitted);
  }
  if (mode === 'fit') return by(fitted);
  if (mode === 'mpad') return across > 1 || down > 1 ? undefined : current;
  if (mode !== 'lfill') return { width, height };
  const factor = Math.min(1, Math.max(across, down));
  return { width: Math.min(width, current.width * factor), height: Math.min(height, current.height * factor) };
}

import { mediaTypeOf } from '../formats.ts';
import { type Step, writeStep } from './step.ts';

/** Signs the text of a URL: what stands before it in the path, as `createSigner` of `fovea/url/sign` makes it. */
export type Signer = (text: string) => string;

export interface UrlOptions extends Step {
  /** Steps before the one that the options themselves are. */
  readonly steps?: readonly Step[];
  /** Changes the URL when the picture behind the key changed; the server does not look at it. */
  readonly version?: number;
  /** Where the server is, such as `https://img.example.com`; empty for a path. */
  readonly base?: string;
  readonly sign?: Signer;
}

/** First segments that mean something else than a folder of the key. */
const taken = /^(?:image|video|raw|iu|images|private_images|authenticated_images|cdn-cgi|_ipx|_next|_|-|v\d+|[sx]-.*)$/;

/**
 * The URL of a picture as these options make it: `url('folder/a.jpg', { width: 400, height: 300 })`. A slash before the key is
 * taken for the site's. Throws a TypeError for an option that there is not, and for a value that none has.
 */
export function url(given: string, options: UrlOptions = {}): string {
  const key = given.replace(/^\/+/, '');
  const { steps = [], version, base = '', sign, ...step } = options;
  const components = [...steps, step].map(writeStep).filter((component) => component !== '');
  const id = writeKey(key);
  const transformation = components.map((component) => `${component}/`).join('');
  const isAmbiguous = needsVersion(key, components.length > 0);
  // A signature says where the id begins, too, when it could be taken for something else; the number is nothing to it.
  const signature = sign === undefined ? '' : `${sign(`${transformation}${isAmbiguous ? 'v1/' : ''}${id}`)}/`;
  const v = version ?? (isAmbiguous ? 1 : undefined);
  return `${base.replace(/\/+$/, '')}/${signature}${transformation}${v === undefined ? '' : `v${v}/`}${id}`;
}

function writeKey(key: string): string {
  const segments = key.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw new TypeError(`A key has segments between single slashes, none of them "." or ".."; got "${key}".`);
  }
  return segments.map((segment) => encodeURIComponent(segment).replaceAll('%3A', ':')).join('/');
}

/** True when the key's first folder could be taken for something else: `v1/` ends the transformation before it. */
function needsVersion(key: string, hasComponents: boolean): boolean {
  const slash = key.indexOf('/');
  if (slash < 0) return !hasComponents && taken.test(key);
  // Without a transformation the folder comes first, where the server may have names of its own.
  return !hasComponents || /[_$&]/.test(key.slice(0, slash)) || taken.test(key.slice(0, slash));
}

/** Widths that suit common screens; all are on the server's standard ladder. */
export const standardWidths: readonly number[] = [320, 480, 640, 828, 960, 1200, 1600, 1920, 2560, 3840];

export interface SrcsetOptions extends UrlOptions {
  /** One candidate for each, as wide as this; heights follow in proportion. */
  readonly widths?: readonly number[];
  /** One candidate for each pixel density, of the size given; in place of `widths`. */
  readonly densities?: readonly number[];
}

/** The value of a `srcset` attribute. */
export function srcset(key: string, options: SrcsetOptions = {}): string {
  const { widths = standardWidths, densities, ...rest } = options;
  checkSizes({ widths, densities });
  if (densities !== undefined) {
    return densities.map((dpr) => `${url(key, { ...rest, dpr })} ${dpr}x`).join(', ');
  }
  return widths.map((width) => `${url(key, { ...rest, ...sized(rest, width) })} ${width}w`).join(', ');
}

/** For who writes without types. */
function checkSizes(lists: Readonly<Record<'widths' | 'densities', readonly number[] | undefined>>): void {
  for (const [name, list] of Object.entries(lists)) {
    if (list === undefined || (Array.isArray(list) && list.length > 0 && list.every((size) => size > 0))) continue;
    throw new TypeError(`${name}: expected a list of numbers above 0, got ${JSON.stringify(list)}.`);
  }
}

function sized({ width, height }: UrlOptions, next: number): Pick<Step, 'width' | 'height'> {
  if (typeof width !== 'number' || typeof height !== 'number') return { width: next };
  return { width: next, height: Math.max(1, Math.round((height * next) / width)) };
}

export interface PictureOptions extends SrcsetOptions {
  /** Modern formats, best first, each in a `source` of its own. */
  readonly formats?: readonly ('avif' | 'webp')[];
  /** The `sizes` attribute: how wide the page shows the picture. */
  readonly sizes?: string;
}

/** What a `picture` element is made of: attributes of its sources and of the `img` in it. */
export interface Picture {
  readonly sources: readonly { readonly type: string; readonly srcset: string; readonly sizes?: string }[];
  readonly img: {
    readonly src: string;
    readonly srcset: string;
    readonly sizes?: string;
    readonly width?: number;
    readonly height?: number;
  };
}

/** Attributes of a `picture` element whose browser chooses the format, for pages that a cache cannot negotiate for. */
export function picture(key: string, options: PictureOptions = {}): Picture {
  const { formats = ['avif', 'webp'], sizes, widths, densities, ...rest } = options;
  const list = { ...rest, ...(widths && { widths }), ...(densities && { densities }) };
  const fallback = { ...list, format: rest.format ?? 'jpg' };
  const shown = sizes === undefined ? {} : { sizes };
  const { width, height } = rest;
  return {
    sources: formats.map((format) => ({
      type: mediaTypeOf(format),
      srcset: srcset(key, { ...list, format }),
      ...shown,
    })),
    img: {
      src: url(key, { ...rest, format: fallback.format }),
      srcset: srcset(key, fallback),
      ...shown,
      ...(typeof width === 'number' && Number.isInteger(width) && { width }),
      ...(typeof height === 'number' && Number.isInteger(height) && { height }),
    },
  };
}

/**
 * The same functions with options that count wherever a call does not say otherwise.
 *
 * @example
 * const { url, srcset } = createUrls({ base: 'https://img.example.com', format: 'auto', quality: 'auto' });
 * url('cats/tom.jpg', { width: 400 });
 * srcset('cats/tom.jpg', { widths: [400, 800], crop: 'limit' });
 */
export function createUrls(defaults: UrlOptions) {
  return {
    url: (key: string, options: UrlOptions = {}) => url(key, { ...defaults, ...options }),
    srcset: (key: string, options: SrcsetOptions = {}) => srcset(key, { ...defaults, ...options }),
    picture: (key: string, options: PictureOptions = {}) => picture(key, { ...defaults, ...options }),
  };
}

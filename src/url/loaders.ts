import { formatOf } from './step.ts';
import { type UrlOptions, url } from './url.ts';

const automatic = { crop: 'limit', format: 'auto', quality: 'auto' } as const;

/** A key from the `src` of a page: a key itself, with a slash before it or without, or the URL of an original. */
function keyOf(src: string, base = ''): string {
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(src)) return src;
  const root = `${base.replace(/\/+$/, '')}/`;
  if (root !== '/' && src.startsWith(root)) return decodeURIComponent(src.slice(root.length).replace(/[?#].*$/s, ''));
  const below = base === '' ? '' : `, or a URL below ${base}`;
  throw new TypeError(`Expected the key of a picture${below}; got "${src}".`);
}

/** A loader for next/image: `<Image loader={createNextLoader({ base })} …>`, or the default export of `loaderFile`. */
export function createNextLoader(defaults: UrlOptions = {}) {
  return ({ src, width, quality }: { src: string; width: number; quality?: number }): string =>
    url(keyOf(src, defaults.base), { ...automatic, ...defaults, width, ...(quality !== undefined && { quality }) });
}

interface UnpicOperations {
  readonly width?: number | string | undefined;
  readonly height?: number | string | undefined;
  readonly format?: string | undefined;
  readonly quality?: number | string | undefined;
}

/** A transformer for unpic: `<Image transformer={createUnpicTransformer({ base })} …>` of the base components. */
export function createUnpicTransformer(defaults: UrlOptions = {}) {
  return (src: string | URL, { width, height, format, quality }: UnpicOperations): string => {
    const isBoth = width !== undefined && height !== undefined;
    return url(keyOf(String(src), defaults.base), {
      ...automatic,
      ...(isBoth && { crop: 'fill' }),
      ...defaults,
      ...(width !== undefined && { width: Math.round(Number(width)) }),
      ...(height !== undefined && { height: Math.round(Number(height)) }),
      ...(format !== undefined && { format: formatOf(format) }),
      ...(quality !== undefined && { quality }),
    });
  };
}

import { type UrlOptions, url } from './url.ts';

const automatic = { crop: 'limit', format: 'auto', quality: 'auto' } as const;

/** A key from the `src` of a page: a slash before it is not part of it. */
function keyOf(src: string): string {
  return src.replace(/^\/+/, '');
}

/** A loader for next/image: `<Image loader={createNextLoader({ base })} …>`, or the default export of `loaderFile`. */
export function createNextLoader(defaults: UrlOptions = {}) {
  return ({ src, width, quality }: { src: string; width: number; quality?: number }): string =>
    url(keyOf(src), { ...automatic, ...defaults, width, ...(quality !== undefined && { quality }) });
}

interface UnpicOperations {
  readonly width?: number | string | undefined;
  readonly height?: number | string | undefined;
  readonly format?: string | undefined;
  readonly quality?: number | string | undefined;
}

/** A transformer for unpic: `<Image transformer={createUnpicTransformer({ base })} …>` of the base components. */
export function createUnpicTransformer(defaults: UrlOptions = {}) {
  return (src: string | URL, { width, height, quality }: UnpicOperations): string => {
    const isBoth = width !== undefined && height !== undefined;
    return url(keyOf(String(src)), {
      ...automatic,
      ...(isBoth && { crop: 'fill' }),
      ...defaults,
      ...(width !== undefined && { width: Math.round(Number(width)) }),
      ...(height !== undefined && { height: Math.round(Number(height)) }),
      ...(quality !== undefined && { quality }),
    });
  };
}

import type { ConfigurationFile } from '../../src/config/index.ts';
import type { Size } from '../../src/grammar/index.ts';

/** A program whose URLs are asked of a running server. */
export interface System {
  readonly name: string;
  /** The names under which lists have its URLs. */
  readonly lists: readonly string[];
  /** How fovea is told of it. */
  readonly file: Partial<ConfigurationFile>;
  /** Of the URLs that the program itself would draw, and that are not beyond us, so many are answered. */
  readonly leastShare: number;
  /** True for what is no picture's URL, what the program itself refuses, and what needs what we have not (detectors, videos). */
  readonly isBeyond: (target: string) => boolean;
  /**
   * The size that the program's documents say a picture of this source has, worked out apart from our own code; undefined where it
   * hangs on the content, or cannot be said.
   */
  readonly sizeOf: (target: string, source: Size) => Size | undefined;
}

/** Path and query of a URL, as a client asks for them: it escapes what may not stand there. */
export function targetOf(url: string): string {
  const target = url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/#.*$/, '');
  const escaped = target.replace(/[^\x21-\x7e]+/g, (run) => encodeURIComponent(run));
  return escaped.startsWith('/') ? escaped : `/${escaped}`;
}

/** As large as fits into the box, and never larger than it was; a side of 0 is left to the other. */
export function limited({ width, height }: Size, source: Size): Size {
  const factor = Math.min(1, (width || Infinity) / source.width, (height || Infinity) / source.height);
  return { width: Math.round(source.width * factor), height: Math.round(source.height * factor) };
}

/** What the box and the picture have in common, once the picture covers it without being made larger. */
export function covering({ width, height }: Size, source: Size): Size {
  const factor = Math.min(1, Math.max(width / source.width, height / source.height));
  return {
    width: Math.min(width, Math.round(source.width * factor)),
    height: Math.min(height, Math.round(source.height * factor)),
  };
}

import { outputExtensions } from '../formats.ts';
import type { CropMode } from './parameters/crop.ts';

/** What a deployment decides about the URL language. */
export interface GrammarOptions {
  /** First path segments that are dropped when an asset type follows (`/<account>/image/upload/…`). */
  readonly accountNames: readonly string[];
  /** The crop mode of a size without `c_` in the short form; the long form keeps `scale`. */
  readonly defaultCrop: Extract<CropMode, 'scale' | 'fill' | 'fit' | 'limit'>;
  /** Extensions tried, in order, when an id without one names no original. */
  readonly extensions: readonly string[];
  /** Named transformations: what `t_<name>` stands for. */
  readonly presets: Readonly<Record<string, string>>;
  /** Paths of one's own: a pattern such as `/resized/:w/:key`, and the transformation it stands for (`c_limit,w_:w`). */
  readonly aliases: Readonly<Record<string, string>>;
  /** Other programs' dialects that are read too. */
  readonly dialects: readonly DialectName[];
  /** Hosts that pictures may be fetched from: `a.example`, `*.a.example`, `http://a.example:8080`. None: no fetching. */
  readonly fetchHosts: readonly string[];
}

/**
 * Whose URLs are read beside our own. `query` and `imagekit` give a meaning to the query string, which otherwise is
 * ignored, so they are off unless asked for.
 */
export const dialectNames = ['ipx', 'cloudflare', 'next', 'query', 'imagekit'] as const;
export type DialectName = (typeof dialectNames)[number];

/** The grammar without any configuration. */
export const defaultGrammarOptions: GrammarOptions = {
  accountNames: [],
  defaultCrop: 'fill',
  extensions: outputExtensions,
  presets: {},
  aliases: {},
  dialects: ['ipx', 'cloudflare', 'next'],
  fetchHosts: [],
};

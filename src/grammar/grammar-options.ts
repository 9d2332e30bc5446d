import type { CropMode } from './transform.ts';

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
}

/** The grammar without any configuration. */
export const defaultGrammarOptions: GrammarOptions = {
  accountNames: [],
  defaultCrop: 'fill',
  extensions: ['jpg', 'jpeg', 'png', 'webp', 'avif', 'gif'],
  presets: {},
};

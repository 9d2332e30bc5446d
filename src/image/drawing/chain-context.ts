import type { Facts, Size } from '../formats/facts.ts';
import type { RenderJob } from '../protocol/job.ts';

/** A layer's picture, as it lies in the store. */
export interface LayerFile {
  readonly facts: Facts;
  readonly file: Buffer;
}

/** By the ids that layers name. */
export type LayerFiles = ReadonlyMap<string, LayerFile>;

/** What every component of a chain may look at. */
export interface ChainContext {
  readonly limits: RenderJob['limits'];
  /** Size of the original, upright: what `iw` and `ih` stand for. */
  readonly start: Size;
  /** What shares of a width or height are of, where it is not the picture itself (`fl_relative`). */
  readonly shares: Size | undefined;
  readonly layers: LayerFiles;
}

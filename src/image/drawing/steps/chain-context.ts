import type { Size } from '../../containers/facts.ts';
import type { RenderJob } from '../../protocol/job.ts';
import type { LayerFiles } from '../open/files.ts';

/** What every component of a chain may look at. */
export interface ChainContext {
  readonly limits: RenderJob['limits'];
  /** Size of the original, upright: what `iw` and `ih` stand for. */
  readonly start: Size;
  /** What shares of a width or height are of, where it is not the picture itself (`fl_relative`). */
  readonly shares: Size | undefined;
  readonly layers: LayerFiles;
  readonly vectorFonts: RenderJob['vectorFonts'];
}

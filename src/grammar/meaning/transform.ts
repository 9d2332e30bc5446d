import type { Condition } from '../parameters/condition.ts';
import type { Effect } from '../parameters/effects.ts';
import type { OutputFlag } from '../parameters/flags.ts';
import type { Gravity } from '../parameters/gravity.ts';
import type { LayerSource } from '../parameters/layer-source.ts';
import type { Length } from '../parameters/lengths.ts';
import type { ColourSpace, Quality, RequestedFormat, TargetFormat } from '../parameters/output.ts';
import type { ComponentValues, StepParameterName } from '../parameters/table.ts';

export interface Layer {
  readonly source: LayerSource;
  readonly position: 'over' | 'under';
  /** What happens to the layer before it is placed. */
  readonly steps: readonly Component[];
  readonly gravity?: Gravity;
  readonly x?: Length;
  readonly y?: Length;
  readonly blend?: 'over' | 'multiply' | 'screen' | 'overlay';
  readonly relative?: boolean;
  readonly tiled?: boolean;
  readonly noOverflow?: boolean;
}

/** What the parameters of a step say, once `auto` sizes and blend modes have found their places. */
type StepValues = Pick<ComponentValues, Exclude<StepParameterName, 'width' | 'effect'>>;

/** Steps of which those happen that a condition says, of the picture as it is there. */
export interface Choice<Step> {
  readonly when: Condition;
  readonly met: readonly Step[];
  readonly unmet: readonly Step[];
}

/**
 * One component of the chain: a value for each parameter of the table that is about steps. Within a component the order of
 * work is fixed, whatever order was written:
 * angle → crop/size → effect → opacity → radius → mask → border → background → layer.
 * `crop` is set whenever width, height or aspectRatio is.
 */
export interface Component extends Partial<StepValues> {
  readonly width?: Length;
  readonly effect?: Effect;
  readonly ignoreAspectRatio?: boolean;
  readonly layer?: Layer;
  /** Stands for itself, beside nothing else; decided by the original before anything is laid out. */
  readonly choice?: Choice<Component>;
}

/** What only the response shows: headers, not bytes. Never part of a variant's key. */
export interface DeliveryHints {
  /** `fl_attachment`: Content-Disposition attachment, with a file name when one was given. */
  readonly attachment?: { readonly filename?: string };
  /** `d_…`: the key of the picture to use when the original is missing. */
  readonly defaultImage?: string;
}

/** A component as asked for. */
export interface RequestedStep extends Component {
  readonly dpr?: number | 'auto';
  readonly autoWidth?: boolean;
  readonly choice?: Choice<RequestedStep>;
}

/** A transformation as asked for: `auto` values not decided yet. */
export interface Transform {
  readonly steps: readonly RequestedStep[];
  /**
   * undefined: the stored format (the extension of the URL is already taken into account). `auto` is negotiated;
   * `auto-avif` and its like are written `f_auto:avif`: the outcome of a negotiation, named.
   */
  readonly format?: RequestedFormat;
  readonly quality?: Quality;
  /** A dpr in a component of its own: multiplies the sizes of all components but `crop`. */
  readonly dpr?: number | 'auto';
  readonly flags: readonly OutputFlag[];
  /** First page is 1. */
  readonly page?: number;
  readonly density?: number;
  /** Of the file. */
  readonly maxBytes?: number;
  readonly colourSpace?: ColourSpace;
  readonly delivery: DeliveryHints;
}

/** A transformation with nothing left to negotiate: a pure function of it and the original's version is the picture. */
export interface ResolvedTransform {
  /** dpr is folded into the sizes. */
  readonly steps: readonly Component[];
  readonly format: TargetFormat;
  readonly quality: Quality | undefined;
  readonly flags: readonly OutputFlag[];
  readonly page: number | undefined;
  readonly density: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly colourSpace: ColourSpace | undefined;
}

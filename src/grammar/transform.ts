import type { ImageFormat } from '../formats.ts';

export const cropModes = [
  'scale',
  'fit',
  'limit',
  'mfit',
  'fill',
  'lfill',
  'outside',
  'loutside',
  'pad',
  'lpad',
  'mpad',
  'crop',
  'thumb',
  'auto',
] as const;
export type CropMode = (typeof cropModes)[number];

export const compassPoints = [
  'north_west',
  'north',
  'north_east',
  'west',
  'center',
  'east',
  'south_west',
  'south',
  'south_east',
] as const;
export type CompassPoint = (typeof compassPoints)[number];

/** A place in a picture, as shares of its width and height from the top left. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Where a crop looks. `face`, `faces` and `custom` fall back when nothing is known about the picture:
 * to north (`fallback` undefined), or to what `:center` / `:auto` asked for.
 */
export type Gravity =
  | { readonly kind: 'compass'; readonly point: CompassPoint }
  | { readonly kind: 'point' }
  | { readonly kind: 'auto' }
  | { readonly kind: 'face'; readonly all: boolean; readonly fallback: 'north' | 'center' | 'auto' }
  /** `at` is filled in when a picture's focal point is known; no URL says it. */
  | { readonly kind: 'custom'; readonly fallback: 'north' | 'center' | 'auto'; readonly at?: Point };

/** Quantities a size expression may name: of the original (`i…`) or of the current picture. */
export type SizeVariable = 'iw' | 'ih' | 'iar' | 'w' | 'h' | 'ar';
export type ArithmeticOperator = 'add' | 'sub' | 'mul' | 'div' | 'mod' | 'pow';
export type Operand = number | SizeVariable;

/** A length as written: whole pixels, a share of the current picture (`0.5`), or left-to-right arithmetic (`iw_div_2`). */
export type Length =
  | { readonly unit: 'pixels'; readonly value: number }
  | { readonly unit: 'share'; readonly value: number }
  | {
      readonly unit: 'expression';
      readonly first: Operand;
      readonly rest: readonly { readonly operator: ArithmeticOperator; readonly operand: Operand }[];
    };

/** Lower-case hexadecimal `rrggbb`, or `rrggbbaa` when not opaque. */
export type Colour = string;

export type Background =
  | { readonly kind: 'colour'; readonly colour: Colour }
  /** The dominant colour of the border (or of the whole picture: `predominant`). */
  | { readonly kind: 'auto'; readonly from: 'border' | 'predominant' }
  | { readonly kind: 'blurred'; readonly intensity: number; readonly brightness: number };

export type Radius =
  | { readonly kind: 'max' }
  /** Pixels, clockwise from the top left. */
  | { readonly kind: 'corners'; readonly corners: readonly [number, number, number, number] };

export interface Angle {
  /** EXIF orientation is applied unless this is set. */
  readonly ignoreExif?: boolean;
  /** Clockwise, 0 ≤ degrees < 360. */
  readonly degrees: number;
  readonly flipHorizontal?: boolean;
  readonly flipVertical?: boolean;
  /** Turn by 90° that way only when the requested and the real orientation disagree. */
  readonly auto?: 'left' | 'right';
}

export const effectNames = [
  'blur',
  'grayscale',
  'sharpen',
  'pixelate',
  'trim',
  'brightness',
  'contrast',
  'saturation',
  'hue',
  'gamma',
  'vibrance',
  'sepia',
  'blackwhite',
  'negate',
  'colorize',
  'tint',
  'auto_brightness',
  'auto_contrast',
  'auto_color',
  'unsharp_mask',
  'opacity_threshold',
  'vignette',
  'shadow',
  'improve',
] as const;
export type EffectName = (typeof effectNames)[number];

export interface Effect {
  readonly name: EffectName;
  /** Always set where the effect has a strength: the parser fills in the default. */
  readonly amount?: number;
  readonly colour?: Colour;
}

export interface Border {
  readonly width: number;
  readonly colour: Colour;
}

/** What an overlay shows. Ids are keys of the originals. */
export type LayerSource =
  | { readonly kind: 'image'; readonly id: string }
  | {
      readonly kind: 'text';
      readonly font: string;
      /** Pixels. */
      readonly size: number;
      /** Sorted, without repeats: `bold`, `italic`, `underline`, `letter_spacing_4`, … */
      readonly styles: readonly string[];
      readonly text: string;
      /** Of the letters (`co_`); black when absent. */
      readonly colour?: Colour;
    };

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

/**
 * One component of the chain. Within a component the order of work is fixed, whatever order was written:
 * angle → crop/size → effect → opacity → radius → border → background → layer.
 */
export interface Component {
  readonly angle?: Angle;
  /** Set whenever width, height or aspectRatio is. */
  readonly crop?: CropMode;
  readonly width?: Length;
  readonly height?: Length;
  /** Width over height. */
  readonly aspectRatio?: number;
  readonly gravity?: Gravity;
  readonly x?: Length;
  readonly y?: Length;
  readonly zoom?: number;
  readonly ignoreAspectRatio?: boolean;
  readonly effect?: Effect;
  /** 0–100. */
  readonly opacity?: number;
  readonly radius?: Radius;
  readonly border?: Border;
  readonly background?: Background;
  readonly layer?: Layer;
}

export type QualityLevel = 'best' | 'good' | 'eco' | 'low';
export type Quality =
  | { readonly kind: 'fixed'; readonly value: number; readonly chroma?: '420' | '444' }
  | { readonly kind: 'auto'; readonly level: QualityLevel };

/** Flags that decide bytes, sorted by name in the canonical form; `progressive` keeps its level. */
export const outputFlags = [
  'animated',
  'any_format',
  'awebp',
  'apng',
  'force_icc',
  'force_strip',
  'getinfo',
  'keep_attribution',
  'keep_iptc',
  'lossy',
  'png8',
  'png24',
  'png32',
  'preserve_transparency',
  'progressive',
  'progressive:none',
  'progressive:semi',
  'progressive:steep',
  'strip_profile',
] as const;
export type OutputFlag = (typeof outputFlags)[number];

/** What only the response shows: headers, not bytes. Never part of a variant's key. */
export interface DeliveryHints {
  /** `fl_attachment`: Content-Disposition attachment, with a file name when one was given. */
  readonly attachment?: { readonly filename?: string };
  /** `d_…`: the key of the picture to use when the original is missing. */
  readonly defaultImage?: string;
}

/** A transformation as asked for: `auto` values not decided yet. */
export interface Transform {
  readonly steps: readonly (Component & { readonly dpr?: number | 'auto'; readonly autoWidth?: boolean })[];
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
  readonly colourSpace?: 'srgb' | 'copy';
  readonly delivery: DeliveryHints;
}

/**
 * What the output format is decided to be. `auto-…` names the best the client takes; which of its family is written
 * (PNG for alpha, GIF or WebP for animation, JPEG else) follows from the original alone, so equal targets mean equal
 * bytes. `source` keeps the stored format where we can write it, and else the nearest one that loses nothing.
 */
export type TargetFormat = ImageFormat | 'auto-avif' | 'auto-webp' | 'auto-basic' | 'source';

/** What a URL may ask for as the output format. */
export type RequestedFormat = Exclude<TargetFormat, 'source'> | 'auto';

/** A transformation with nothing left to negotiate: a pure function of it and the original's version is the picture. */
export interface ResolvedTransform {
  /** dpr is folded into the sizes. */
  readonly steps: readonly Component[];
  readonly format: TargetFormat;
  readonly quality: Quality | undefined;
  readonly flags: readonly OutputFlag[];
  readonly page: number | undefined;
  readonly density: number | undefined;
  readonly colourSpace: 'srgb' | 'copy' | undefined;
}

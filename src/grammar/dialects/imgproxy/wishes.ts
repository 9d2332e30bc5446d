/** Where something lies: a compass point of ours, `auto`, `point`, or a detector's class. */
export interface Place {
  readonly gravity: string;
  readonly x: number;
  readonly y: number;
}

export interface Extension {
  readonly isOn: boolean;
  readonly place: Place | undefined;
}

/** What the options of one pipeline ask for, whatever order they were written in. */
export interface Wishes {
  type?: 'fit' | 'fill' | 'fill-down' | 'force' | 'auto';
  width?: number;
  height?: number;
  minWidth?: number;
  minHeight?: number;
  zoom?: readonly [number, number];
  dpr?: number;
  enlarge?: boolean;
  extend?: Extension;
  extendRatio?: Extension;
  place?: Place;
  crop?: { readonly width: number; readonly height: number; readonly place: Place | undefined };
  cropRatio?: number;
  trim?: { readonly tolerance: number; readonly colour: string; readonly equal: string | undefined };
  padding?: readonly [top: number, right: number, bottom: number, left: number];
  autoRotate?: boolean;
  rotate?: number;
  flips?: readonly string[];
  background?: string | undefined;
  backgroundAlpha?: number;
  blur?: number;
  sharpen?: number;
  pixelate?: number;
  /** Of faces alone. */
  blurFaces?: number;
  brightness?: number;
  contrast?: number;
  saturation?: number;
  monochrome?: { readonly share: number; readonly colour: string | undefined };
  colorize?: { readonly share: number; readonly colour: string };
  watermark?: {
    readonly opacity: number;
    readonly position: string;
    readonly x: number;
    readonly y: number;
    readonly scale: number;
  };
  watermarkSource?: string;
  watermarkSize?: readonly [number, number];
  watermarkAngle?: number;
  keepsCopyright?: boolean;
  keepsProfile?: boolean;
  density?: number;
  quality?: number;
  qualities?: ReadonlyMap<string, number>;
  maxBytes?: number;
  flags?: readonly string[];
  format?: string;
  page?: number;
  isStill?: boolean;
  skipped?: readonly string[];
  isRaw?: boolean;
  expires?: number;
  filename?: string;
  isAttachment?: boolean;
  fallback?: string;
  presets?: readonly string[];
}

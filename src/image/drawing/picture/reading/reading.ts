/** How numbers are read that sharp takes for sRGB and that are something else. */
export interface Reading {
  /** What is asked for: 8 or 16 bits a sample. */
  readonly depth: 'uchar' | 'ushort';
  /** Whether pixels may be scaled before they are read, so that fewer have to be. */
  readonly canScaleFirst: boolean;
  /** Of Display P3, if it reads as that, and not as sRGB. */
  readonly profile?: Buffer;
  /** Reads pixels of three or four samples, the fourth being alpha, as 8 bits of sRGB each. */
  readonly toPixels: (samples: Samples, channels: 3 | 4) => Buffer;
}

/** Of 8 or of 16 bits. */
export type Samples = Uint8Array | Uint16Array;

import type { SourceFormat } from '../../formats.ts';
import type { Size } from '../../grammar/index.ts';
import type { Encoding } from './encoding.ts';

export type { Size, SourceFormat };

/** A rectangle inside a picture, in whole pixels. */
export interface Box extends Size {
  readonly left: number;
  readonly top: number;
}

/** EXIF orientation: 1 is upright. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

export function isOrientation(value: unknown): value is Orientation {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 8;
}

/** Where the least and the most of a channel lie among its numbers, as shares of the highest. */
export interface Range {
  readonly black: number;
  readonly white: number;
}

/** What drawing a picture of lines and letters takes, which has no pixels of its own. */
export interface Vector {
  /** That are drawn, as often as they are used. */
  readonly elements: number;
  /** Milliseconds for each megapixel that it is drawn on, beside what its elements take. */
  readonly rate: number;
  /** The same where it is drawn in its own size; this grows with the square of the scale. */
  readonly squareRate: number;
  /** Pictures of its size that lie in memory at once. */
  readonly layers: number;
  /** Of its text, without pictures in it. */
  readonly textBytes: number;
  /** Of pictures in it. */
  readonly imagePixels: number;
  /** Of fonts that it names; undefined where nothing is written in it. */
  readonly families: readonly string[] | undefined;
}

/** What an original's header says about it. Nothing here has been decoded. */
export interface Facts {
  readonly format: SourceFormat;
  readonly bytes: number;
  /** As the rows are stored, of one frame. */
  readonly stored: Size;
  readonly orientation: Orientation;
  /** As people see it: `stored` with the orientation applied, or what the file shows of it (AVIF). */
  readonly size: Size;
  /** Frames of an animation; 1 for a still. */
  readonly frames: number;
  /** Whether each of them covers the canvas; known of WebP only. */
  readonly hasFullFrames: boolean;
  /** Whether there are frames beside the picture that no decoder here reads (of AVIF). */
  readonly isSequence: boolean;
  /** Pages of a document that holds several pictures (TIFF); 1 otherwise. */
  readonly pages: number;
  readonly hasAlpha: boolean;
  /** Bits of one channel. */
  readonly bitDepth: number;
  readonly colour: 'rgb' | 'gray' | 'cmyk';
  /** Whether pixels are stored as numbers of colours in a table. */
  readonly hasPalette: boolean;
  /**
   * What the numbers mean where the file says so in other words than a profile's (`srgb`: that, whatever its profile
   * says); undefined leaves it to the profile, or to sRGB where there is none.
   */
  readonly encoding: Encoding | 'srgb' | undefined;
  /** Whether the colours are stored multiplied by the alpha, and the decoder leaves them so. */
  readonly isPremultiplied: boolean;
  /** Where black and white lie, and the decoder leaves them; undefined at the ends. */
  readonly range: Range | undefined;
  /** The same of what is clear and what is opaque among the numbers of alpha. */
  readonly alphaRange: Range | undefined;
  /** Samples stored for each pixel, all channels together: 3 for RGB, 1.5 where colour is kept at a quarter (4:2:0). */
  readonly samplesPerPixel: number;
  /** How the pixels are coded, where it decides what decoding costs; `progressive` is whatever comes in several scans. */
  readonly coding: 'plain' | 'progressive' | 'interlaced' | 'lossless';
  /** False when the file cannot hold the pixels that its header says: too few bytes, or another size inside. */
  readonly holdsItsPixels: boolean;
  /** What kind of picture that is, where no decoder here draws it as it is meant ("TIFF of complex numbers"). */
  readonly unreadKind: string | undefined;
  /** The picture in the file that says how much brighter a screen of high dynamic range shows it (of JPEG). */
  readonly gainMap?: GainMapFacts;
  /** Whether frames are decoded one by one and laid over each other in `lay/`, since the decoder does it otherwise, or not. */
  readonly isLaidHere: boolean;
  /** Undefined for what has pixels. What has none is `stored` as it is to be drawn, and else in its own size. */
  readonly vector: Vector | undefined;
}

/** A gain map: from where to where it lies in the file, and what its header says. */
export interface GainMapFacts {
  readonly start: number;
  readonly end: number;
  readonly facts: Facts;
}

/** How samples are stored beside what they mean. */
export type Storage = Pick<Facts, 'isPremultiplied' | 'range' | 'alphaRange'>;

/** Whether samples are stored as decoders take them to be. */
export function isStoredUsually({ isPremultiplied, range, alphaRange }: Storage): boolean {
  return !isPremultiplied && range === undefined && alphaRange === undefined;
}

/** Whether pixels may be scaled as they are stored: sharp weighs colours by what it takes for their alpha. */
export function canScaleAsStored({ isPremultiplied, alphaRange }: Storage): boolean {
  return !isPremultiplied && alphaRange === undefined;
}

/** Samples of colours and alpha. */
const usualSamples: Readonly<Record<Facts['colour'], number>> = { gray: 2, rgb: 4, cmyk: 5 };

/** Whether pixels have samples beside their colours and their alpha (of TIFF: spot colours, saved selections). */
export function hasOtherSamples({ format, colour, samplesPerPixel }: Facts): boolean {
  return format === 'tiff' && samplesPerPixel > usualSamples[colour];
}

/** A size turned by an orientation: 5 to 8 lie on their side. */
export function orientedSize(stored: Size, orientation: Orientation): Size {
  return orientation >= 5 ? { width: stored.height, height: stored.width } : stored;
}

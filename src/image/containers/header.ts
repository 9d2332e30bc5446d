import { Failure } from '../../failure.ts';
import type { Steps } from '../../turns.ts';
import type { Facts, Size, SourceFormat } from './facts.ts';

/** What the inspector of one format reads; the rest of the facts follows from it. */
export interface Header
  extends Pick<
    Facts,
    | 'stored'
    | 'frames'
    | 'hasFullFrames'
    | 'isSequence'
    | 'pages'
    | 'hasAlpha'
    | 'bitDepth'
    | 'colour'
    | 'hasPalette'
    | 'samplesPerPixel'
    | 'coding'
    | 'holdsItsPixels'
    | 'encoding'
    | 'isPremultiplied'
    | 'range'
    | 'alphaRange'
    | 'unreadKind'
    | 'isLaidHere'
    | 'vector'
  > {
  /** What is shown of `stored` where the file names less of it (AVIF); undefined for all. */
  readonly cut: Size | undefined;
  /** An EXIF block that may name an orientation; undefined where pixels come upright or the file has none. */
  readonly exif: Uint8Array | undefined;
  /** What the header itself says about it, in EXIF's numbers; undefined in formats that leave it to EXIF. */
  readonly orientation: number | undefined;
  /** Metadata that the decoder unpacks, as zlib streams. */
  readonly deflated: readonly Uint8Array[];
  /** Pictures in it, each a file. */
  readonly embedded: readonly Buffer[];
}

/**
 * Reads one format's header; throws a Failure, or a RangeError where the bytes end too early. `page`, from 1, chooses one
 * where each of them has a size and an orientation of its own. What may take long whatever is bounded stands still often.
 */
export type Inspector = (bytes: Buffer, page: number) => Header | Steps<Header>;

/** Frames that are read of an animation: more than any real one has. */
export const mostFrames = 10_000;

/** Bytes of an EXIF block that is looked at for an orientation. */
export const maxExifBytes = 1024 * 1024;

/** Chunks of a PNG or WebP that are looked at in one step: some 2 ms. */
export const chunksPerStep = 4_000;

export const upToNow: Omit<Header, 'stored'> = {
  frames: 1,
  hasFullFrames: false,
  isSequence: false,
  pages: 1,
  hasAlpha: false,
  bitDepth: 8,
  colour: 'rgb',
  hasPalette: false,
  samplesPerPixel: 3,
  coding: 'plain',
  holdsItsPixels: true,
  encoding: undefined,
  isPremultiplied: false,
  range: undefined,
  alphaRange: undefined,
  unreadKind: undefined,
  isLaidHere: false,
  vector: undefined,
  cut: undefined,
  exif: undefined,
  orientation: undefined,
  deflated: [],
  embedded: [],
};

/** Refuses a kind of picture that nothing here draws as it is meant. */
export function checkKind({ unreadKind }: Pick<Facts, 'unreadKind'>): void {
  if (unreadKind !== undefined) throw new Failure('unsupported', `A ${unreadKind} is not read.`);
}

/** Parts a file may have of a kind that real files have few of; each costs the decoder time out of proportion. */
export function tooMany(format: SourceFormat, what: string, most: number): Failure {
  return new Failure(
    'too_large',
    `The picture has too many ${what}: at most ${most} are read in a ${formatNames[format]} file.`,
  );
}

export function broken(format: SourceFormat, what: string): Failure {
  return new Failure('corrupt', `The ${formatNames[format]} file is damaged: ${what}.`);
}

export const formatNames: Readonly<Record<SourceFormat, string>> = {
  jpeg: 'JPEG',
  png: 'PNG',
  webp: 'WebP',
  gif: 'GIF',
  avif: 'AVIF',
  heic: 'HEIC',
  tiff: 'TIFF',
  bmp: 'BMP',
  'vnd.microsoft.icon': 'ICO',
  'svg+xml': 'SVG',
  jxl: 'JPEG XL',
};

/** A size that a picture can have. */
export function pictureSize(format: SourceFormat, width: number, height: number): Size {
  if (width < 1 || height < 1) throw broken(format, `its header says ${width} × ${height} pixels`);
  return { width, height };
}

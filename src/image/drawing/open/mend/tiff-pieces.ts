import type { TiffPage } from './tiff-page.ts';
import { tags } from './tiff-rules.ts';

/** Uncompressed. */
const plain = 1;
const yCbCr = 6;

/** A page's strips or tiles. */
export interface Pieces {
  /** The tag that says how many bytes each has. */
  readonly countsTag: number;
  readonly offsets: readonly number[];
  /** Bytes as they are said; 0 or undefined where nothing is. */
  readonly said: readonly (number | undefined)[];
  /** Bytes that pixels need where they are not compressed; undefined where that is not known. */
  needed(piece: number): number | undefined;
}

/** How a page is divided: pieces of one plane, their width in pixels, and the rows of each. */
interface Division {
  readonly offsetsTag: number;
  readonly countsTag: number;
  readonly count: number;
  readonly width: number;
  rows(piece: number): number;
}

/** Undefined where a page does not say where its pixels are, or not of all. */
export function piecesOf(page: TiffPage): Pieces | undefined {
  const { offsetsTag, countsTag, count, width, rows } = divisionOf(page);
  const isPlanar = page.number(tags.planarConfiguration) === 2;
  const all = isPlanar ? count * page.samples : count;
  const offsets = page.numbers(offsetsTag, all);
  if (offsets.length < all || all === 0) return undefined;
  const bits = (page.number(tags.bitsPerSample) ?? 1) * (isPlanar ? 1 : page.samples);
  const isPlain = (page.number(tags.compression) ?? plain) === plain;
  // Of YCbCr two channels may be stored at a quarter.
  const isKnown = isPlain && page.number(tags.photometric) !== yCbCr;
  return {
    countsTag,
    offsets,
    said: page.numbers(countsTag, all),
    needed: (piece) => (isKnown ? Math.ceil((width * bits) / 8) * rows(piece) : undefined),
  };
}

function divisionOf(page: TiffPage): Division {
  const width = page.number(tags.width) ?? 0;
  const height = page.number(tags.height) ?? 0;
  const tileWidth = page.number(tags.tileWidth);
  const tileLength = page.number(tags.tileLength);
  if (tileWidth && tileLength) {
    return {
      offsetsTag: tags.tileOffsets,
      countsTag: tags.tileByteCounts,
      count: Math.ceil(width / tileWidth) * Math.ceil(height / tileLength),
      width: tileWidth,
      rows: () => tileLength,
    };
  }
  const most = Math.min(page.number(tags.rowsPerStrip) || height, height);
  const down = Math.ceil(height / most);
  return {
    offsetsTag: tags.stripOffsets,
    countsTag: tags.stripByteCounts,
    count: down,
    width,
    rows: (piece) => Math.min(most, height - (piece % down) * most),
  };
}

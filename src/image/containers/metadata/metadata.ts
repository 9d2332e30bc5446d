import { isFailure } from '../../../failure.ts';
import type { SourceFormat } from '../facts.ts';
import { avifBlocks } from './avif-blocks.ts';
import { type Block, type FindBlocks, mostPacketBytes } from './block.ts';
import { gifBlocks } from './gif-blocks.ts';
import { jpegBlocks } from './jpeg-blocks.ts';
import { jxlBlocks } from './jxl-blocks.ts';
import { pngBlocks } from './png-blocks.ts';
import { decodeText } from './text.ts';
import { exifTexts, tiffBlocks } from './tiff-blocks.ts';
import { webpBlocks } from './webp-blocks.ts';

/** What an original says in words, by how it says it. */
export interface Metadata {
  readonly xmp: readonly Buffer[];
  readonly iptc: readonly Buffer[];
  /** Of EXIF, a TIFF's tags or a PNG's texts. */
  readonly creator: string | undefined;
  readonly rights: string | undefined;
}

function* noBlocks(): Generator<Block> {}

const finders: Readonly<Record<SourceFormat, FindBlocks>> = {
  jpeg: jpegBlocks,
  png: pngBlocks,
  webp: webpBlocks,
  gif: gifBlocks,
  avif: avifBlocks,
  heic: avifBlocks,
  tiff: tiffBlocks,
  // They have no words.
  bmp: noBlocks,
  'vnd.microsoft.icon': noBlocks,
  'svg+xml': noBlocks,
  jxl: jxlBlocks,
};

/** Blocks of one kind that are looked at: real files have one or two, and each may take half a second to read. */
const mostBlocks = 3;

/** What an original says of itself. Its pixels are what counts: damage here is no failure, it only ends the search. */
export function findMetadata(format: SourceFormat, file: Buffer, page: number): Metadata {
  const found = findBlocks(format, file, page);
  for (const block of found.exif.slice(0, 2)) collect(exifTexts(block), found);
  const textIn = (blocks: readonly Buffer[]) => blocks.map(decodeText).find((text) => text !== '');
  return { xmp: found.xmp, iptc: found.iptc, creator: textIn(found.creator), rights: textIn(found.rights) };
}

/** The blocks of a file that say something of its picture, as they lie there: a few of each kind. */
export function findBlocks(format: SourceFormat, file: Buffer, page: number): Record<Block['kind'], Buffer[]> {
  const found: Record<Block['kind'], Buffer[]> = { exif: [], xmp: [], iptc: [], creator: [], rights: [] };
  collect(finders[format](file, page), found);
  return found;
}

function collect(blocks: Iterable<Block>, found: Record<Block['kind'], Buffer[]>): void {
  try {
    for (const { kind, bytes } of blocks) {
      if (bytes.length <= mostPacketBytes && found[kind].length < mostBlocks) found[kind].push(bytes);
    }
  } catch (error) {
    // A length that points outside of the file, or more of something than is looked at.
    if (!(error instanceof RangeError) && !isFailure(error)) throw error;
  }
}

import { entriesOf, findPages, openTiff, placeOf, type Tiff } from '../tiff-tags.ts';
import type { Block } from './block.ts';
import { photoshopBlocks } from './photoshop.ts';

const tags = { artist: 315, xmp: 700, copyright: 33_432, iptc: 33_723, photoshop: 34_377, xpAuthor: 40_093 };

/** In a document's tags: of the page that is drawn, then of the first, which speaks for all. */
export function* tiffBlocks(file: Buffer, page: number): Generator<Block> {
  const tiff = openTiff(file);
  const pages = findPages(tiff);
  const own = pages[page - 1];
  if (own !== undefined) yield* directoryBlocks(tiff, own);
  if (page > 1 && pages[0] !== undefined) yield* directoryBlocks(tiff, pages[0]);
}

/** What an EXIF block says about who made the picture. The block's own first directory says it; no other is entered. */
export function* exifTexts(block: Buffer): Generator<Block> {
  const tiff = openTiff(block);
  const [first] = findPages(tiff);
  if (first !== undefined) yield* directoryBlocks(tiff, first);
}

/** Of a tag that is there twice, the first counts: a directory may name the same megabyte thousands of times. */
function* directoryBlocks(tiff: Tiff, at: number): Generator<Block> {
  const left = new Set(Object.values(tags));
  for (const entry of entriesOf(tiff, at)) {
    const { tag } = entry;
    const place = left.delete(tag) ? placeOf(tiff, entry) : undefined;
    if (place === undefined) continue;
    const value = tiff.bytes.subarray(place.from, place.from + place.length);
    if (tag === tags.artist) yield { kind: 'creator', bytes: value };
    if (tag === tags.copyright) yield { kind: 'rights', bytes: value };
    if (tag === tags.xmp) yield { kind: 'xmp', bytes: value };
    if (tag === tags.iptc) yield { kind: 'iptc', bytes: value };
    if (tag === tags.photoshop) yield* photoshopBlocks(value);
    // Windows' own, in UTF-16, which it writes beside the other.
    if (tag === tags.xpAuthor) yield { kind: 'creator', bytes: Buffer.from(value.toString('utf16le')) };
  }
}

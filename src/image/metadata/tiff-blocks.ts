import { directory, findPages, type Layout, layoutOf, read } from '../inspect/tiff.ts';
import type { Block } from './block.ts';
import { photoshopBlocks } from './photoshop.ts';

/** A tag and its value, as it lies there. */
interface Entry {
  readonly tag: number;
  readonly value: Buffer;
}

const tags = { artist: 315, xmp: 700, copyright: 33_432, iptc: 33_723, photoshop: 34_377, xpAuthor: 40_093 };

/** Bytes of a value by its type: numbers of one, two, four and eight bytes, texts of one; other types are passed over. */
const typeBytes: Readonly<Record<number, number>> = {
  ...{ 1: 1, 2: 1, 6: 1, 7: 1, 129: 1, 3: 2, 8: 2, 4: 4, 9: 4, 11: 4, 13: 4 },
  ...{ 5: 8, 10: 8, 12: 8, 16: 8, 17: 8, 18: 8 },
};

/** In a document's tags: of the page that is drawn, then of the first, which speaks for all. */
export function* tiffBlocks(file: Buffer, page: number): Generator<Block> {
  const layout = layoutOf(file);
  const pages = findPages(file, layout);
  const own = pages[page - 1];
  if (own !== undefined) yield* directoryBlocks(file, layout, own);
  if (page > 1 && pages[0] !== undefined) yield* directoryBlocks(file, layout, pages[0]);
}

/** What an EXIF block says about who made the picture. The block's own first directory says it; no other is entered. */
export function* exifTexts(block: Buffer): Generator<Block> {
  const layout = layoutOf(block);
  const [first] = findPages(block, layout);
  if (first !== undefined) yield* directoryBlocks(block, layout, first);
}

function* directoryBlocks(file: Buffer, layout: Layout, at: number): Generator<Block> {
  for (const { tag, value } of entries(file, layout, at)) {
    if (tag === tags.artist) yield { kind: 'creator', bytes: value };
    if (tag === tags.copyright) yield { kind: 'rights', bytes: value };
    if (tag === tags.xmp) yield { kind: 'xmp', bytes: value };
    if (tag === tags.iptc) yield { kind: 'iptc', bytes: value };
    if (tag === tags.photoshop) yield* photoshopBlocks(value);
    // Windows' own, in UTF-16, which it writes beside the other.
    if (tag === tags.xpAuthor) yield { kind: 'creator', bytes: Buffer.from(value.toString('utf16le')) };
  }
}

function* entries(file: Buffer, layout: Layout, at: number): Generator<Entry> {
  const pointerBytes = layout.isBig ? 8 : 4;
  const { entries: count, entryBytes, firstEntry } = directory(file, layout, at);
  for (let index = 0; index < count; index += 1) {
    const entry = firstEntry + index * entryBytes;
    const size = typeBytes[read(file, layout, entry + 2, 2)];
    if (size === undefined) continue;
    const bytes = size * read(file, layout, entry + 4, pointerBytes);
    const field = entry + 4 + pointerBytes;
    const from = bytes <= pointerBytes ? field : read(file, layout, field, pointerBytes);
    yield { tag: read(file, layout, entry, 2), value: file.subarray(from, from + bytes) };
  }
}

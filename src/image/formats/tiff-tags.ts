import { broken, tooMany } from './header.ts';

/** The decoder walks all pages before it draws one. */
const mostPages = 1_000;

/** How a TIFF structure counts and points. */
export interface Layout {
  readonly isLittleEndian: boolean;
  /** BigTIFF counts and points with 8 bytes. */
  readonly isBig: boolean;
  /** Bytes of a count or a pointer. */
  readonly pointerBytes: 4 | 8;
}

/** A tag of a directory, as it lies there. */
export interface TiffEntry {
  readonly tag: number;
  readonly type: number;
  /** How many values it says it has. */
  readonly count: number;
  /** Where its field lies, which is the value or points to it. */
  readonly field: number;
}

export function layoutOf(bytes: Buffer): Layout {
  const isLittleEndian = bytes[0] === 0x49;
  const version = isLittleEndian ? bytes.readUInt16LE(2) : bytes.readUInt16BE(2);
  return version === 43
    ? { isLittleEndian, isBig: true, pointerBytes: 8 }
    : { isLittleEndian, isBig: false, pointerBytes: 4 };
}

export function read(bytes: Buffer, { isLittleEndian }: Layout, at: number, size: number): number {
  if (size === 8) {
    const value = isLittleEndian ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at);
    return Number(value);
  }
  return isLittleEndian ? bytes.readUIntLE(at, size) : bytes.readUIntBE(at, size);
}

/** Where the pointer to the first directory lies. */
export function firstPointer({ isBig }: Layout): number {
  return isBig ? 8 : 4;
}

function directory(bytes: Buffer, layout: Layout, at: number) {
  const count = read(bytes, layout, at, layout.isBig ? 8 : 2);
  if (count > 65_535) throw broken('tiff', 'a page has more than 65535 tags');
  const entryBytes = layout.isBig ? 20 : 12;
  const first = at + (layout.isBig ? 8 : 2);
  return { count, entryBytes, first, link: first + count * entryBytes };
}

/** Where the directory of each page begins. */
export function findPages(bytes: Buffer, layout: Layout): readonly number[] {
  const pages: number[] = [];
  for (let at = read(bytes, layout, firstPointer(layout), layout.pointerBytes); at !== 0; ) {
    // Links in a circle end here too.
    if (pages.length >= mostPages) throw tooMany('tiff', 'pages', mostPages);
    pages.push(at);
    at = read(bytes, layout, directory(bytes, layout, at).link, layout.pointerBytes);
  }
  return pages;
}

/** The tags of the directory that begins there, in the order in which they lie. */
export function* entriesOf(bytes: Buffer, layout: Layout, at: number): Generator<TiffEntry> {
  const { count, entryBytes, first } = directory(bytes, layout, at);
  for (let entry = first; entry < first + count * entryBytes; entry += entryBytes) {
    yield {
      tag: read(bytes, layout, entry, 2),
      type: read(bytes, layout, entry + 2, 2),
      count: read(bytes, layout, entry + 4, layout.pointerBytes),
      field: entry + 4 + layout.pointerBytes,
    };
  }
}

/** Bytes of a value by its type: numbers of one, two, four and eight bytes, texts of one. */
const typeBytes: Readonly<Record<number, number>> = {
  ...{ 1: 1, 2: 1, 6: 1, 7: 1, 129: 1, 3: 2, 8: 2, 4: 4, 9: 4, 11: 4, 13: 4 },
  ...{ 5: 8, 10: 8, 12: 8, 16: 8, 17: 8, 18: 8 },
};

/** Types of whole numbers; those with a sign are read without it, since nothing that is read here has one. */
const wholeTypes: ReadonlySet<number> = new Set([1, 3, 4, 6, 8, 9, 13, 16, 17, 18]);

/** Where a tag's values lie, and their length in bytes; undefined for a type that is not known. */
export function placeOf(bytes: Buffer, layout: Layout, { type, count, field }: TiffEntry) {
  const size = typeBytes[type];
  if (size === undefined) return undefined;
  const length = size * count;
  const from = length <= layout.pointerBytes ? field : read(bytes, layout, field, layout.pointerBytes);
  return { from, length, size };
}

/** The first whole numbers of a tag, `most` at the most; none where it has other values. */
export function wholeNumbers(bytes: Buffer, layout: Layout, entry: TiffEntry, most: number): readonly number[] {
  const place = wholeTypes.has(entry.type) ? placeOf(bytes, layout, entry) : undefined;
  if (place === undefined) return [];
  const { from, size } = place;
  return Array.from({ length: Math.min(entry.count, most) }, (_, index) =>
    read(bytes, layout, from + index * size, size),
  );
}

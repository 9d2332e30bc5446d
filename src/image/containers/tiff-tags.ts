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

/** A TIFF structure: a file, or a block of EXIF. */
export interface Tiff extends Layout {
  readonly bytes: Buffer;
}

export function openTiff(bytes: Buffer): Tiff {
  const isLittleEndian = bytes[0] === 0x49;
  const version = isLittleEndian ? bytes.readUInt16LE(2) : bytes.readUInt16BE(2);
  const isBig = version === 43;
  return { bytes, isLittleEndian, isBig, pointerBytes: isBig ? 8 : 4 };
}

/** A whole number of so many bytes. */
function readNumber({ bytes, isLittleEndian }: Tiff, at: number, size: number): number {
  if (size === 8) {
    const value = isLittleEndian ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at);
    return Number(value);
  }
  return isLittleEndian ? bytes.readUIntLE(at, size) : bytes.readUIntBE(at, size);
}

/** What a count or a pointer says. */
export function readPointer(tiff: Tiff, at: number): number {
  return readNumber(tiff, at, tiff.pointerBytes);
}

/** Where the pointer to the first directory lies. */
export function firstPointer({ isBig }: Layout): number {
  return isBig ? 8 : 4;
}

function directory(tiff: Tiff, at: number) {
  const { isBig } = tiff;
  const count = readNumber(tiff, at, isBig ? 8 : 2);
  if (count > 65_535) throw broken('tiff', 'a page has more than 65535 tags');
  const entryBytes = isBig ? 20 : 12;
  const first = at + (isBig ? 8 : 2);
  return { count, entryBytes, first, link: first + count * entryBytes };
}

/** Where the directory of each page begins. */
export function findPages(tiff: Tiff): readonly number[] {
  const pages: number[] = [];
  for (let at = readPointer(tiff, firstPointer(tiff)); at !== 0; ) {
    // Links in a circle end here too.
    if (pages.length >= mostPages) throw tooMany('tiff', 'pages', mostPages);
    pages.push(at);
    at = readPointer(tiff, directory(tiff, at).link);
  }
  return pages;
}

/** The tags of the directory that begins there, in the order in which they lie. */
export function* entriesOf(tiff: Tiff, at: number): Generator<TiffEntry> {
  const { count, entryBytes, first } = directory(tiff, at);
  for (let entry = first; entry < first + count * entryBytes; entry += entryBytes) {
    yield {
      tag: readNumber(tiff, entry, 2),
      type: readNumber(tiff, entry + 2, 2),
      count: readPointer(tiff, entry + 4),
      field: entry + 4 + tiff.pointerBytes,
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
export function placeOf(tiff: Tiff, { type, count, field }: TiffEntry) {
  const size = typeBytes[type];
  if (size === undefined) return undefined;
  const length = size * count;
  const from = length <= tiff.pointerBytes ? field : readPointer(tiff, field);
  return { from, length, size };
}

/** The first whole numbers of a tag, `most` at the most; none where it has other values. */
export function wholeNumbers(tiff: Tiff, entry: TiffEntry, most: number): readonly number[] {
  const place = wholeTypes.has(entry.type) ? placeOf(tiff, entry) : undefined;
  if (place === undefined) return [];
  const { from, size } = place;
  return Array.from({ length: Math.min(entry.count, most) }, (_, index) => readNumber(tiff, from + index * size, size));
}

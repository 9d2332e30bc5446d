import type { Facts } from '../facts.ts';
import { broken, type Header, pictureSize, tooMany, upToNow } from './header.ts';

/** The decoder walks all pages before it draws one. */
const mostPages = 1_000;

const tags = {
  width: 256,
  height: 257,
  bitsPerSample: 258,
  photometric: 262,
  orientation: 274,
  samplesPerPixel: 277,
  extraSamples: 338,
};

/** How a TIFF structure counts and points. */
export interface Layout {
  readonly isLittleEndian: boolean;
  /** BigTIFF counts and points with 8 bytes. */
  readonly isBig: boolean;
}

/** Reads the tags of that page, or of the first where there is none such, and counts the pages. */
export function inspectTiff(bytes: Buffer, page: number): Header {
  const layout = layoutOf(bytes);
  const pages = findPages(bytes, layout);
  const [first] = pages;
  if (first === undefined) throw broken('tiff', 'it has no page');
  const values = readTags(bytes, layout, pages[page - 1] ?? first);
  const photometric = values.get(tags.photometric);
  return {
    ...upToNow,
    stored: pictureSize('tiff', values.get(tags.width) ?? 0, values.get(tags.height) ?? 0),
    pages: pages.length,
    hasAlpha: values.has(tags.extraSamples),
    samplesPerPixel: Math.max(1, values.get(tags.samplesPerPixel) ?? 1),
    bitDepth: values.get(tags.bitsPerSample) ?? 1,
    colour: colourOf(photometric),
    orientation: values.get(tags.orientation),
  };
}

function colourOf(photometric: number | undefined): Facts['colour'] {
  if (photometric === 5) return 'cmyk';
  return photometric === 0 || photometric === 1 ? 'gray' : 'rgb';
}

export function layoutOf(bytes: Buffer): Layout {
  const isLittleEndian = bytes[0] === 0x49;
  return { isLittleEndian, isBig: read(bytes, { isLittleEndian, isBig: false }, 2, 2) === 43 };
}

export function read(bytes: Buffer, { isLittleEndian }: Layout, at: number, size: number): number {
  if (size === 8) {
    const value = isLittleEndian ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at);
    return Number(value);
  }
  return isLittleEndian ? bytes.readUIntLE(at, size) : bytes.readUIntBE(at, size);
}

function firstDirectory(bytes: Buffer, layout: Layout): number {
  return layout.isBig ? read(bytes, layout, 8, 8) : read(bytes, layout, 4, 4);
}

export function directory(bytes: Buffer, layout: Layout, at: number) {
  const entries = read(bytes, layout, at, layout.isBig ? 8 : 2);
  if (entries > 65_535) throw broken('tiff', 'a page has more than 65535 tags');
  const entryBytes = layout.isBig ? 20 : 12;
  const firstEntry = at + (layout.isBig ? 8 : 2);
  return { entries, entryBytes, firstEntry, link: firstEntry + entries * entryBytes };
}

/** Where the directory of each page begins. */
export function findPages(bytes: Buffer, layout: Layout): readonly number[] {
  const pointerBytes = layout.isBig ? 8 : 4;
  const pages: number[] = [];
  for (let at = firstDirectory(bytes, layout); at !== 0; ) {
    // Links in a circle end here too.
    if (pages.length >= mostPages) throw tooMany('tiff', 'pages', mostPages);
    pages.push(at);
    at = read(bytes, layout, directory(bytes, layout, at).link, pointerBytes);
  }
  return pages;
}

/** Values of tags that are one number (BYTE, SHORT, LONG), the first of several; of a tag that is there twice, the first counts. */
function readTags(bytes: Buffer, layout: Layout, at: number): ReadonlyMap<number, number> {
  const { entries, entryBytes, firstEntry } = directory(bytes, layout, at);
  const wanted = new Set(Object.values(tags));
  const values = new Map<number, number>();
  for (let index = 0; index < entries; index += 1) {
    const entry = firstEntry + index * entryBytes;
    const tag = read(bytes, layout, entry, 2);
    if (wanted.has(tag) && !values.has(tag)) values.set(tag, readValue(bytes, layout, entry));
  }
  return values;
}

function readValue(bytes: Buffer, layout: Layout, entry: number): number {
  const type = read(bytes, layout, entry + 2, 2);
  const size = type === 3 ? 2 : type === 1 ? 1 : type === 16 ? 8 : 4;
  const pointerBytes = layout.isBig ? 8 : 4;
  const count = read(bytes, layout, entry + 4, pointerBytes);
  const field = entry + 4 + pointerBytes;
  const isInline = count * size <= pointerBytes;
  return read(bytes, layout, isInline ? field : read(bytes, layout, field, pointerBytes), size);
}

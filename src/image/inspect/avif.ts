import { Failure } from '../../failure.ts';
import type { Size } from '../facts.ts';
import { broken, type Header, pictureSize, tooMany, upToNow } from './header.ts';

/** A picture in tiles has a box each; a few hundred at most. */
const mostBoxes = 5_000;

interface IsoBox {
  readonly type: string;
  readonly from: number;
  readonly to: number;
}

/** True for a HEIF file whose pictures are coded as AV1, the only codec of that family we have. */
export function isAvif(bytes: Buffer): boolean {
  const end = Math.min(bytes.readUInt32BE(0), 256);
  for (let at = 8; at + 4 <= end && at + 4 <= bytes.length; at += 4) {
    // Bytes 12 to 15 are a version, not a brand.
    const brand = at === 12 ? '' : bytes.toString('latin1', at, at + 4);
    if (brand === 'avif' || brand === 'avis') return true;
  }
  return false;
}

/**
 * Reads the properties of the primary picture. The decoder itself turns and mirrors by `irot` and `imir` and passes over
 * EXIF, as the format's rules say, so the size here is the upright one.
 */
export function inspectAvif(bytes: Buffer): Header {
  if (!isAvif(bytes)) throw new Failure('unsupported', 'HEIF pictures are read only as AVIF (coded as AV1).');
  const boxes = counted();
  const meta = find(bytes, { type: '', from: 0, to: bytes.length }, 'meta', boxes);
  if (meta === undefined) throw broken('avif', 'it ends before its size is said');
  const inMeta = { ...meta, from: meta.from + 4 };
  const properties = find(bytes, inMeta, 'iprp', boxes);
  const container = properties && find(bytes, properties, 'ipco', boxes);
  if (properties === undefined || container === undefined) throw broken('avif', 'it has no properties');
  const all = [...children(bytes, container, boxes)];
  const own = associated(bytes, inMeta, properties, boxes).map((index) => all[index - 1]);
  const extents = all.filter((box) => box.type === 'ispe').map((box) => extent(bytes, box));
  const primary = own.find((box) => box?.type === 'ispe');
  const stored = primary === undefined ? largest(extents) : extent(bytes, primary);
  if (area(largest([stored, ...extents])) > area(stored)) throw partsTooLarge();
  const configurations = all.filter((box) => box.type === 'av1C').map((box) => bytes.readUInt8(box.from + 2));
  const isTurned = own.some((box) => box?.type === 'irot' && (bytes.readUInt8(box.from) & 1) === 1);
  const hasAlpha = all.some((box) => box.type === 'auxC' && auxiliaryKind(bytes, box).endsWith(':alpha'));
  return {
    ...upToNow,
    stored: isTurned ? { width: stored.height, height: stored.width } : stored,
    hasAlpha,
    bitDepth: Math.max(8, ...configurations.map(depth)),
    samplesPerPixel: Math.max(1, ...configurations.map(samples)) + (hasAlpha ? 1 : 0),
  };
}

/** A short URN, such as `urn:mpeg:mpegB:cicp:systems:auxiliary:alpha`, behind four bytes of flags and before a zero. */
function auxiliaryKind(bytes: Buffer, box: IsoBox): string {
  const text = bytes.toString('latin1', box.from + 4, Math.min(box.to, box.from + 128));
  return text.split('\0', 1)[0] ?? '';
}

function depth(flags: number): number {
  if ((flags & 0x40) === 0) return 8;
  return (flags & 0x20) === 0 ? 10 : 12;
}

/** Monochrome, colour at half or a quarter of the pixels, or all of it. */
function samples(flags: number): number {
  if ((flags & 0x10) !== 0) return 1;
  if ((flags & 0x08) === 0) return 3;
  return (flags & 0x04) === 0 ? 2 : 1.5;
}

function area({ width, height }: Size): number {
  return width * height;
}

/** An alpha plane or a tile is decoded with the picture, whatever size the picture itself says. */
function partsTooLarge(): Failure {
  return new Failure('too_large', 'The AVIF file has parts that are larger than the picture itself.');
}

function extent(bytes: Buffer, box: IsoBox): Size {
  return pictureSize('avif', bytes.readUInt32BE(box.from + 4), bytes.readUInt32BE(box.from + 8));
}

function largest(extents: readonly Size[]): Size {
  const [first, ...rest] = extents;
  if (first === undefined) throw broken('avif', 'it ends before its size is said');
  return rest.reduce((most, size) => (area(size) > area(most) ? size : most), first);
}

/** Counts boxes over all walks, so that nesting cannot multiply the work. */
function counted(): { next(): void } {
  let count = 0;
  return {
    next() {
      count += 1;
      if (count > mostBoxes) throw tooMany('avif', 'boxes', mostBoxes);
    },
  };
}

function* children(bytes: Buffer, parent: IsoBox, boxes: { next(): void }): Generator<IsoBox> {
  let at = parent.from;
  while (at + 8 <= parent.to) {
    boxes.next();
    const short = bytes.readUInt32BE(at);
    const headBytes = short === 1 ? 16 : 8;
    const length = short === 0 ? parent.to - at : short === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : short;
    if (length < headBytes) throw broken('avif', 'a box is shorter than its head');
    const to = Math.min(at + length, parent.to);
    yield { type: bytes.toString('latin1', at + 4, at + 8), from: at + headBytes, to };
    at += length;
  }
}

function find(bytes: Buffer, parent: IsoBox, type: string, boxes: { next(): void }): IsoBox | undefined {
  for (const box of children(bytes, parent, boxes)) if (box.type === type) return box;
  return undefined;
}

/** Numbers (from 1) of the properties that belong to the primary picture. */
function associated(bytes: Buffer, meta: IsoBox, properties: IsoBox, boxes: { next(): void }): readonly number[] {
  const primary = primaryItem(bytes, find(bytes, meta, 'pitm', boxes));
  const association = find(bytes, properties, 'ipma', boxes);
  if (primary === undefined || association === undefined) return [];
  const isLong = bytes.readUInt8(association.from) >= 1;
  const hasWideIndexes = (bytes.readUInt8(association.from + 3) & 1) === 1;
  const items = bytes.readUInt32BE(association.from + 4);
  let at = association.from + 8;
  for (let item = 0; item < items && at < association.to; item += 1) {
    boxes.next();
    const id = isLong ? bytes.readUInt32BE(at) : bytes.readUInt16BE(at);
    at += isLong ? 4 : 2;
    const count = bytes.readUInt8(at);
    at += 1;
    const indexes = Array.from({ length: count }, (_, index) =>
      hasWideIndexes ? bytes.readUInt16BE(at + index * 2) & 0x7fff : bytes.readUInt8(at + index) & 0x7f,
    );
    if (id === primary) return indexes;
    at += count * (hasWideIndexes ? 2 : 1);
  }
  return [];
}

function primaryItem(bytes: Buffer, box: IsoBox | undefined): number | undefined {
  if (box === undefined) return undefined;
  return bytes.readUInt8(box.from) === 0 ? bytes.readUInt16BE(box.from + 4) : bytes.readUInt32BE(box.from + 4);
}

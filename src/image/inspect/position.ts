import { findBlocks } from '../containers/metadata/metadata.ts';
import {
  entriesOf,
  findPages,
  openTiff,
  placeOf,
  readPointer,
  type Tiff,
  type TiffEntry,
} from '../containers/tiff-tags.ts';
import { formatOf } from './inspect.ts';

/** The directory of positions in EXIF's first (Exif 3.0, §4.6.3), and what it has for where that is (§4.6.7). */
const gpsDirectory = 0x8825;
const [latitude, longitude] = [2, 4];

/**
 * True when a file tells where its picture was taken, in EXIF or XMP. The beginning of a file is enough where the blocks
 * lie there; what is damaged, or no picture, tells nothing.
 */
export function carriesPosition(file: Uint8Array): boolean {
  const { structures, xmp } = blocksOf(file);
  const hasLatitude = (structure: Buffer) =>
    inPositions(structure, (_, { tag }) => tag === latitude || undefined) === true;
  return structures.some(hasLatitude) || xmp.some((packet) => packet.includes('GPSLatitude'));
}

/** Where a picture was taken, in degrees: north and east of nothing are positive. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
}

/** Where EXIF says that a picture was taken, or else XMP; undefined where neither does, in a way that can be read. */
export function positionIn(file: Uint8Array): Position | undefined {
  const { structures, xmp } = blocksOf(file);
  for (const structure of structures) {
    const [north, east] = [degreesIn(structure, latitude), degreesIn(structure, longitude)];
    if (north !== undefined && east !== undefined) return { latitude: north, longitude: east };
  }
  for (const packet of xmp) {
    const [north, east] = ['GPSLatitude', 'GPSLongitude'].map((name) => degreesOf(packet.toString('utf8'), name));
    if (north !== undefined && east !== undefined) return { latitude: north, longitude: east };
  }
  return undefined;
}

function blocksOf(file: Uint8Array) {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const format = formatOf(bytes);
  if (format === undefined) return { structures: [], xmp: [] };
  const { exif, xmp } = findBlocks(format, bytes, 1);
  return { structures: format === 'tiff' ? [bytes, ...exif] : exif, xmp };
}

/** Entries of the directory of positions: there are 32 tags. */
const mostEntries = 100;

/** The first entry of the directory of positions that something can be made of. */
function inPositions<Made>(structure: Buffer, make: (tiff: Tiff, entry: TiffEntry) => Made | undefined) {
  try {
    const tiff = openTiff(structure);
    const [first] = findPages(tiff);
    if (first === undefined) return undefined;
    for (const { tag, field } of entriesOf(tiff, first)) {
      if (tag !== gpsDirectory) continue;
      let left = mostEntries;
      for (const entry of entriesOf(tiff, readPointer(tiff, field))) {
        const made = make(tiff, entry);
        left -= 1;
        if (made !== undefined || left === 0) return made;
      }
      return undefined;
    }
    return undefined;
  } catch {
    // It points outside of itself.
    return undefined;
  }
}

/** Degrees, minutes and seconds, and before them the side of the equator or of Greenwich. */
function degreesIn(structure: Buffer, tag: number): number | undefined {
  const side = inPositions(structure, (tiff, entry) => {
    const place = entry.tag === tag - 1 ? placeOf(tiff, entry) : undefined;
    return place && tiff.bytes.toString('latin1', place.from, place.from + 1);
  });
  const parts = inPositions(structure, (tiff, entry) => (entry.tag === tag ? fractionsIn(tiff, entry) : undefined));
  return parts && signed(parts, side);
}

/** Three fractions (type 5); undefined for anything else. */
function fractionsIn(tiff: Tiff, entry: TiffEntry): readonly number[] | undefined {
  const place = placeOf(tiff, entry);
  if (entry.type !== 5 || place === undefined || place.length !== 24) return undefined;
  const { bytes, isLittleEndian } = tiff;
  const whole = (at: number) => (isLittleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  return [0, 8, 16].map((at) => whole(place.from + at) / whole(place.from + at + 4));
}

/** As XMP writes it (XMP part 2, §2.6): `48,51.5N` or `48,51,30N`, as an attribute or an element. */
function degreesOf(packet: string, name: string): number | undefined {
  const [, written = '', side] =
    new RegExp(`${name}(?:="|>)(\\d{1,3}(?:,\\d{1,2}(?:\\.\\d{1,12})?){1,2})([NSEW])`).exec(packet) ?? [];
  return side === undefined ? undefined : signed(written.split(',').map(Number), side);
}

function signed([degrees = 0, minutes = 0, seconds = 0]: readonly number[], side: string | undefined) {
  const all = degrees + (minutes || 0) / 60 + (seconds || 0) / 3600;
  if (!Number.isFinite(all) || all > 180) return undefined;
  return Number((side === 'S' || side === 'W' ? -all : all).toFixed(6));
}

import { isFailure } from '../../../failure.ts';
import { clipped } from '../../containers/metadata/text.ts';
import {
  entriesOf,
  firstPointer,
  openTiff,
  placeOf,
  readPointer,
  type Tiff,
  type TiffEntry,
} from '../../containers/tiff-tags.ts';

/** The directory with what the camera was set to (Exif 3.0, §4.6.3). Of the one with positions nothing is read. */
const exifDirectory = 0x8769;

/** What is told of EXIF, by tag: the camera, its lens, when, and how it was set. */
const told: ReadonlyMap<number, string> = new Map([
  [271, 'make'],
  [272, 'model'],
  [33_434, 'exposureSeconds'],
  [33_437, 'fNumber'],
  [34_855, 'iso'],
  [36_867, 'taken'],
  [37_386, 'focalLengthMm'],
  [42_036, 'lens'],
]);

/** Entries of a directory that are looked at. */
const mostEntries = 500;
const mostCharacters = 200;

/** What a block of EXIF says of the camera; nothing for one that is damaged. */
export function cameraIn(block: Buffer): Readonly<Record<string, string | number>> {
  const found: Record<string, string | number> = {};
  try {
    const tiff = openTiff(block);
    const inner = readDirectory(tiff, readPointer(tiff, firstPointer(tiff)), found);
    if (inner !== undefined) readDirectory(tiff, inner, found);
  } catch (error) {
    if (!(error instanceof RangeError) && !isFailure(error)) throw error;
  }
  return found;
}

/** Where the directory of the camera's settings begins, if it is named here. */
function readDirectory(tiff: Tiff, at: number, found: Record<string, string | number>): number | undefined {
  let [inner, left] = [undefined as number | undefined, mostEntries];
  for (const entry of entriesOf(tiff, at)) {
    if (entry.tag === exifDirectory) inner = readPointer(tiff, entry.field);
    const name = told.get(entry.tag);
    const value = name === undefined ? undefined : saidIn(tiff, entry);
    if (name !== undefined && value !== undefined) found[name] = value;
    left -= 1;
    if (left === 0) break;
  }
  return inner;
}

/** A text (type 2), a whole number (3 and 4) or a fraction (5); undefined for what is none of them. */
function saidIn(tiff: Tiff, entry: TiffEntry): string | number | undefined {
  const place = placeOf(tiff, entry);
  if (place === undefined || place.length > 10_000) return undefined;
  const { bytes, isLittleEndian } = tiff;
  const whole = (at: number, size: number) =>
    isLittleEndian ? bytes.readUIntLE(at, size) : bytes.readUIntBE(at, size);
  if (entry.type === 2) {
    const text = clipped(
      bytes
        .toString('utf8', place.from, place.from + place.length)
        .replace(/\0.*$/s, '')
        .trim(),
    );
    return text === '' ? undefined : text.slice(0, mostCharacters);
  }
  if (entry.type === 3) return whole(place.from, 2);
  if (entry.type === 4) return whole(place.from, 4);
  if (entry.type !== 5) return undefined;
  const [numerator, denominator] = [whole(place.from, 4), whole(place.from + 4, 4)];
  return denominator === 0 ? undefined : Number((numerator / denominator).toPrecision(6));
}

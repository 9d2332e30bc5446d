import { isFailure } from '../../failure.ts';
import {
  entriesOf,
  firstPointer,
  openTiff,
  readPointer,
  type Tiff,
  type TiffEntry,
  wholeNumbers,
} from '../containers/tiff-tags.ts';

const orientationTag = 274;

/** SHORT, which it should be, and LONG, which some write. */
const types: ReadonlySet<number> = new Set([3, 4]);

/** Entries that are looked at: cameras write some 20, in the order of their tags. */
const mostEntries = 1_000;

const signatures: ReadonlySet<string> = new Set(['II*\0', 'MM\0*']);

/**
 * The orientation that an EXIF block names: a single whole number in its first directory (Exif 3.0, §4.6.4), the first
 * where there are several. Undefined where there is none such, and for a block that is damaged before it.
 */
export function orientationIn(exif: Uint8Array): number | undefined {
  const block = Buffer.from(exif.buffer, exif.byteOffset, exif.byteLength);
  if (!signatures.has(block.toString('latin1', 0, 4))) return undefined;
  try {
    const tiff = openTiff(block);
    const first = readPointer(tiff, firstPointer(tiff));
    let left = mostEntries;
    for (const entry of entriesOf(tiff, first)) {
      if (entry.tag === orientationTag) return numberOf(tiff, entry);
      left -= 1;
      if (left === 0) break;
    }
    return undefined;
  } catch (error) {
    if (error instanceof RangeError || isFailure(error)) return undefined;
    throw error;
  }
}

function numberOf(tiff: Tiff, entry: TiffEntry): number | undefined {
  return types.has(entry.type) && entry.count === 1 ? wholeNumbers(tiff, entry, 1)[0] : undefined;
}

import { findBlocks } from '../containers/metadata/metadata.ts';
import { entriesOf, findPages, openTiff, readPointer } from '../containers/tiff-tags.ts';
import { formatOf } from './inspect.ts';

/** The directory of positions in EXIF's first (Exif 3.0, §4.6.3), and what it has for where that is (§4.6.7). */
const gpsDirectory = 0x8825;
const latitude = 2;

/**
 * True when a file tells where its picture was taken, in EXIF or XMP. The beginning of a file is enough where the blocks
 * lie there; what is damaged, or no picture, tells nothing.
 */
export function carriesPosition(file: Uint8Array): boolean {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const format = formatOf(bytes);
  if (format === undefined) return false;
  const { exif, xmp } = findBlocks(format, bytes, 1);
  const structures = format === 'tiff' ? [bytes, ...exif] : exif;
  return structures.some(hasPosition) || xmp.some((packet) => packet.includes('GPSLatitude'));
}

function hasPosition(structure: Buffer): boolean {
  try {
    const tiff = openTiff(structure);
    const [first] = findPages(tiff);
    if (first === undefined) return false;
    for (const { tag, field } of entriesOf(tiff, first)) {
      if (tag !== gpsDirectory) continue;
      const at = readPointer(tiff, field);
      return [...entriesOf(tiff, at)].some((entry) => entry.tag === latitude);
    }
    return false;
  } catch {
    // It points outside of itself.
    return false;
  }
}

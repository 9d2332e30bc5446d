import { isFailure } from '../../../../failure.ts';
import { children, createBoxCount, type IsoBox, wholeFile } from '../../../containers/iso-boxes.ts';

/** A type that no item has, so that whoever meets it passes over the item. */
const noType = 'none';

/**
 * The same AVIF whose items of EXIF are of a type that says nothing to the decoder; undefined where there are none. Throws
 * a Failure (`too_large`) for a file of more boxes than are looked at.
 */
export function withoutExifItems(bytes: Buffer): Buffer | undefined {
  const places: number[] = [];
  try {
    for (const at of itemTypePlaces(bytes)) {
      if (bytes.toString('latin1', at, at + 4).toLowerCase() === 'exif') places.push(at);
    }
  } catch (error) {
    // Where a box is shorter than its head, or the file ends, the decoder stops too.
    if (!(error instanceof RangeError) && !isFailure(error, 'corrupt')) throw error;
  }
  if (places.length === 0) return undefined;
  const file = Buffer.from(bytes);
  for (const at of places) file.write(noType, at, 'latin1');
  return file;
}

/** Where the type of each item is said (`infe` of versions 2 and 3), in every list that there is. */
function* itemTypePlaces(bytes: Buffer): Generator<number> {
  const boxes = createBoxCount();
  for (const meta of children(bytes, wholeFile(bytes), boxes)) {
    if (meta.type !== 'meta') continue;
    for (const list of children(bytes, { ...meta, from: meta.from + 4 }, boxes)) {
      if (list.type !== 'iinf') continue;
      for (const entry of children(bytes, entriesOf(bytes, list), boxes)) {
        yield entry.from + (bytes.readUInt8(entry.from) >= 3 ? 10 : 8);
      }
    }
  }
}

/** Behind its version and the count of its entries. */
function entriesOf(bytes: Buffer, list: IsoBox): IsoBox {
  return { ...list, from: list.from + (bytes.readUInt8(list.from) > 0 ? 8 : 6) };
}

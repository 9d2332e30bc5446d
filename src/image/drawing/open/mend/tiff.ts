import { isFailure } from '../../../../failure.ts';
import { tooMany } from '../../../containers/header.ts';
import { findPages, firstPointer, openTiff } from '../../../containers/tiff-tags.ts';
import { type Field, pageOf } from './tiff-page.ts';
import { type Pieces, piecesOf } from './tiff-pieces.ts';
import { long } from './tiff-rules.ts';
import { directoryOf, numberBytes } from './tiff-write.ts';

/** Tags of all pages and numbers of their pieces: a page has some twenty tags, and a tile 16 pixels a side at least. */
const mostNumbers = 1_000_000;

/**
 * A TIFF with new directories behind everything that it had: with the tags that decide how its pixels look, each once, in
 * rising order, with as many values as the format wants. Pixels lie where they lay. Undefined for a file that points
 * outside of itself or holds fewer bytes than its pixels need; whether those are sound is for the decoder to say.
 */
export function mendTiff(bytes: Buffer): Buffer | undefined {
  try {
    return withNewDirectories(bytes);
  } catch (error) {
    // A read past the end of the file, or more of something than is looked at.
    if (error instanceof RangeError || isFailure(error)) return undefined;
    throw error;
  }
}

function withNewDirectories(bytes: Buffer): Buffer | undefined {
  const tiff = openTiff(bytes);
  const look = createCount();
  const directories = findPages(tiff);
  const pages = directories.map((at) => {
    const page = pageOf(tiff, at, look);
    return { page, pieces: piecesOf(page) };
  });
  const starts = [
    ...directories,
    ...pages.flatMap(({ page }) => page.places),
    ...pages.flatMap(({ pieces }) => pieces?.offsets ?? []),
  ];
  const room = createRoom(starts, bytes.length);
  const file = Buffer.concat([bytes, Buffer.alloc(bytes.length % 2)]);
  const parts: Buffer[] = [file];
  let end = file.length;
  let pointer: { readonly buffer: Buffer; readonly at: number } = { buffer: file, at: firstPointer(tiff) };
  for (const { page, pieces } of pages) {
    const counts = pieces && byteCounts(pieces, room);
    if (counts === undefined) return undefined;
    const fields = [...page.fields.filter(({ tag }) => tag !== counts.tag), counts];
    const written = directoryOf(tiff, fields, end);
    numberBytes(tiff, [end + written.directory], tiff.pointerBytes).copy(pointer.buffer, pointer.at);
    pointer = { buffer: written.bytes, at: written.link };
    parts.push(written.bytes);
    end += written.bytes.length;
  }
  return Buffer.concat(parts);
}

function createCount(): (count: number) => void {
  let left = mostNumbers;
  return (count) => {
    left -= count;
    if (left < 0) throw tooMany('tiff', 'tags', mostNumbers);
  };
}

/** Tells how many bytes there are from a place on to whatever begins next in the file, or to its end. */
function createRoom(starts: readonly number[], fileBytes: number): (place: number) => number {
  const sorted = Float64Array.from(starts).sort();
  return (place) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] ?? 0) > place) high = middle;
      else low = middle + 1;
    }
    return Math.min(sorted[low] ?? fileBytes, fileBytes) - place;
  };
}

/**
 * How many bytes each piece has: as many as its pixels need where they are not compressed, else as the file says, and
 * where it does not, all that there are. Undefined where pixels need more than there are, so that what was cut off is
 * never filled up with what lies behind it.
 */
function byteCounts({ countsTag, offsets, said, needed }: Pieces, room: (place: number) => number): Field | undefined {
  const values = offsets.map((offset, piece) => needed(piece) ?? (said[piece] || room(offset)));
  const areThere = offsets.every((offset, piece) => (needed(piece) ?? 0) <= room(offset));
  return areThere ? { tag: countsTag, type: long, values } : undefined;
}

import { endOfImage, startOfScan } from './jpeg-markers.ts';

/** Where one of several pictures lies in a file. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A segment of a JPEG before its pixels: its code, and what follows its length. */
export interface Segment {
  readonly code: number;
  /** Where its marker stands. */
  readonly at: number;
  readonly body: Buffer;
}

/** Real files stay far below. */
const mostSegments = 1_000;

/** The segments before the pixels, as they lie: none is passed over, so that a file that is odd there has no more. */
export function* segmentsOf(file: Buffer): Generator<Segment> {
  let at = 2;
  for (let count = 0; count < mostSegments && at + 4 <= file.length; count += 1) {
    const code = file.readUInt8(at + 1);
    if (file.readUInt8(at) !== 0xff || code === startOfScan || code === endOfImage) return;
    const length = file.readUInt16BE(at + 2);
    if (length < 2 || at + 2 + length > file.length) return;
    yield { code, at, body: file.subarray(at + 4, at + 2 + length) };
    at += 2 + length;
  }
}

/** A segment of an application, which begins with its name. */
export function applicationSegment(code: number, name: string, body: Buffer): Buffer {
  const head = Buffer.from(`\xff\0\0\0${name}`, 'latin1');
  head.writeUInt8(code, 1);
  head.writeUInt16BE(head.length - 2 + body.length, 2);
  return Buffer.concat([head, body]);
}

/** Code and name of the segment that lists a file's pictures (CIPA DC-007, Multi-Picture Format). */
export const listCode = 0xe2;
export const listName = 'MPF\0';

const entriesTag = 0xb002;
const entryBytes = 16;
const mostPictures = 16;

/** The pictures in a file beside its first; none where it has no list of them, or one that cannot be read. */
export function otherPicturesOf(file: Buffer): readonly Span[] {
  for (const { code, at, body } of segmentsOf(file)) {
    if (code !== listCode || body.toString('latin1', 0, 4) !== listName) continue;
    try {
      return spansIn(body.subarray(4), at + 8, file.length);
    } catch (error) {
      if (error instanceof RangeError) return [];
      throw error;
    }
  }
  return [];
}

/** Places are counted from where the list itself begins, but for the first picture's, which is the whole file's. */
function spansIn(list: Buffer, listAt: number, fileBytes: number): readonly Span[] {
  const isLittle = list.toString('latin1', 0, 2) === 'II';
  const short = (at: number) => (isLittle ? list.readUInt16LE(at) : list.readUInt16BE(at));
  const long = (at: number) => (isLittle ? list.readUInt32LE(at) : list.readUInt32BE(at));
  const directory = long(4);
  const fields = Math.min(short(directory), 100);
  for (let field = directory + 2; field < directory + 2 + 12 * fields; field += 12) {
    if (short(field) !== entriesTag) continue;
    const count = Math.min(Math.floor(long(field + 4) / entryBytes), mostPictures);
    const from = long(field + 8);
    return Array.from({ length: count }, (_, index) => from + index * entryBytes).flatMap((entry) => {
      const [size, place] = [long(entry + 4), long(entry + 8)];
      const [start, end] = [listAt + place, listAt + place + size];
      return place === 0 || size === 0 || end > fileBytes ? [] : [{ start, end }];
    });
  }
  return [];
}

const listFields = 3;
const listHeadBytes = 8 + 2 + 12 * listFields + 4;

/** Bytes of a list of two pictures, with its marker. */
const listBytes = 8 + listHeadBytes + 2 * entryBytes;

/** A file of two pictures: the second lies behind the first, whose list names both. `at` is the list's place in the first. */
export function withSecond(first: Buffer, at: number, second: Buffer): Buffer {
  const firstBytes = first.length + listBytes;
  const list = Buffer.alloc(listHeadBytes + 2 * entryBytes);
  list.write('MM\0*', 'latin1');
  list.writeUInt32BE(8, 4);
  list.writeUInt16BE(listFields, 8);
  for (const [index, [tag, type, count, value]] of [
    [0xb000, 7, 4, 0x30313030],
    [0xb001, 4, 1, 2],
    [entriesTag, 7, 2 * entryBytes, listHeadBytes],
  ].entries()) {
    const field = 10 + 12 * index;
    list.writeUInt16BE(tag ?? 0, field);
    list.writeUInt16BE(type ?? 0, field + 2);
    list.writeUInt32BE(count ?? 0, field + 4);
    list.writeUInt32BE(value ?? 0, field + 8);
  }
  // The first is what a reader shows that knows of one picture.
  list.writeUInt32BE(0x030000, listHeadBytes);
  list.writeUInt32BE(firstBytes, listHeadBytes + 4);
  list.writeUInt32BE(second.length, listHeadBytes + entryBytes + 4);
  list.writeUInt32BE(firstBytes - (at + 8), listHeadBytes + entryBytes + 8);
  return Buffer.concat([
    first.subarray(0, at),
    applicationSegment(listCode, listName, list),
    first.subarray(at),
    second,
  ]);
}

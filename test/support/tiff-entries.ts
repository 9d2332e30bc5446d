import { numbers, type Order } from './tiffs.ts';

/** A tag of a directory: its numbers of type and count as they are said, and the bytes of its value. */
export interface RawEntry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly value: Buffer;
}

/** TIFF's numbers of types. */
export const types = { byte: 1, ascii: 2, short: 3, long: 4, rational: 5, undefined: 7, sshort: 8, float: 11 } as const;

const typeBytes: Readonly<Record<number, 1 | 2 | 4 | 8>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  11: 4,
  16: 8,
};

/** How a file counts and points, and ways to make entries for it. */
export interface EntryMaker {
  readonly order: Order;
  readonly isBig: boolean;
  /** Whole numbers; `count` where another one is said than there are. */
  whole(tag: number, type: number, values: readonly number[], count?: number): RawEntry;
  text(tag: number, text: string, count?: number): RawEntry;
  /** The first whole number of an entry. */
  number(entry: RawEntry): number;
}

/** Changes the entries of a page (from 0), and the order in which they are written. */
export type ChangeEntries = (entries: readonly RawEntry[], make: EntryMaker, page: number) => readonly RawEntry[];

/** One change after the other, of every page. */
export function both(...changes: readonly ChangeEntries[]): ChangeEntries {
  return (entries, maker, page) => changes.reduce((changed, change) => change(changed, maker, page), entries);
}

export function onPage(number: number, change: ChangeEntries): ChangeEntries {
  return (entries, maker, page) => (page === number ? change(entries, maker, page) : entries);
}

export function added(make: (maker: EntryMaker) => RawEntry): ChangeEntries {
  return (entries, maker) => [...entries, make(maker)].sort((one, another) => one.tag - another.tag);
}

export function without(tag: number): ChangeEntries {
  return (entries) => entries.filter((entry) => entry.tag !== tag);
}

/** In place of what it said; in order. */
export function saying(tag: number, type: number, ...values: readonly number[]): ChangeEntries {
  return both(
    without(tag),
    added(({ whole }) => whole(tag, type, values)),
  );
}

/** The file with other directories, which lie behind everything that it had up to `end`. */
export function withEntries(tiff: Buffer, change: ChangeEntries, end = tiff.length): Buffer {
  const form = formOf(tiff);
  const { isBig, pointer, read, order } = form;
  const make = makerOf(form);
  let file = Buffer.from(tiff.subarray(0, end));
  let pointerAt = isBig ? 8 : 4;
  for (let page = 0, at = read(tiff, pointerAt, pointer); at !== 0; page += 1) {
    const { entries, next } = entriesAt(tiff, form, at);
    const fields = change(entries, make, page).map(({ tag, type, count, value }) => {
      const head = Buffer.concat([numbers(order, [tag, 2], [type, 2], [count, pointer])]);
      if (value.length <= pointer) return Buffer.concat([head, value, Buffer.alloc(pointer - value.length)]);
      const place = numbers(order, [file.length, pointer]);
      file = Buffer.concat([file, value, Buffer.alloc(value.length % 2)]);
      return Buffer.concat([head, place]);
    });
    numbers(order, [file.length, pointer]).copy(file, pointerAt);
    const count = numbers(order, [fields.length, isBig ? 8 : 2]);
    file = Buffer.concat([file, count, ...fields, Buffer.alloc(pointer)]);
    pointerAt = file.length - pointer;
    at = next;
  }
  return file;
}

/** The numbers of a tag on the first page. */
export function numbersAt(tiff: Buffer, tag: number): readonly number[] {
  const form = formOf(tiff);
  const { entries } = entriesAt(tiff, form, form.read(tiff, form.isBig ? 8 : 4, form.pointer));
  const entry = entries.find((one) => one.tag === tag);
  if (entry === undefined) throw new Error(`There is no tag ${tag}.`);
  const size = typeBytes[entry.type] ?? 1;
  return Array.from({ length: entry.count }, (_, index) => form.read(entry.value, index * size, size));
}

function formOf(tiff: Buffer) {
  const order: Order = tiff[0] === 0x49 ? 'II' : 'MM';
  const read = (bytes: Buffer, at: number, size: number) => {
    const used = Math.min(size, 6);
    return order === 'II' ? bytes.readUIntLE(at, used) : bytes.readUIntBE(at + size - used, used);
  };
  const isBig = read(tiff, 2, 2) === 43;
  return { order, isBig, pointer: isBig ? (8 as const) : (4 as const), read };
}

type Form = ReturnType<typeof formOf>;

function entriesAt(tiff: Buffer, { isBig, pointer, read }: Form, at: number) {
  const count = read(tiff, at, isBig ? 8 : 2);
  const first = at + (isBig ? 8 : 2);
  const entryBytes = 4 + 2 * pointer;
  const entries = Array.from({ length: count }, (_, index): RawEntry => {
    const place = first + index * entryBytes;
    const [tag, type, values] = [read(tiff, place, 2), read(tiff, place + 2, 2), read(tiff, place + 4, pointer)];
    const length = values * (typeBytes[type] ?? 1);
    const field = place + 4 + pointer;
    const from = length <= pointer ? field : read(tiff, field, pointer);
    return { tag, type, count: values, value: tiff.subarray(from, from + length) };
  });
  return { entries, next: read(tiff, first + count * entryBytes, pointer) };
}

function makerOf({ order, isBig, read }: Form): EntryMaker {
  return {
    order,
    isBig,
    whole: (tag, type, values, count = values.length) => ({
      tag,
      type,
      count,
      value: numbers(order, ...values.map((value) => [value, typeBytes[type] ?? 1] as const)),
    }),
    text: (tag, text, count = Buffer.byteLength(text)) => ({ tag, type: types.ascii, count, value: Buffer.from(text) }),
    number: ({ type, value }) => read(value, 0, typeBytes[type] ?? 1),
  };
}

/** A Huffman table, for codes of up to 16 bits (ISO/IEC 10918-1, F.2.2.3). */
export interface HuffmanTable {
  /** By the next eight bits: the code's length and its value as `length << 8 | value`; 0 for a longer code. */
  readonly short: Uint16Array;
  /** By length: the largest code of that length, or -1 where there is none. */
  readonly largest: Int32Array;
  /** By length: what leads from a code to its place in `values`. */
  readonly offset: Int32Array;
  readonly values: Buffer;
}

/** Lengths whose codes are found at once. */
const shortBits = 8;

/** Reads a table's sixteen counts and its values. */
export function huffmanTable(counts: Uint8Array, values: Buffer): HuffmanTable {
  const table = {
    short: new Uint16Array(1 << shortBits),
    largest: new Int32Array(17).fill(-1),
    offset: new Int32Array(17),
    values,
  };
  let code = 0;
  let index = 0;
  for (let length = 1; length <= 16; length += 1) {
    const count = counts[length - 1] ?? 0;
    table.offset[length] = index - code;
    for (let at = 0; at < count; at += 1, code += 1, index += 1) {
      if (length > shortBits) continue;
      const first = code << (shortBits - length);
      table.short.fill((length << 8) | (values[index] ?? 0), first, first + (1 << (shortBits - length)));
    }
    if (count > 0) table.largest[length] = code - 1;
    code <<= 1;
  }
  return table;
}

/** Thrown where the bits end before what is read, or are no code of the table. */
export class BrokenBits extends Error {}

/** How far a reader has come. */
export interface Standing {
  /** Bits left of the last byte of which something was read, and how many they are. */
  readonly left: number;
  readonly count: number;
  /** Where the first byte lies of which nothing was read. */
  readonly at: number;
}

/** The bits of coded data between two markers, without the zeros that are stuffed behind each `ff`. */
export interface BitReader {
  readonly bytes: Buffer;
  /** Where they end. */
  readonly to: number;
  /** Up to 24 bits, so that nothing is ever shifted out of 32; `count` of them were not read. */
  held: number;
  count: number;
  /** Where the first byte lies that is not held. */
  at: number;
}

/** Reads up to, and not including, `to`. */
export function createBitReader(bytes: Buffer, to: number, { left, count, at }: Standing): BitReader {
  return { bytes, to, held: left, count, at };
}

/** A reader that goes on by itself from where this one is. */
export function copyOf(reader: BitReader): BitReader {
  return createBitReader(reader.bytes, reader.to, standingOf(reader));
}

/** Whole bytes that were held and not read are given back. */
export function standingOf(reader: BitReader): Standing {
  const { bytes } = reader;
  for (; reader.count >= 8; reader.count -= 8) {
    reader.at -= bytes[reader.at - 1] === 0 && bytes[reader.at - 2] === 0xff ? 2 : 1;
    reader.held >>>= 8;
  }
  const { held, count, at } = reader;
  return { left: held & ((1 << count) - 1), count, at };
}

/** So many bits, up to 16, as a number. */
export function takeBits(reader: BitReader, wanted: number): number {
  if (reader.count < wanted) fill(reader);
  if (reader.count < wanted) throw new BrokenBits();
  reader.count -= wanted;
  return (reader.held >>> reader.count) & ((1 << wanted) - 1);
}

/** What the next code stands for. */
export function takeValue(reader: BitReader, table: HuffmanTable): number {
  if (reader.count < 16) fill(reader);
  const { held, count } = reader;
  const next = count >= shortBits ? held >>> (count - shortBits) : held << (shortBits - count);
  const found = table.short[next & 0xff] ?? 0;
  if (found === 0) return takeLongValue(reader, table);
  const length = found >>> 8;
  if (length > count) throw new BrokenBits();
  reader.count -= length;
  return found & 0xff;
}

function takeLongValue(reader: BitReader, table: HuffmanTable): number {
  const { held, count } = reader;
  for (let length = 1; length <= 16 && length <= count; length += 1) {
    const code = (held >>> (count - length)) & ((1 << length) - 1);
    if (code > (table.largest[length] ?? -1)) continue;
    reader.count -= length;
    return table.values[code + (table.offset[length] ?? 0)] ?? 0;
  }
  throw new BrokenBits();
}

function fill(reader: BitReader): void {
  const { bytes, to } = reader;
  while (reader.count <= 16 && reader.at < to) {
    const byte = bytes[reader.at] ?? 0;
    reader.at += byte === 0xff ? 2 : 1;
    reader.held = ((reader.held << 8) | byte) & 0xffffff;
    reader.count += 8;
  }
}

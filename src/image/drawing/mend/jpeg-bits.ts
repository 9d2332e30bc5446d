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

/** The bits of coded data between two markers, without the zeros that are stuffed behind each `ff`. */
export interface BitReader {
  bits(count: number): number;
  value(table: HuffmanTable): number;
  standing(): Standing;
  /** A reader that goes on from here by itself. */
  copy(): BitReader;
}

/** How far a reader has come. */
export interface Standing {
  /** Bits left of the last byte of which something was read, and how many they are. */
  readonly left: number;
  readonly count: number;
  /** Where the first byte lies of which nothing was read. */
  readonly at: number;
}

/** Reads up to, and not including, `to`. */
export function createBitReader(bytes: Buffer, to: number, from: Standing): BitReader {
  let { left: held, count, at } = from;

  /** Up to 24 bits are held, so that nothing is ever shifted out of 32. */
  function fill(): void {
    while (count <= 16 && at < to) {
      const byte = bytes[at] ?? 0;
      at += byte === 0xff ? 2 : 1;
      held = ((held << 8) | byte) & 0xffffff;
      count += 8;
    }
  }

  /** Whole bytes that were held and not read are given back. */
  function standing(): Standing {
    for (; count >= 8; count -= 8) {
      at -= bytes[at - 1] === 0 && bytes[at - 2] === 0xff ? 2 : 1;
      held >>>= 8;
    }
    return { left: held & ((1 << count) - 1), count, at };
  }

  function longValue(table: HuffmanTable): number {
    for (let length = 1; length <= 16 && length <= count; length += 1) {
      const code = (held >>> (count - length)) & ((1 << length) - 1);
      if (code > (table.largest[length] ?? -1)) continue;
      count -= length;
      return table.values[code + (table.offset[length] ?? 0)] ?? 0;
    }
    throw new BrokenBits();
  }

  return {
    bits(wanted) {
      if (count < wanted) fill();
      if (count < wanted) throw new BrokenBits();
      count -= wanted;
      return (held >>> count) & ((1 << wanted) - 1);
    },
    value(table) {
      if (count < 16) fill();
      const next = count >= shortBits ? held >>> (count - shortBits) : held << (shortBits - count);
      const found = table.short[next & 0xff] ?? 0;
      if (found === 0) return longValue(table);
      const length = found >>> 8;
      if (length > count) throw new BrokenBits();
      count -= length;
      return found & 0xff;
    },
    standing,
    copy: () => createBitReader(bytes, to, standing()),
  };
}

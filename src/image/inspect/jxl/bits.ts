/** How a number of one of four ranges is written: what it begins with, and how many bits are added (ISO/IEC 18181-1, B.2.2). */
export type Ranges = readonly [Range, Range, Range, Range];
type Range = number | readonly [bits: number, from: number];

/** Reads the bits of a codestream, each byte's lowest first. */
export interface Bits {
  /** A number of so many bits. Throws a RangeError at the end. */
  read(bits: number): number;
  flag(): boolean;
  /** A number of one of four ranges. */
  ranged(ranges: Ranges): number;
  /** One of a list that is numbered with gaps (B.2.6). */
  named(): number;
}

export function bitsOf(bytes: Buffer, from: number): Bits {
  const state = { bytes, at: from * 8 };
  return {
    read: (bits) => readBits(state, bits),
    flag: () => readBits(state, 1) === 1,
    ranged: (ranges) => readRanged(state, ranges),
    named: () => readRanged(state, [0, 1, [4, 2], [6, 18]]),
  };
}

interface BitState {
  readonly bytes: Buffer;
  at: number;
}

function readBits(state: BitState, bits: number): number {
  let value = 0;
  for (let bit = 0; bit < bits; bit += 1, state.at += 1) {
    value += ((state.bytes.readUInt8(state.at >> 3) >> (state.at & 7)) & 1) * 2 ** bit;
  }
  return value;
}

function readRanged(state: BitState, ranges: Ranges): number {
  const range = ranges[readBits(state, 2)] ?? 0;
  return typeof range === 'number' ? range : range[1] + readBits(state, range[0]);
}

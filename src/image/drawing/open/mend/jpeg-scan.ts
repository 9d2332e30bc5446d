import { type BitReader, BrokenBits, type HuffmanTable, takeBits, takeValue } from './jpeg-bits.ts';

/** One channel of a frame. */
export interface JpegComponent {
  readonly id: number;
  /** Sampling factors, across and down. */
  readonly across: number;
  readonly down: number;
  /** Blocks that its own samples need, and how many lie side by side in whole units (MCUs). */
  readonly blocksAcross: number;
  readonly blocksDown: number;
  readonly stride: number;
  /** A bit for each coefficient of each block that is not zero so far: two words a block. */
  readonly nonzero: Uint32Array;
}

/** A channel in a scan, with its tables. */
export interface ScanComponent {
  readonly component: JpegComponent;
  readonly dc: HuffmanTable | undefined;
  readonly ac: HuffmanTable | undefined;
}

/** What a scan's header says (ISO/IEC 10918-1, B.2.3). */
export interface ScanHeader {
  readonly isProgressive: boolean;
  readonly components: readonly ScanComponent[];
  readonly from: number;
  readonly to: number;
  readonly high: number;
  readonly low: number;
}

/** Reads the blocks of a scan between two restart markers. */
export interface BlockReader {
  readonly scan: ScanHeader;
  readonly bits: BitReader;
  /** Blocks that the last code said to be empty and that have not come yet. */
  owed: number;
}

export function createBlockReader(scan: ScanHeader, bits: BitReader): BlockReader {
  return { scan, bits, owed: 0 };
}

/**
 * Reads the next block and says nothing of what is in it; `block` is its number among those of its channel. Throws
 * BrokenBits for what no encoder writes.
 */
export function readBlock(blocks: BlockReader, of: ScanComponent, block: number): void {
  const { scan, bits } = blocks;
  const isFirst = scan.high === 0;
  if (!scan.isProgressive) readSequential(bits, of);
  else if (scan.from === 0) isFirst ? readDifference(bits, of.dc) : takeBits(bits, 1);
  else isFirst ? readBand(blocks, of, block) : refineBand(blocks, of, block);
}

function refuseUnless(holds: boolean): void {
  if (!holds) throw new BrokenBits();
}

function takeCode(bits: BitReader, table: HuffmanTable | undefined): number {
  if (table === undefined) throw new BrokenBits();
  return takeValue(bits, table);
}

/** Of the average brightness from that of the block before. */
function readDifference(bits: BitReader, table: HuffmanTable | undefined): void {
  const size = takeCode(bits, table);
  refuseUnless(size <= 15);
  takeBits(bits, size);
}

function readSequential(bits: BitReader, { dc, ac }: ScanComponent): void {
  readDifference(bits, dc);
  for (let at = 1; at < 64; at += 1) {
    const code = takeCode(bits, ac);
    const size = code & 15;
    if (size === 0 && code !== 0xf0) {
      refuseUnless(code === 0);
      return;
    }
    at += code >> 4;
    refuseUnless(at < 64);
    takeBits(bits, size);
  }
}

/** The first scan of some coefficients. */
function readBand(blocks: BlockReader, { component, ac }: ScanComponent, block: number): void {
  if (blocks.owed > 0) {
    blocks.owed -= 1;
    return;
  }
  const { bits } = blocks;
  const { from, to } = blocks.scan;
  for (let at = from; at <= to; at += 1) {
    const code = takeCode(bits, ac);
    const size = code & 15;
    const run = code >> 4;
    if (size === 0 && run < 15) {
      blocks.owed = (1 << run) - 1 + takeBits(bits, run);
      return;
    }
    at += run;
    refuseUnless(at <= to);
    if (size === 0) continue;
    takeBits(bits, size);
    mark(component, block, at);
  }
}

/** Coefficients that are there already get a bit each, whatever is told of those between them (G.1.2.3). */
function refineBand(blocks: BlockReader, { component, ac }: ScanComponent, block: number): void {
  const { bits } = blocks;
  const { from, to } = blocks.scan;
  let at = from;
  while (blocks.owed === 0 && at <= to) {
    const code = takeCode(bits, ac);
    const size = code & 15;
    let run = code >> 4;
    refuseUnless(size <= 1);
    if (size === 0 && run < 15) {
      blocks.owed = (1 << run) + takeBits(bits, run);
      break;
    }
    takeBits(bits, size);
    for (; at <= to; at += 1) {
      if (isMarked(component, block, at)) takeBits(bits, 1);
      else if (run === 0) break;
      else run -= 1;
    }
    refuseUnless(at <= to);
    if (size === 1) mark(component, block, at);
    at += 1;
  }
  if (blocks.owed === 0) return;
  for (; at <= to; at += 1) if (isMarked(component, block, at)) takeBits(bits, 1);
  blocks.owed -= 1;
}

function mark({ nonzero }: JpegComponent, block: number, at: number): void {
  const word = block * 2 + (at >> 5);
  nonzero[word] = (nonzero[word] ?? 0) | (1 << (at & 31));
}

function isMarked({ nonzero }: JpegComponent, block: number, at: number): boolean {
  return (((nonzero[block * 2 + (at >> 5)] ?? 0) >>> (at & 31)) & 1) === 1;
}

import { nextMarker } from '../../../containers/jpeg-markers.ts';
import { BrokenBits, copyOf, createBitReader, standingOf } from './jpeg-bits.ts';
import { type BlockReader, createBlockReader, readBlock, type ScanComponent, type ScanHeader } from './jpeg-scan.ts';

/** Size of a frame in whole units (MCUs). */
export interface Units {
  readonly across: number;
  readonly down: number;
}

/** A scan, and how it is divided. */
export interface ScanToWalk {
  readonly scan: ScanHeader;
  readonly units: Units;
  /** Units between restart markers; 0 for none. */
  readonly restart: number;
}

/** A scan's coded data, bare of what lies behind it. */
export interface WalkedScan {
  /** Pieces of the file, restart markers included, in order. */
  readonly pieces: readonly Buffer[];
  /** Where the next marker is looked for. */
  readonly end: number;
}

/**
 * Reads a scan's codes to learn where its blocks end, restart by restart, and leaves out what lies between there and the
 * next marker. Throws BrokenBits where blocks are missing, codes are wrong, or what lies behind looks like more blocks:
 * then bits were lost before, and the pixels are not whole.
 */
export function walkScan(bytes: Buffer, start: number, { scan, units, restart }: ScanToWalk): WalkedScan {
  const pieces: Buffer[] = [];
  const { across, down } = unitsOf(scan, units);
  const all = across * down;
  let from = start;
  for (let done = 0, count = 0; ; count += 1) {
    const marker = nextMarker(bytes, from);
    const blocks = createBlockReader(scan, createBitReader(bytes, marker.at, { left: 0, count: 0, at: from }));
    const until = restart === 0 ? all : Math.min(all, done + restart);
    for (; done < until; done += 1) {
      readUnit(blocks, { row: Math.floor(done / across), column: done % across });
    }
    if (blocks.owed > 0) throw new BrokenBits();
    checkRest(blocks, done === all);
    pieces.push(bytes.subarray(from, standingOf(blocks.bits).at));
    if (done === all) return { pieces, end: marker.at };
    if (marker.code !== 0xd0 + (count % 8)) throw new BrokenBits();
    pieces.push(bytes.subarray(marker.after - 2, marker.after));
    from = marker.after;
  }
}

/** Of one channel alone blocks come row by row of its own, of several unit by unit (A.2). */
function unitsOf({ components: [only, second] }: ScanHeader, whole: Units): Units {
  if (only === undefined || second !== undefined) return whole;
  return { across: only.component.blocksAcross, down: only.component.blocksDown };
}

function readUnit(blocks: BlockReader, { row, column }: Place): void {
  const { components } = blocks.scan;
  const isAlone = components.length === 1;
  for (const of of components) {
    const { stride } = of.component;
    const across = isAlone ? 1 : of.component.across;
    const down = isAlone ? 1 : of.component.down;
    for (let y = row * down; y < (row + 1) * down; y += 1) {
      for (let x = column * across; x < (column + 1) * across; x += 1) readBlock(blocks, of, y * stride + x);
    }
  }
}

interface Place {
  readonly row: number;
  readonly column: number;
}

/**
 * Bytes behind the last block are strays only when they are zeros, or when the last byte of the blocks is filled up as
 * encoders do it and the strays are no further blocks: those would say that bits were lost before. In front of a restart
 * marker (not `isLast`), where writers leave nothing and losses show, only zeros are.
 */
function checkRest(blocks: BlockReader, isLast: boolean): void {
  const { bits, scan } = blocks;
  const { left, count, at } = standingOf(bits);
  const rest = bits.bytes.subarray(at, bits.to);
  if (rest.length === 0) return;
  const isFilled = left === (1 << count) - 1;
  if ((isFilled || left === 0) && rest.every((byte) => byte === 0)) return;
  if (!isLast || !isFilled || scan.components.some((of) => goesOn(blocks, of))) throw new BrokenBits();
}

/** True where what comes can be read to its end as blocks of that channel. */
function goesOn({ scan, bits }: BlockReader, of: ScanComponent): boolean {
  const rest = createBlockReader(scan, copyOf(bits));
  const alone = { ...of, component: { ...of.component, nonzero: new Uint32Array(2) } };
  try {
    for (;;) {
      const { left, count, at } = standingOf(rest.bits);
      if (at >= bits.to && left === (1 << count) - 1) return true;
      readBlock(rest, alone, 0);
      rest.owed = 0;
    }
  } catch (error) {
    if (error instanceof BrokenBits) return false;
    throw error;
  }
}

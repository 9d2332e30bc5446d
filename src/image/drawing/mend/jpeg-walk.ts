import { type BitReader, BrokenBits, createBitReader } from './jpeg-bits.ts';
import { nextMarker } from './jpeg-markers.ts';
import { type BlockReader, createBlockReader, type ScanComponent, type ScanHeader } from './jpeg-scan.ts';

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
  const blocks = createBlockReader(scan);
  const pieces: Buffer[] = [];
  const { across, down } = unitsOf(scan, units);
  const all = across * down;
  let from = start;
  for (let done = 0, count = 0; ; count += 1) {
    const marker = nextMarker(bytes, from);
    const reader = createBitReader(bytes, marker.at, { left: 0, count: 0, at: from });
    const until = restart === 0 ? all : Math.min(all, done + restart);
    for (; done < until; done += 1) {
      readUnit(blocks, reader, scan.components, { row: Math.floor(done / across), column: done % across });
    }
    if (blocks.owed() > 0) throw new BrokenBits();
    checkRest(bytes, reader, scan, { end: marker.at, isLast: done === all });
    pieces.push(bytes.subarray(from, reader.standing().at));
    if (done === all) return { pieces, end: marker.at };
    if (marker.code !== 0xd0 + (count % 8)) throw new BrokenBits();
    pieces.push(bytes.subarray(marker.after - 2, marker.after));
    blocks.reset();
    from = marker.after;
  }
}

/** Of one channel alone blocks come row by row of its own, of several unit by unit (A.2). */
function unitsOf({ components: [only, second] }: ScanHeader, whole: Units): Units {
  if (only === undefined || second !== undefined) return whole;
  return { across: only.component.blocksAcross, down: only.component.blocksDown };
}

function readUnit(blocks: BlockReader, bits: BitReader, components: readonly ScanComponent[], { row, column }: Place) {
  const isAlone = components.length === 1;
  for (const of of components) {
    const { stride } = of.component;
    const across = isAlone ? 1 : of.component.across;
    const down = isAlone ? 1 : of.component.down;
    for (let y = row * down; y < (row + 1) * down; y += 1) {
      for (let x = column * across; x < (column + 1) * across; x += 1) blocks.read(bits, of, y * stride + x);
    }
  }
}

interface Place {
  readonly row: number;
  readonly column: number;
}

interface RestPlace {
  readonly end: number;
  /** Behind the scan's last block, and not in front of a restart marker. */
  readonly isLast: boolean;
}

/**
 * Bytes behind the last block are strays only when they are zeros, or when the last byte of the blocks is filled up as
 * encoders do it and the strays are no further blocks: those would say that bits were lost before. In front of a restart
 * marker, where writers leave nothing and losses show, only zeros are.
 */
function checkRest(bytes: Buffer, reader: BitReader, scan: ScanHeader, { end, isLast }: RestPlace): void {
  const { left, count, at } = reader.standing();
  const rest = bytes.subarray(at, end);
  if (rest.length === 0) return;
  const isFilled = left === (1 << count) - 1;
  if ((isFilled || left === 0) && rest.every((byte) => byte === 0)) return;
  if (!isLast || !isFilled || scan.components.some((of) => goesOn(reader.copy(), scan, of, end)))
    throw new BrokenBits();
}

/** True where what comes can be read to its end as blocks of that channel. */
function goesOn(bits: BitReader, scan: ScanHeader, of: ScanComponent, end: number): boolean {
  const blocks = createBlockReader(scan);
  const alone = { ...of, component: { ...of.component, nonzero: new Uint32Array(2) } };
  try {
    for (;;) {
      const { left, count, at } = bits.standing();
      if (at >= end && left === (1 << count) - 1) return true;
      blocks.read(bits, alone, 0);
      blocks.reset();
    }
  } catch (error) {
    if (error instanceof BrokenBits) return false;
    throw error;
  }
}

import type { BitReader, HuffmanTable } from './jpeg-bits.ts';
import { BrokenBits } from './jpeg-bits.ts';

/** One channel of a frame. */
export interface Component {
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
  readonly component: Component;
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

/** Reads a block after the other and says nothing of what is in it. */
export interface BlockReader {
  /** `block`: its number among those of its channel. */
  read(bits: BitReader, of: ScanComponent, block: number): void;
  /** Blocks that the last code said to be empty and that have not come yet. */
  owed(): number;
  /** At a restart marker. */
  reset(): void;
}

/** Throws BrokenBits for what no encoder writes. */
export function createBlockReader(scan: ScanHeader): BlockReader {
  let owed = 0;
  const { from, to, high } = scan;

  function refuseUnless(holds: boolean): void {
    if (!holds) throw new BrokenBits();
  }

  function dcDifference(bits: BitReader, table: HuffmanTable | undefined): void {
    const size = coded(bits, table);
    refuseUnless(size <= 15);
    bits.bits(size);
  }

  function sequential(bits: BitReader, { dc, ac }: ScanComponent): void {
    dcDifference(bits, dc);
    for (let at = 1; at < 64; at += 1) {
      const code = coded(bits, ac);
      const size = code & 15;
      if (size === 0 && code !== 0xf0) {
        refuseUnless(code === 0);
        return;
      }
      at += code >> 4;
      refuseUnless(at < 64);
      bits.bits(size);
    }
  }

  function firstOfBand(bits: BitReader, { component, ac }: ScanComponent, block: number): void {
    if (owed > 0) {
      owed -= 1;
      return;
    }
    for (let at = from; at <= to; at += 1) {
      const code = coded(bits, ac);
      const size = code & 15;
      const run = code >> 4;
      if (size === 0 && run < 15) {
        owed = (1 << run) - 1 + bits.bits(run);
        return;
      }
      at += run;
      refuseUnless(at <= to);
      if (size === 0) continue;
      bits.bits(size);
      mark(component, block, at);
    }
  }

  /** Coefficients that are there already get a bit each, whatever is told of those between them (G.1.2.3). */
  function refineBand(bits: BitReader, { component, ac }: ScanComponent, block: number): void {
    let at = from;
    while (owed === 0 && at <= to) {
      const code = coded(bits, ac);
      const size = code & 15;
      let run = code >> 4;
      refuseUnless(size <= 1);
      if (size === 0 && run < 15) {
        owed = (1 << run) + bits.bits(run);
        break;
      }
      bits.bits(size);
      for (; at <= to; at += 1) {
        if (isMarked(component, block, at)) bits.bits(1);
        else if (run === 0) break;
        else run -= 1;
      }
      refuseUnless(at <= to);
      if (size === 1) mark(component, block, at);
      at += 1;
    }
    if (owed === 0) return;
    for (; at <= to; at += 1) if (isMarked(component, block, at)) bits.bits(1);
    owed -= 1;
  }

  return {
    read(bits, of, block) {
      if (!scan.isProgressive) sequential(bits, of);
      else if (from === 0) high === 0 ? dcDifference(bits, of.dc) : bits.bits(1);
      else high === 0 ? firstOfBand(bits, of, block) : refineBand(bits, of, block);
    },
    owed: () => owed,
    reset() {
      owed = 0;
    },
  };
}

function coded(bits: BitReader, table: HuffmanTable | undefined): number {
  if (table === undefined) throw new BrokenBits();
  return bits.value(table);
}

function mark({ nonzero }: Component, block: number, at: number): void {
  const word = block * 2 + (at >> 5);
  nonzero[word] = (nonzero[word] ?? 0) | (1 << (at & 31));
}

function isMarked({ nonzero }: Component, block: number, at: number): boolean {
  return (((nonzero[block * 2 + (at >> 5)] ?? 0) >>> (at & 31)) & 1) === 1;
}

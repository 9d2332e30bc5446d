import { BrokenBits, type HuffmanTable, huffmanTable } from './jpeg-bits.ts';
import type { JpegComponent, ScanComponent, ScanHeader } from './jpeg-scan.ts';
import type { Units } from './jpeg-walk.ts';

/** What a start of frame says of its channels. */
export interface JpegFrame {
  readonly isProgressive: boolean;
  readonly components: readonly JpegComponent[];
  readonly units: Units;
}

/** Coded by Huffman in blocks: the others (lossless, hierarchical, arithmetic) are not read here. */
const readableFrames: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2]);

/** Reads a start of frame; undefined for a kind that is not read here. */
export function readJpegFrame(marker: number, segment: Buffer): JpegFrame | undefined {
  if (!readableFrames.has(marker)) return undefined;
  const height = segment.readUInt16BE(1);
  const width = segment.readUInt16BE(3);
  const heads = Array.from({ length: segment.readUInt8(5) }, (_, index) => {
    const factors = segment.readUInt8(7 + index * 3);
    return { id: segment.readUInt8(6 + index * 3), across: factors >> 4, down: factors & 15 };
  });
  const widest = Math.max(...heads.map(({ across }) => across));
  const tallest = Math.max(...heads.map(({ down }) => down));
  if (heads.some(({ across, down }) => Math.min(across, down) === 0)) throw new BrokenBits();
  const units = { across: Math.ceil(width / (8 * widest)), down: Math.ceil(height / (8 * tallest)) };
  const isProgressive = marker === 0xc2;
  const components = heads.map((head) => {
    const stride = units.across * head.across;
    return {
      ...head,
      stride,
      blocksAcross: Math.ceil(Math.ceil((width * head.across) / widest) / 8),
      blocksDown: Math.ceil(Math.ceil((height * head.down) / tallest) / 8),
      nonzero: new Uint32Array(isProgressive ? 2 * stride * units.down * head.down : 0),
    };
  });
  return { isProgressive, components, units };
}

/** Huffman tables as they are so far, by class (0 for DC, 1 for AC) and place. */
export type Tables = Map<number, HuffmanTable>;

/** Takes the tables of a DHT segment. */
export function readTables(segment: Buffer, tables: Tables): void {
  for (let at = 0; at + 17 <= segment.length; ) {
    const counts = segment.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    tables.set(segment.readUInt8(at), huffmanTable(counts, segment.subarray(at + 17, at + 17 + total)));
    at += 17 + total;
  }
}

/** A scan's header with what it points to. */
export function readScan(segment: Buffer, frame: JpegFrame, tables: Tables): ScanHeader {
  const count = segment.readUInt8(0);
  const components = Array.from({ length: count }, (_, index): ScanComponent => {
    const component = frame.components.find(({ id }) => id === segment.readUInt8(1 + index * 2));
    if (component === undefined) throw new BrokenBits();
    const places = segment.readUInt8(2 + index * 2);
    return { component, dc: tables.get(places >> 4), ac: tables.get(0x10 | (places & 15)) };
  });
  const at = 1 + count * 2;
  const [from, to, bits] = frame.isProgressive
    ? [segment.readUInt8(at), segment.readUInt8(at + 1), segment.readUInt8(at + 2)]
    : [0, 63, 0];
  if (to > 63 || from > to) throw new BrokenBits();
  return { isProgressive: frame.isProgressive, components, from, to, high: bits >> 4, low: bits & 15 };
}

import type { SourceFormat } from './facts.ts';
import { broken, tooMany } from './header.ts';

/** A picture in tiles has a box each; a few hundred at most. */
const mostBoxes = 5_000;

/** A box of a file in ISO's base media format (ISO/IEC 14496-12), from behind its head to its end. */
export interface IsoBox {
  readonly type: string;
  /** Where its head begins, of 8 or 16 bytes. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

/** Counts boxes, and entries of boxes, over all walks through a file, so that nesting cannot multiply the work. */
export interface BoxCount {
  /** Of the file, as refusals name it. */
  readonly format: SourceFormat;
  /** Counts one, or so many at once. */
  next(by?: number): void;
}

export function createBoxCount(format: SourceFormat = 'avif'): BoxCount {
  return createCount(format, 'boxes', mostBoxes);
}

/** The same of something else, as its name is in a refusal. */
export function createCount(format: SourceFormat, what: string, most: number): BoxCount {
  let count = 0;
  return {
    format,
    next(by = 1) {
      count += by;
      if (count > most) throw tooMany(format, what, most);
    },
  };
}

/** The file itself, as what holds its first boxes. */
export function wholeFile(bytes: Buffer): IsoBox {
  return { type: '', at: 0, from: 0, to: bytes.length };
}

export function* children(bytes: Buffer, parent: IsoBox, boxes: BoxCount): Generator<IsoBox> {
  let at = parent.from;
  while (at + 8 <= parent.to) {
    boxes.next();
    const short = bytes.readUInt32BE(at);
    const headBytes = short === 1 ? 16 : 8;
    const length = short === 0 ? parent.to - at : short === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : short;
    if (length < headBytes) throw broken(boxes.format, 'a box is shorter than its head');
    const to = Math.min(at + length, parent.to);
    yield { type: bytes.toString('latin1', at + 4, at + 8), at, from: at + headBytes, to };
    at += length;
  }
}

export function find(bytes: Buffer, parent: IsoBox, type: string, boxes: BoxCount): IsoBox | undefined {
  for (const box of children(bytes, parent, boxes)) if (box.type === type) return box;
  return undefined;
}

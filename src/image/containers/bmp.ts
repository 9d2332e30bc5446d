import { Failure } from '../../failure.ts';
import type { Size } from './facts.ts';
import { broken } from './header.ts';

/** What a BMP says of its pixels; in an ICO the same without the file's own head. */
export interface Bmp {
  readonly size: Size;
  readonly isTopDown: boolean;
  readonly bits: 1 | 2 | 4 | 8 | 16 | 24 | 32;
  readonly coding: 'plain' | 'rle4' | 'rle8';
  /** Where the bits of red, green, blue and alpha lie in a pixel of 16 or 32; 0 for what it has none of. */
  readonly masks: readonly [number, number, number, number];
  readonly palette: BmpPalette | undefined;
  readonly pixelsAt: number;
  /** An ICC profile inside. */
  readonly profile: Buffer | undefined;
}

interface BmpPalette {
  readonly at: number;
  readonly count: number;
  /** Of one colour. */
  readonly bytes: 3 | 4;
}

/** Where the picture's own header begins in a BMP, behind the head of the file. */
export const bmpHeadBytes = 14;

const depths: readonly number[] = [1, 2, 4, 8, 16, 24, 32];
const codings: Readonly<Record<number, Bmp['coding']>> = { 0: 'plain', 1: 'rle8', 2: 'rle4', 3: 'plain', 6: 'plain' };
const [withMasks, withAlphaMask] = [3, 6];
/** `MBED` in the header of version 5. */
const embeddedProfile = 0x4d424544;

/** By how many bits a pixel has: five each of 16, and eight of 32, where no masks are said. */
const usualMasks = { 16: [0x7c00, 0x3e0, 0x1f, 0], 32: [0xff0000, 0xff00, 0xff, 0] } as const;

/**
 * Reads the header of version 2 (OS/2), 3, 4 or 5 at that place. `pixelsAt` is where the file's head says that the pixels
 * begin; they follow the colours where there is none. Throws a Failure, or a RangeError where the bytes end too early.
 */
export function readBmp(bytes: Buffer, at: number, pixelsAt?: number): Bmp {
  const headerBytes = bytes.readUInt32LE(at);
  if (headerBytes === 12) return readCore(bytes, at, pixelsAt);
  if (headerBytes < 40 || headerBytes > 124) throw broken('bmp', `its header has ${headerBytes} bytes`);
  const [width, height] = [bytes.readInt32LE(at + 4), bytes.readInt32LE(at + 8)];
  const bits = depthOf(bytes.readUInt16LE(at + 14));
  const compression = bytes.readUInt32LE(at + 16);
  const coding = codings[compression];
  if (coding === undefined || !suits(coding, bits)) {
    throw new Failure('unsupported', `A BMP whose pixels of ${bits} bits are coded in way ${compression} is not read.`);
  }
  const saysMasks = compression === withMasks || compression === withAlphaMask;
  // Of version 3 they lie behind the header.
  const masksBytes = saysMasks && headerBytes === 40 ? (compression === withAlphaMask ? 16 : 12) : 0;
  const hasAlphaMask = headerBytes >= 56 || masksBytes === 16;
  const colours = bytes.readUInt32LE(at + 32);
  const paletteAt = at + headerBytes + masksBytes;
  const palette = paletteOf({ at: paletteAt, bytes: 4 }, bits, colours);
  return {
    size: sizeOf(width, Math.abs(height)),
    isTopDown: height < 0,
    bits,
    coding,
    masks: saysMasks ? masksAt(bytes, at + 40, hasAlphaMask) : usualMasks[bits === 16 ? 16 : 32],
    palette,
    pixelsAt: pixelsAt ?? paletteAt + 4 * (palette?.count ?? 0),
    profile: headerBytes === 124 ? profileIn(bytes, at) : undefined,
  };
}

/** OS/2's first: sizes of 16 bits, and colours of three bytes. */
function readCore(bytes: Buffer, at: number, pixelsAt: number | undefined): Bmp {
  const bits = depthOf(bytes.readUInt16LE(at + 10));
  const palette = paletteOf({ at: at + 12, bytes: 3 }, bits, 0);
  return {
    size: sizeOf(bytes.readUInt16LE(at + 4), bytes.readUInt16LE(at + 6)),
    isTopDown: false,
    bits,
    coding: 'plain',
    masks: usualMasks[bits === 16 ? 16 : 32],
    palette,
    pixelsAt: pixelsAt ?? at + 12 + 3 * (palette?.count ?? 0),
    profile: undefined,
  };
}

function suits(coding: Bmp['coding'], bits: number): boolean {
  return coding === 'plain' || (coding === 'rle8' ? bits === 8 : bits === 4);
}

function depthOf(bits: number): Bmp['bits'] {
  if (!depths.includes(bits)) throw broken('bmp', `its pixels have ${bits} bits`);
  return bits as Bmp['bits'];
}

function sizeOf(width: number, height: number): Size {
  if (width < 1 || height < 1) throw broken('bmp', `its header says ${width} × ${height} pixels`);
  return { width, height };
}

function paletteOf(place: Omit<BmpPalette, 'count'>, bits: number, colours: number): BmpPalette | undefined {
  if (bits > 8) return undefined;
  const most = 2 ** bits;
  return { ...place, count: colours === 0 ? most : Math.min(colours, most) };
}

function masksAt(bytes: Buffer, at: number, hasAlpha: boolean): Bmp['masks'] {
  const mask = (index: number) => bytes.readUInt32LE(at + 4 * index);
  return [mask(0), mask(1), mask(2), hasAlpha ? mask(3) : 0];
}

/** One that lies elsewhere than in the file is somebody else's. */
function profileIn(bytes: Buffer, at: number): Buffer | undefined {
  if (bytes.readUInt32LE(at + 56) !== embeddedProfile) return undefined;
  const from = at + bytes.readUInt32LE(at + 112);
  const length = bytes.readUInt32LE(at + 116);
  const profile = bytes.subarray(from, from + length);
  return profile.length === length && profile.toString('latin1', 16, 20) === 'RGB ' ? profile : undefined;
}

/** Rows are filled up to four bytes. */
export function rowBytesOf({ size, bits }: Pick<Bmp, 'size' | 'bits'>): number {
  return Math.ceil((size.width * bits) / 32) * 4;
}

/** Whether its pixels may be seen through. */
export function hasAlphaIn({ bits, masks }: Bmp): boolean {
  return (bits === 16 || bits === 32) && masks[3] !== 0;
}

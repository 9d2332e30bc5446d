import type { Size } from '../../containers/facts.ts';
import { broken, type Header, pictureSize, upToNow } from '../../containers/header.ts';
import { children, createBoxCount, wholeFile } from '../../containers/iso-boxes.ts';
import { type Bits, bitsOf } from './bits.ts';
import { readColours } from './colours.ts';

/**
 * Reads what a JPEG XL says of its picture (ISO/IEC 18181-1, annexes B and D), in a container or bare. The decoder turns it by what it
 * says of its orientation and writes RGB of 8 or 16 bits in the colours that it says, so the size here is the upright one.
 */
export function inspectJxl(bytes: Buffer): Header {
  const bits = bitsOf(bytes, codestreamAt(bytes) + 2);
  const { width, height } = readSize(bits);
  const size = pictureSize('jxl', width, height);
  // All of it as is usual: 8 bits, without alpha, in sRGB.
  if (bits.flag()) return { ...upToNow, stored: size, encoding: 'srgb' };
  const hasExtras = bits.flag();
  const { isOnItsSide, isMoving } = hasExtras ? readExtras(bits) : usualExtras;
  const depth = readDepth(bits);
  // Whether 16 bits suffice for what is reckoned with.
  bits.flag();
  const channels = readChannels(bits);
  // Whether it is stored in colours of its own, out of which it is brought to those that it says.
  bits.flag();
  const encoding = readColours(bits, hasExtras);
  return {
    ...upToNow,
    stored: isOnItsSide ? { width: size.height, height: size.width } : size,
    isSequence: isMoving,
    hasAlpha: channels.some(({ kind }) => kind === 'alpha'),
    isPremultiplied: channels.some(({ isMultiplied }) => isMultiplied),
    bitDepth: depth > 8 ? 16 : 8,
    samplesPerPixel: 3 + channels.length,
    encoding,
    unreadKind: channels.some(({ kind }) => kind === 'black') ? 'CMYK picture in JPEG XL' : undefined,
  };
}

/** Where the picture's own bytes begin: in a container, in its first box of them, or part of one, which has a number first. */
function codestreamAt(bytes: Buffer): number {
  if (bytes[0] === 0xff) return 0;
  for (const { type, from, to } of children(bytes, wholeFile(bytes), createBoxCount('jxl'))) {
    const at = type === 'jxlc' ? from : type === 'jxlp' ? from + 4 : undefined;
    if (at === undefined) continue;
    if (at + 2 > to || bytes.readUInt16BE(at) !== 0xff0a) break;
    return at;
  }
  throw broken('jxl', 'it holds no picture');
}

/** Shapes that are said by a number, as width to height. */
const shapes: readonly (readonly [number, number])[] = [
  [1, 1],
  [12, 10],
  [4, 3],
  [3, 2],
  [16, 9],
  [5, 4],
  [2, 1],
];

const sides = [
  [9, 1],
  [13, 1],
  [18, 1],
  [30, 1],
] as const;

function readSize(bits: Bits): Size {
  const isSmall = bits.flag();
  const side = () => (isSmall ? 8 * (bits.read(5) + 1) : bits.ranged(sides));
  const height = side();
  const shape = shapes[bits.read(3) - 1];
  return { width: shape === undefined ? side() : Math.floor((height * shape[0]) / shape[1]), height };
}

interface Extras {
  readonly isOnItsSide: boolean;
  readonly isMoving: boolean;
}

const usualExtras: Extras = { isOnItsSide: false, isMoving: false };

function readExtras(bits: Bits): Extras {
  const isOnItsSide = bits.read(3) >= 4;
  if (bits.flag()) readSize(bits);
  if (bits.flag()) readPreviewSize(bits);
  const isMoving = bits.flag();
  if (isMoving) {
    bits.ranged([100, 1000, [10, 1], [30, 1]]);
    bits.ranged([1, 1001, [8, 1], [10, 1]]);
    bits.ranged([0, [3, 0], [16, 0], [32, 0]]);
    bits.flag();
  }
  return { isOnItsSide, isMoving };
}

function readPreviewSize(bits: Bits): void {
  const isInEights = bits.flag();
  const side = () =>
    isInEights
      ? bits.ranged([16, 32, [5, 1], [9, 33]])
      : bits.ranged([
          [6, 1],
          [8, 65],
          [10, 321],
          [12, 1345],
        ]);
  side();
  if (bits.read(3) === 0) side();
}

/** Bits of a sample; more than 16 for numbers with a fraction, which come out as 16. */
function readDepth(bits: Bits): number {
  if (!bits.flag()) return bits.ranged([8, 10, 12, [6, 1]]);
  const depth = bits.ranged([32, 16, 24, [6, 1]]);
  bits.read(4);
  return depth;
}

interface Channel {
  readonly kind: 'alpha' | 'black' | 'other';
  /** Whether the colours are stored multiplied by it. */
  readonly isMultiplied: boolean;
}

/** Depth, saved selections and what else scientists keep: each is decoded. */
const mostChannels = 16;
const kinds: Readonly<Record<number, Channel['kind']>> = { 0: 'alpha', 4: 'black' };
const [spotColour, filterArray] = [2, 5];

function readChannels(bits: Bits): readonly Channel[] {
  const count = bits.ranged([0, 1, [4, 2], [12, 1]]);
  if (count > mostChannels) throw broken('jxl', `it has ${count} channels beside its colours`);
  return Array.from({ length: count }, () => readChannel(bits));
}

function readChannel(bits: Bits): Channel {
  if (bits.flag()) return { kind: 'alpha', isMultiplied: false };
  const number = bits.named();
  const kind = kinds[number] ?? 'other';
  readDepth(bits);
  bits.ranged([0, 3, 4, [3, 1]]);
  const letters = bits.ranged([0, [4, 0], [5, 16], [10, 48]]);
  for (let letter = 0; letter < letters; letter += 1) bits.read(8);
  const isMultiplied = kind === 'alpha' && bits.flag();
  if (number === spotColour) for (let part = 0; part < 4; part += 1) bits.read(16);
  if (number === filterArray) bits.ranged([1, [2, 0], [4, 3], [8, 19]]);
  return { kind, isMultiplied };
}

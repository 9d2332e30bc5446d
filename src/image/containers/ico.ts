import { Failure } from '../../failure.ts';
import { type Bmp, readBmp, rowBytesOf } from './bmp.ts';
import type { Size } from './facts.ts';
import { broken } from './header.ts';

/** The picture of an icon that is drawn: a PNG, or a BMP without its head and with a mask behind it. */
export type IconPicture =
  | { readonly kind: 'png'; readonly file: Buffer }
  | { readonly kind: 'bmp'; readonly file: Buffer; readonly bmp: Bmp; readonly mask: IconMask };

/** A bit for each pixel, rows from below, that says what is seen through. */
export interface IconMask {
  readonly at: number;
  readonly rowBytes: number;
}

/** Icons have a handful of pictures. */
const mostPictures = 256;
const [headBytes, entryBytes] = [6, 16];

interface Entry extends Size {
  readonly bits: number;
  readonly from: number;
  readonly to: number;
}

/** The largest of an icon's pictures, and of those the one with the most colours. */
export function iconPicture(bytes: Buffer): IconPicture {
  const count = bytes.readUInt16LE(4);
  if (count < 1) throw broken(ico, 'it has no pictures');
  if (count > mostPictures) throw new Failure('too_large', `The icon has more than ${mostPictures} pictures.`);
  const entries = Array.from({ length: count }, (_, index) => entryAt(bytes, headBytes + entryBytes * index));
  const best = entries.reduce((one, other) => (rank(other) > rank(one) ? other : one));
  const file = bytes.subarray(best.from, best.to);
  if (file.length < 40) throw broken(ico, 'it ends before its picture');
  if (file.readUInt32BE(0) === 0x89504e47) return { kind: 'png', file };
  return dibIn(file);
}

const ico = 'vnd.microsoft.icon';

/** 0 is 256. */
function entryAt(bytes: Buffer, at: number): Entry {
  const from = bytes.readUInt32LE(at + 12);
  const [width, height] = [bytes.readUInt8(at) || 256, bytes.readUInt8(at + 1) || 256];
  return { width, height, bits: bytes.readUInt16LE(at + 6), from, to: from + bytes.readUInt32LE(at + 8) };
}

function rank({ width, height, bits }: Entry): number {
  return width * height * 1_000 + Math.min(bits, 999);
}

/** Its height counts the mask too. */
function dibIn(file: Buffer): IconPicture {
  const read = readBmp(file, 0);
  const size = { ...read.size, height: Math.ceil(read.size.height / 2) };
  const masks = read.bits === 32 ? ([0xff0000, 0xff00, 0xff, 0xff000000] as const) : read.masks;
  const bmp: Bmp = { ...read, size, masks, isTopDown: false };
  const mask = { at: bmp.pixelsAt + rowBytesOf(bmp) * size.height, rowBytes: rowBytesOf({ size, bits: 1 }) };
  return { kind: 'bmp', file, bmp, mask };
}

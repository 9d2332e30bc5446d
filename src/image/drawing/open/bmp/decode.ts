import { type Bmp, bmpHeadBytes, readBmp, rowBytesOf } from '../../../containers/bmp.ts';
import type { Facts } from '../../../containers/facts.ts';
import { broken } from '../../../containers/header.ts';
import { type IconMask, iconPicture } from '../../../containers/ico.ts';
import { createTiff } from '../../picture/pixels-tiff.ts';
import { unpackRle } from './rle.ts';

/** A BMP's pixels in an uncompressed TIFF; what follows reads those. Failures: `corrupt`. */
export function bmpAsTiff(file: Buffer, { hasAlpha }: Pick<Facts, 'hasAlpha'>): Buffer {
  return written({ file, bmp: readBmp(file, bmpHeadBytes, file.readUInt32LE(10)), channels: hasAlpha ? 4 : 3 });
}

/** The picture of an icon that is drawn, as a file that others read: a PNG as it lies there, or a TIFF. */
export function iconAsOther(file: Buffer): { readonly format: 'png' | 'tiff'; readonly file: Buffer } {
  const picture = iconPicture(file);
  if (picture.kind === 'png') return { format: 'png', file: picture.file };
  return { format: 'tiff', file: written({ ...picture, channels: 4 }) };
}

interface Source {
  readonly file: Buffer;
  readonly bmp: Bmp;
  readonly channels: 3 | 4;
  readonly mask?: IconMask;
}

function written({ file, bmp, channels, mask }: Source): Buffer {
  const { size, profile, isTopDown, coding } = bmp;
  const { width, height } = size;
  const tiff = createTiff({ ...size, channels, isDeep: false, profile });
  const rowBytes = coding === 'plain' ? rowBytesOf(bmp) : width;
  // A row that is packed comes with a byte for each pixel.
  const source =
    coding === 'plain'
      ? { file, from: bmp.pixelsAt, bits: bmp.bits }
      : { file: unpackRle(file, bmp), from: 0, bits: 8 as const };
  if (source.from + rowBytes * height > source.file.length + 3) throw broken('bmp', 'it ends before its pixels');
  const reading: Reading = {
    ...{ width, hasAlpha: channels === 4, bits: source.bits },
    colours: coloursIn(file, bmp),
    masks: bmp.masks.map(channelOf),
  };
  for (let row = 0; row < height; row += 1) {
    const to = (isTopDown ? row : height - 1 - row) * width * channels;
    const from = source.from + row * rowBytes;
    writeRow(reading, rowOf(source.file, from, rowBytes), tiff.pixels.subarray(to, to + width * channels));
  }
  if (channels === 4) settleAlpha(tiff.pixels, { file, bmp, channels, ...(mask === undefined ? {} : { mask }) });
  return tiff.file;
}

/** The last may lack what it is filled up with. */
function rowOf(file: Buffer, from: number, bytes: number): Buffer {
  const row = file.subarray(from, from + bytes);
  return row.length === bytes ? row : Buffer.concat([row, Buffer.alloc(bytes - row.length)]);
}

/** How the numbers of a row become colours. */
interface Reading {
  readonly bits: Bmp['bits'];
  readonly width: number;
  readonly hasAlpha: boolean;
  /** Three bytes of each colour. */
  readonly colours: Buffer;
  readonly masks: readonly Channel[];
}

function writeRow(reading: Reading, row: Buffer, into: Buffer): void {
  if (reading.bits === 24) writeBgrRow(reading, row, into);
  else if (reading.bits > 8) writeMaskedRow(reading, row, into);
  else writePaletteRow(reading, row, into);
}

function writeBgrRow({ width, hasAlpha }: Reading, row: Buffer, into: Buffer): void {
  for (let x = 0, at = 0; x < width; x += 1, at += hasAlpha ? 4 : 3) {
    into[at] = row[3 * x + 2] ?? 0;
    into[at + 1] = row[3 * x + 1] ?? 0;
    into[at + 2] = row[3 * x] ?? 0;
    if (hasAlpha) into[at + 3] = 255;
  }
}

function writePaletteRow({ bits, width, hasAlpha, colours }: Reading, row: Buffer, into: Buffer): void {
  const [perByte, highest] = [8 / bits, 2 ** bits - 1];
  for (let x = 0, at = 0; x < width; x += 1, at += hasAlpha ? 4 : 3) {
    const byte = row[Math.floor(x / perByte)] ?? 0;
    const index = 3 * ((byte >> (8 - bits - bits * (x % perByte))) & highest);
    into[at] = colours[index] ?? 0;
    into[at + 1] = colours[index + 1] ?? 0;
    into[at + 2] = colours[index + 2] ?? 0;
    if (hasAlpha) into[at + 3] = 255;
  }
}

function writeMaskedRow({ bits, width, hasAlpha, masks }: Reading, row: Buffer, into: Buffer): void {
  for (let x = 0, at = 0; x < width; x += 1, at += hasAlpha ? 4 : 3) {
    const value = bits === 16 ? row.readUInt16LE(2 * x) : row.readUInt32LE(4 * x);
    for (let index = 0; index < (hasAlpha ? 4 : 3); index += 1) {
      const { shift = 0, highest = 0 } = masks[index] ?? {};
      const own = ((value >>> shift) & highest) >>> 0;
      into[at + index] = highest === 0 ? (index === 3 ? 255 : 0) : Math.round((own * 255) / highest);
    }
  }
}

/** Colours past the end of the table are black, as everywhere. */
function coloursIn(file: Buffer, { palette }: Bmp): Buffer {
  const colours = Buffer.alloc(256 * 3);
  for (let index = 0; palette !== undefined && index < palette.count; index += 1) {
    const from = palette.at + index * palette.bytes;
    colours.set([file[from + 2] ?? 0, file[from + 1] ?? 0, file[from] ?? 0], 3 * index);
  }
  return colours;
}

interface Channel {
  readonly shift: number;
  readonly highest: number;
}

/** A mask of bits that do not lie side by side is none that anything writes: what lies between counts, too. */
function channelOf(mask: number): Channel {
  if (mask === 0) return { shift: 0, highest: 0 };
  const shift = 31 - Math.clz32(mask & -mask);
  return { shift, highest: 2 ** (32 - Math.clz32(mask >>> shift)) - 1 };
}

/** Programs that know no alpha leave zeros there: a picture of which nothing would be seen is opaque, but for its icon's mask. */
function settleAlpha(pixels: Buffer, { file, bmp, mask }: Source): void {
  let hasAlpha = false;
  for (let at = 3; at < pixels.length && !hasAlpha; at += 4) hasAlpha = pixels[at] !== 0;
  if (hasAlpha && (mask === undefined || bmp.bits === 32)) return;
  const { width, height } = bmp.size;
  for (let row = 0; row < height; row += 1) {
    const to = (bmp.isTopDown ? row : height - 1 - row) * width;
    for (let x = 0; x < width; x += 1) {
      const bits = mask === undefined ? 0 : (file[mask.at + row * mask.rowBytes + (x >> 3)] ?? 0);
      pixels[4 * (to + x) + 3] = ((bits >> (7 - (x & 7))) & 1) === 1 ? 0 : 255;
    }
  }
}

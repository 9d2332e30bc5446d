import { Failure } from '../../failure.ts';
import { cutOf } from '../containers/avif-cut.ts';
import { primaryItem, propertiesOf, readMeta } from '../containers/avif-items.ts';
import { isAlpha, partsOf, unknownProperty } from '../containers/avif-parts.ts';
import type { Size } from '../containers/facts.ts';
import { broken, type Header, pictureSize, upToNow } from '../containers/header.ts';
import { createBoxCount, find, type IsoBox, wholeFile } from '../containers/iso-boxes.ts';
import { configurationOfAv1 } from './av1.ts';
import { coloursOfAvif } from './avif-colours.ts';
import { isAvif, notRead } from './brands.ts';

/**
 * Reads the properties of the primary picture. The decoder itself turns and mirrors by `irot` and `imir` and passes over
 * EXIF, as the format's rules say, so the size here is the upright one.
 */
export function inspectAvif(bytes: Buffer): Header {
  if (!isAvif(bytes)) throw notRead(bytes);
  const boxes = createBoxCount();
  const whole = wholeFile(bytes);
  const isSequence = find(bytes, whole, 'moov', boxes) !== undefined;
  const meta = find(bytes, whole, 'meta', boxes);
  if (meta === undefined && isSequence) {
    throw new Failure('unsupported', 'An AVIF sequence without a still picture is not read.');
  }
  if (meta === undefined) throw broken('avif', 'it ends before its size is said');
  const avif = readMeta(bytes, meta, boxes);
  const shown = primaryItem(avif);
  const parts = shown === undefined ? [] : [...partsOf(avif, shown).all];
  // A file that names no picture is the decoder's to refuse.
  const drawn = shown === undefined ? avif.all : parts.flatMap((item) => propertiesOf(avif, item));
  const own = propertiesOf(avif, shown);
  const extents = drawn.filter((box) => box.type === 'ispe').map((box) => extent(bytes, box));
  const primary = own.find((box) => box.type === 'ispe');
  const stored = primary === undefined ? largest(extents) : extent(bytes, primary);
  if (area(largest([stored, ...extents])) > area(stored)) throw partsTooLarge();
  const configurations = drawn.filter((box) => box.type === 'av1C').map(({ from }) => configurationOfAv1(bytes, from));
  const isTurned = own.some((box) => box.type === 'irot' && (bytes.readUInt8(box.from) & 1) === 1);
  const turned = ({ width, height }: Size) => (isTurned ? { width: height, height: width } : { width, height });
  const clap = own.find((box) => box.type === 'clap');
  const cut = clap && cutOf(bytes.subarray(clap.from, clap.to), stored);
  const hasAlpha = parts.some((item) => isAlpha(avif, item));
  const unknown = unknownProperty(avif, parts, []);
  return {
    ...upToNow,
    isSequence,
    stored: turned(stored),
    cut: cut && turned(cut),
    hasAlpha,
    ...coloursOfAvif(avif, shown),
    bitDepth: Math.max(8, ...configurations.map(({ depth }) => depth)),
    samplesPerPixel: Math.max(1, ...configurations.map((one) => one.samplesPerPixel)) + (hasAlpha ? 1 : 0),
    unreadKind: unknown && `picture with an essential property of the kind "${unknown}" in AVIF`,
  };
}

function area({ width, height }: Size): number {
  return width * height;
}

/** An alpha plane or a tile is decoded with the picture, whatever size the picture itself says. */
function partsTooLarge(): Failure {
  return new Failure('too_large', 'The AVIF file has parts that are larger than the picture itself.');
}

function extent(bytes: Buffer, box: IsoBox): Size {
  return pictureSize('avif', bytes.readUInt32BE(box.from + 4), bytes.readUInt32BE(box.from + 8));
}

function largest(extents: readonly Size[]): Size {
  const [first, ...rest] = extents;
  if (first === undefined) throw broken('avif', 'it ends before its size is said');
  return rest.reduce((most, size) => (area(size) > area(most) ? size : most), first);
}

import { Failure } from '../../failure.ts';
import { mediaTypeOf } from '../../formats.ts';
import { inTurns } from '../../turns.ts';
import { type Facts, isOrientation, type Orientation, orientedSize, type SourceFormat } from '../containers/facts.ts';
import { broken, checkKind, type Header, type Inspector } from '../containers/header.ts';
import { inspectAvif } from './avif.ts';
import { inspectBmp, inspectIco } from './bmp.ts';
import { isAvif, isHeic } from './brands.ts';
import { orientationIn } from './exif-orientation.ts';
import { findGainMap } from './gain-map.ts';
import { inspectGif } from './gif.ts';
import { inspectHeic } from './heic.ts';
import { inspectJpeg } from './jpeg.ts';
import { inspectJxl } from './jxl/jxl.ts';
import { inspectPng } from './png.ts';
import { isSvg } from './svg/is-svg.ts';
import { inspectSvg } from './svg/svg.ts';
import { inspectTiff } from './tiff.ts';
import { checkUnpacked } from './unpacked.ts';
import { inspectWebp } from './webp.ts';

function any(count: number): readonly undefined[] {
  return Array.from({ length: count }, () => undefined);
}

/** A format and the bytes that every file of it begins with; `undefined` matches any byte. */
const signatures: readonly (readonly [SourceFormat, readonly (number | undefined)[]])[] = [
  ['jpeg', [0xff, 0xd8, 0xff]],
  ['png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['gif', [0x47, 0x49, 0x46, 0x38, undefined, 0x61]],
  ['webp', [0x52, 0x49, 0x46, 0x46, undefined, undefined, undefined, undefined, 0x57, 0x45, 0x42, 0x50]],
  ['avif', [undefined, undefined, undefined, undefined, 0x66, 0x74, 0x79, 0x70]],
  ['tiff', [0x49, 0x49, 0x2a, 0x00]],
  ['tiff', [0x4d, 0x4d, 0x00, 0x2a]],
  ['tiff', [0x49, 0x49, 0x2b, 0x00]],
  ['tiff', [0x4d, 0x4d, 0x00, 0x2b]],
  // Two bytes that reserve nothing, and the first of a header of 12 to 124 bytes.
  ['bmp', [0x42, 0x4d, ...any(4), 0, 0, 0, 0, ...any(4), undefined, 0, 0, 0]],
  ['jxl', [0xff, 0x0a]],
  ['jxl', [0, 0, 0, 0x0c, 0x4a, 0x58, 0x4c, 0x20, 0x0d, 0x0a, 0x87, 0x0a]],
  ['vnd.microsoft.icon', [0, 0, 1, 0, undefined, 0, undefined, undefined, undefined, 0]],
];

const inspectors: Readonly<Record<SourceFormat, Inspector>> = {
  jpeg: inspectJpeg,
  png: inspectPng,
  webp: inspectWebp,
  gif: inspectGif,
  avif: inspectAvif,
  heic: inspectHeic,
  tiff: inspectTiff,
  bmp: inspectBmp,
  'vnd.microsoft.icon': inspectIco,
  'svg+xml': inspectSvg,
  jxl: inspectJxl,
};

/**
 * Reads what a picture's header says, from its bytes alone: nothing is decoded, no byte is read twice, and every count
 * is bounded, and what takes long is shared out over turns of the event loop. Of a document (TIFF) the facts are those of one page, the first where none is named. Failures:
 * `unsupported`, `corrupt`, `too_large` (parts that cost a decoder out of proportion).
 */
export async function inspect(original: Uint8Array, page = 1): Promise<Facts> {
  const bytes = Buffer.from(original.buffer, original.byteOffset, original.byteLength);
  const facts = await inspectAlone(bytes, page);
  const gainMap = facts.format === 'jpeg' ? await findGainMap(bytes, facts, inspectAlone) : undefined;
  return gainMap === undefined ? facts : { ...facts, gainMap };
}

/** Of its first picture, whatever lies behind it. */
async function inspectAlone(bytes: Buffer, page: number): Promise<Facts> {
  const format = sniff(bytes);
  const { exif, orientation: stated, deflated, cut, embedded, ...header } = await readHeader(format, bytes, page);
  // The pages of a document are each of a kind of their own; which is drawn is known later.
  if (header.pages === 1) checkKind(header);
  await checkUnpacked(deflated);
  const orientation = asOrientation(exif === undefined ? stated : orientationIn(exif));
  const vector = header.vector && { ...header.vector, imagePixels: await pixelsIn(embedded) };
  const size = orientedSize(cut ?? header.stored, orientation);
  return { ...header, vector, format, bytes: bytes.length, orientation, size };
}

/** Pictures of which the library that draws the whole reads all kinds. */
const embeddable: readonly SourceFormat[] = ['jpeg', 'png', 'gif'];

/** Of the pictures in another one, each of which is looked at like any. */
async function pixelsIn(pictures: readonly Buffer[]): Promise<number> {
  let pixels = 0;
  for (const picture of pictures) {
    const format = formatOf(picture);
    if (format === undefined || !embeddable.includes(format)) {
      throw new Failure('unsupported', 'Of pictures in an SVG only JPEG, PNG and GIF are read.');
    }
    const { stored } = await inspect(picture);
    pixels += stored.width * stored.height;
  }
  return pixels;
}

/** A page of a document has a size, an orientation and colours of its own; frames of an animation share theirs. */
export async function factsOfPage(whole: Facts, original: Uint8Array, page: number | undefined): Promise<Facts> {
  return page === undefined || page === 1 || whole.pages === 1 ? whole : inspect(original, page);
}

/** First bytes that a picture is told by: the longest list of an AVIF's brands that is looked at. */
export const headBytes = 256;

/**
 * The media type that a file's first bytes show, with which it may be sent as it is; undefined for what is no picture that is
 * read here, and for an SVG: that is a program where it is opened as a page.
 */
export function contentTypeOf(head: Uint8Array): string | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const format = formatOf(bytes);
  const isOther = format === 'svg+xml' || (format === 'avif' && !isAvif(bytes));
  return format === undefined || isOther ? undefined : mediaTypeOf(format);
}

/** The format that a file's first bytes name; undefined for what is no picture that is read here. */
export function formatOf(bytes: Buffer): SourceFormat | undefined {
  const matches = (signature: readonly (number | undefined)[]) =>
    signature.every((byte, index) => byte === undefined || byte === bytes[index]);
  const format = signatures.find(([, signature]) => matches(signature))?.[0];
  if (format === undefined && isSvg(bytes)) return 'svg+xml';
  // They have one container, and what lies in it is said behind.
  return format === 'avif' && bytes.length >= 12 && isHeic(bytes) ? 'heic' : format;
}

function sniff(bytes: Buffer): SourceFormat {
  const format = formatOf(bytes);
  if (format !== undefined) return format;
  throw new Failure(
    'unsupported',
    'The file is no picture that is read here: JPEG, PNG, WebP, GIF, AVIF, HEIC, JPEG XL, TIFF, BMP, ICO or SVG.',
  );
}

async function readHeader(format: SourceFormat, bytes: Buffer, page: number): Promise<Header> {
  try {
    const read = inspectors[format](bytes, page);
    return 'next' in read ? await inTurns(read) : read;
  } catch (error) {
    // A read past the end: the file stops inside its header, or points outside of itself.
    if (error instanceof RangeError) throw broken(format, 'it ends inside its header');
    throw error;
  }
}

/** EXIF names 1 to 8; anything else, and what cannot be read, leaves the picture as it is stored, as viewers do. */
function asOrientation(value: unknown): Orientation {
  return isOrientation(value) ? value : 1;
}

import type { ImageFormat } from '../../../../grammar/index.ts';
import { pngChunk } from '../../../containers/png-chunk.ts';

/** What is put into a finished file, since no encoder of ours can write it, or not without more beside it. */
export interface Embedded {
  /** A TIFF structure. */
  readonly exif?: Buffer | undefined;
  /**
   * A packet, for PNG and GIF: libvips writes it as the wrong kind of text, or not at all; and for whatever no encoder of
   * ours has written.
   */
  readonly xmp?: string | undefined;
  /** Dots for each inch. */
  readonly density?: number | undefined;
}

/**
 * Puts that into a file that says nothing else: an encoder has just written it, so its first parts are where they always
 * are. AVIF takes none of it.
 */
export function embed(file: Buffer, format: ImageFormat, { exif, xmp, density }: Embedded): Buffer {
  switch (format) {
    case 'jpeg':
      return intoJpeg(file, { exif, xmp, density });
    case 'png':
      return intoPng(file, { exif, xmp, density });
    case 'webp':
      return exif === undefined && xmp === undefined ? file : intoWebp(file, exif, xmp);
    case 'gif':
      return xmp === undefined ? file : intoGif(file, xmp);
    case 'avif':
      return file;
  }
}

/** JFIF's segment stands behind SOI, EXIF's behind that. Pictures in four colours are written without the first. */
function intoJpeg(file: Buffer, { exif, xmp, density }: Embedded): Buffer {
  const jfifEnd = file.readUInt16BE(2) === 0xffe0 ? 4 + file.readUInt16BE(4) : 2;
  if (exif === undefined && xmp === undefined && density === undefined) return file;
  const parts = [
    file.subarray(0, 2),
    density === undefined ? file.subarray(2, jfifEnd) : jfif(density),
    ...(exif === undefined ? [] : [segment('Exif\0\0', exif)]),
    ...(xmp === undefined ? [] : [segment('http://ns.adobe.com/xap/1.0/\0', Buffer.from(xmp))]),
    file.subarray(jfifEnd),
  ];
  return Buffer.concat(parts);
}

/** Of version 1.1, in dots for each inch, without a preview. */
function jfif(density: number): Buffer {
  const head = Buffer.from('\xff\xe0\0\x10JFIF\0\x01\x01\x01\0\0\0\0\0\0', 'latin1');
  head.writeUInt16BE(density, 12);
  head.writeUInt16BE(density, 14);
  return head;
}

/** APP1, which several kinds share: each begins with its name. */
function segment(name: string, body: Buffer): Buffer {
  const head = Buffer.from(`\xff\xe1\0\0${name}`, 'latin1');
  head.writeUInt16BE(head.length - 2 + body.length, 2);
  return Buffer.concat([head, body]);
}

/** Behind the signature and IHDR. */
const headerEnd = 33;
const inchesOfMetre = 39.3701;

function intoPng(file: Buffer, { exif, xmp, density }: Embedded): Buffer {
  const chunks = [
    ...(density === undefined ? [] : [pngChunk('pHYs', physicalSize(density))]),
    ...(exif === undefined ? [] : [pngChunk('eXIf', exif)]),
    // Not packed, in no language: as XMP's standard wants it.
    ...(xmp === undefined ? [] : [pngChunk('iTXt', Buffer.from(`XML:com.adobe.xmp\0\0\0\0\0${xmp}`))]),
  ];
  if (chunks.length === 0) return file;
  const rest = density === undefined ? file.subarray(headerEnd) : withoutChunk(file, 'pHYs');
  return Buffer.concat([file.subarray(0, headerEnd), ...chunks, rest]);
}

/** Both ways, in dots for each metre. */
function physicalSize(density: number): Buffer {
  const body = Buffer.alloc(9);
  const perMetre = Math.round(density * inchesOfMetre);
  body.writeUInt32BE(perMetre, 0);
  body.writeUInt32BE(perMetre, 4);
  body.writeUInt8(1, 8);
  return body;
}

/** What follows the header, without the chunk of that type; those before the pixels are few. */
function withoutChunk(file: Buffer, type: string): Buffer {
  let at = headerEnd;
  while (at + 8 <= file.length) {
    const name = file.toString('latin1', at + 4, at + 8);
    const end = at + 12 + file.readUInt32BE(at);
    if (name === type) return Buffer.concat([file.subarray(headerEnd, at), file.subarray(end)]);
    if (name === 'IDAT') break;
    at = end;
  }
  return file.subarray(headerEnd);
}

const [exifFlag, xmpFlag, alphaFlag] = [0x08, 0x04, 0x10];

/** In the extended form, flagged in its head, EXIF in front of XMP, which an encoder may have written already. */
function intoWebp(file: Buffer, exif: Buffer | undefined, xmp: string | undefined): Buffer {
  const extended = file.toString('latin1', 12, 16) === 'VP8X' ? file : extendedForm(file);
  const at = xmp === undefined ? lastChunk(extended) : extended.length;
  const whole = Buffer.concat([
    extended.subarray(0, at),
    ...(exif === undefined ? [] : [riffChunk('EXIF', exif)]),
    extended.subarray(at),
    ...(xmp === undefined ? [] : [riffChunk('XMP ', Buffer.from(xmp))]),
  ]);
  whole.writeUInt32LE(whole.length - 8, 4);
  const flags = (exif === undefined ? 0 : exifFlag) | (xmp === undefined ? 0 : xmpFlag);
  whole.writeUInt8(whole.readUInt8(20) | flags, 20);
  return whole;
}

/** The same picture behind a head that says its size, and whether it has alpha: only a lossless one may, in the short form. */
function extendedForm(file: Buffer): Buffer {
  const isLossless = file.toString('latin1', 12, 16) === 'VP8L';
  const bits = isLossless ? file.readUInt32LE(21) : 0;
  const [width, height] = isLossless
    ? [bits & 0x3fff, (bits >>> 14) & 0x3fff]
    : [(file.readUInt16LE(26) & 0x3fff) - 1, (file.readUInt16LE(28) & 0x3fff) - 1];
  const body = Buffer.alloc(10);
  body.writeUInt8(((bits >>> 28) & 1) === 1 ? alphaFlag : 0, 0);
  body.writeUIntLE(width, 4, 3);
  body.writeUIntLE(height, 7, 3);
  return Buffer.concat([file.subarray(0, 12), riffChunk('VP8X', body), file.subarray(12)]);
}

function riffChunk(name: string, body: Buffer): Buffer {
  const head = Buffer.from(`${name}\0\0\0\0`, 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

function lastChunk(file: Buffer): number {
  let at = 12;
  for (;;) {
    const length = file.readUInt32LE(at + 4);
    const next = at + 8 + length + (length % 2);
    if (next >= file.length) return at;
    at = next;
  }
}

/** Leads readers of blocks to the end, from whichever byte of the packet they take for a length. */
const magicTrailer = Buffer.from([1, ...Array.from({ length: 256 }, (_, index) => 255 - index), 0]);

/** Before the trailer, where nothing that is drawn comes after it. */
function intoGif(file: Buffer, xmp: string): Buffer {
  const end = file.length - 1;
  return Buffer.concat([
    file.subarray(0, end),
    Buffer.from('\x21\xff\x0bXMP DataXMP', 'latin1'),
    Buffer.from(xmp),
    magicTrailer,
    file.subarray(end),
  ]);
}

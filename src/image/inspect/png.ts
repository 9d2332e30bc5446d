import { broken, type Header, pictureSize, tooMany, upToNow } from './header.ts';

/** A file of 50 MB in pieces of 2 kB has 25,000; walking more would hold up everything else. */
const mostChunks = 100_000;

/** Chunks other than pixels; real files have fewer than 50. */
const mostOtherChunks = 1_000;

/** Each compressed text may unfold to 8 MB before the decoder's own limit holds. */
const mostTexts = 100;

const maxExifBytes = 1024 * 1024;

const gray = 0;
const grayAlpha = 4;
const colourAlpha = 6;

/** Reads IHDR and walks the chunks that follow, without unpacking any. */
export function inspectPng(bytes: Buffer): Header {
  if (bytes.toString('latin1', 12, 16) !== 'IHDR') throw broken('png', 'it does not begin with IHDR');
  const stored = pictureSize('png', bytes.readUInt32BE(16), bytes.readUInt32BE(20));
  const bitDepth = bytes.readUInt8(24);
  const colourType = bytes.readUInt8(25);
  const isInterlaced = bytes.readUInt8(28) === 1;
  const chunks = walkChunks(bytes);
  return {
    ...upToNow,
    stored,
    bitDepth,
    hasAlpha: colourType === grayAlpha || colourType === colourAlpha || chunks.hasTransparency,
    colour: colourType === gray || colourType === grayAlpha ? 'gray' : 'rgb',
    coding: isInterlaced ? 'interlaced' : 'plain',
    exif: chunks.exif,
  };
}

interface Chunks {
  readonly hasTransparency: boolean;
  readonly exif: Buffer | undefined;
}

function walkChunks(bytes: Buffer): Chunks {
  let hasTransparency = false;
  let exif: Buffer | undefined;
  let chunks = 0;
  let others = 0;
  let texts = 0;
  let at = 8;
  while (at + 8 <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IEND') break;
    chunks += 1;
    if (type !== 'IDAT') others += 1;
    if (type === 'zTXt' || type === 'iTXt' || type === 'tEXt') texts += 1;
    if (chunks > mostChunks) throw tooMany('png', 'chunks', mostChunks);
    if (others > mostOtherChunks) throw tooMany('png', 'chunks', mostOtherChunks);
    if (texts > mostTexts) throw tooMany('png', 'text chunks', mostTexts);
    if (type === 'tRNS') hasTransparency = true;
    if (type === 'eXIf' && length <= maxExifBytes) exif = bytes.subarray(at + 8, at + 8 + length);
    at += 12 + length;
  }
  return { hasTransparency, exif };
}

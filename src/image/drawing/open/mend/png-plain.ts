import { pngChunk, signatureBytes } from '../../../containers/png-chunk.ts';
import { hasRightChecksum, heededTransparency } from '../../../containers/png-transparency.ts';

const colourTypeAt = 25;

/** Texts that the decoder may have: each is copied. */
const mostTexts = 100;

const texts: ReadonlySet<string> = new Set(['tEXt', 'zTXt', 'iTXt']);

interface PngWalk {
  readonly colourType: number;
  readonly pieces: Buffer[];
  /** Where a profile goes: in front of the palette. */
  paletteAt: number | undefined;
  colours: number;
  texts: number;
  hasProfile: boolean;
  hasTransparency: boolean;
  isPastPixels: boolean;
  isChanged: boolean;
}

/**
 * The same PNG as browsers understand it, where libpng takes it otherwise: a profile counts behind the palette too and
 * not with a wrong checksum, too long a tRNS as far as it is needed, and one with a wrong checksum not at all. What is
 * packed, or said in very many words, or in EXIF, never reaches the decoder, which would unpack, copy and walk it. Undefined where all is
 * plain already.
 */
export function plainPng(bytes: Buffer): Buffer | undefined {
  const walk: PngWalk = {
    colourType: bytes[colourTypeAt] ?? 0,
    pieces: [bytes.subarray(0, signatureBytes)],
    paletteAt: undefined,
    colours: 0,
    texts: 0,
    hasProfile: false,
    hasTransparency: false,
    isPastPixels: false,
    isChanged: false,
  };
  let at = signatureBytes;
  while (at + 12 <= bytes.length) {
    const end = at + 12 + bytes.readUInt32BE(at);
    if (end > bytes.length) break;
    take(walk, bytes.subarray(at, end));
    at = end;
  }
  // What is left has no end: that is for the decoder to judge.
  walk.pieces.push(bytes.subarray(at));
  return walk.isChanged ? Buffer.concat(walk.pieces) : undefined;
}

function take(walk: PngWalk, chunk: Buffer): void {
  const type = chunk.toString('latin1', 4, 8);
  if (type === 'IDAT') walk.isPastPixels = true;
  if (type === 'PLTE' && walk.paletteAt === undefined && !walk.isPastPixels) {
    walk.paletteAt = walk.pieces.length;
    walk.colours = Math.floor((chunk.length - 12) / 3);
  }
  if (texts.has(type)) takeText(walk, type, chunk);
  else if (type === 'iCCP') takeProfile(walk, chunk);
  else if (type === 'tRNS') takeTransparency(walk, chunk);
  else if (type === 'eXIf') walk.isChanged = true;
  else walk.pieces.push(chunk);
}

function takeText(walk: PngWalk, type: string, chunk: Buffer): void {
  walk.texts += 1;
  if (walk.texts > mostTexts || type === 'zTXt' || (type === 'iTXt' && isPacked(chunk))) walk.isChanged = true;
  else walk.pieces.push(chunk);
}

/** What follows its keyword says whether it is. */
function isPacked(chunk: Buffer): boolean {
  const end = chunk.indexOf(0, 8);
  return end >= 0 && chunk[end + 1] !== 0;
}

/** The first counts that is whole, in front of the pixels. */
function takeProfile(walk: PngWalk, chunk: Buffer): void {
  const isHeeded = !walk.isPastPixels && !walk.hasProfile && hasRightChecksum(chunk.subarray(4));
  if (!isHeeded || walk.paletteAt !== undefined) walk.isChanged = true;
  if (!isHeeded) return;
  walk.hasProfile = true;
  walk.pieces.splice(walk.paletteAt ?? walk.pieces.length, 0, chunk);
}

function takeTransparency(walk: PngWalk, chunk: Buffer): void {
  const heeded = walk.isPastPixels || walk.hasTransparency ? undefined : heededTransparency(chunk.subarray(4), walk);
  if (heeded?.length !== chunk.length - 12) walk.isChanged = true;
  if (heeded === undefined) return;
  walk.hasTransparency = true;
  walk.pieces.push(heeded.length === chunk.length - 12 ? chunk : pngChunk('tRNS', heeded));
}

import { crc32 } from 'node:zlib';
import type { Steps } from '../../turns.ts';
import { type Apng, walkApng } from '../containers/apng.ts';
import {
  broken,
  chunksPerStep,
  type Header,
  maxExifBytes,
  pictureSize,
  tooMany,
  upToNow,
} from '../containers/header.ts';
import { hasRightChecksum, heededTransparency } from '../containers/png-transparency.ts';
import { type ColourChunks, meaningOfPng, noteColours } from './png-colours.ts';
import { mostDeflateRatio } from './unpacked.ts';

/** A file of 50 MB in pieces of 2 kB has 25,000; walking more would hold up everything else. */
const mostChunks = 100_000;

/** Chunks other than pixels, texts and what describes frames; real files have fewer than 50. */
const mostOtherChunks = 1_000;

/** Channels and depths of each kind of colour (PNG 3, table 12). */
const colourTypes: Readonly<Record<number, { readonly channels: number; readonly depths: readonly number[] }>> = {
  0: { channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { channels: 3, depths: [8, 16] },
  3: { channels: 1, depths: [1, 2, 4, 8] },
  4: { channels: 2, depths: [8, 16] },
  6: { channels: 4, depths: [8, 16] },
};

const gray = 0;
const palette = 3;
const grayAlpha = 4;
const colourAlpha = 6;

/** Reads IHDR and walks the chunks that follow, without unpacking any. */
export function* inspectPng(bytes: Buffer): Steps<Header> {
  if (bytes.toString('latin1', 12, 16) !== 'IHDR') throw broken('png', 'it does not begin with IHDR');
  const stored = pictureSize('png', bytes.readUInt32BE(16), bytes.readUInt32BE(20));
  const bitDepth = bytes.readUInt8(24);
  const colourType = bytes.readUInt8(25);
  const kind = colourTypes[colourType];
  if (kind === undefined || !kind.depths.includes(bitDepth)) {
    throw broken('png', `its header says colour ${colourType} of ${bitDepth} bits`);
  }
  if (crc32(bytes.subarray(12, 29)) !== bytes.readUInt32BE(29))
    throw broken('png', 'the checksum of its header is wrong');
  const isInterlaced = bytes.readUInt8(28) === 1;
  const chunks = yield* walkChunks(bytes, colourType);
  if (colourType === palette && !chunks.hasPalette) throw broken('png', 'its palette is missing');
  const packedBytes = stored.height * Math.ceil((stored.width * kind.channels * bitDepth) / 8);
  const animation = chunks.isAnimated ? yield* walkApng(bytes) : undefined;
  const ownAlpha = colourType === grayAlpha || colourType === colourAlpha || chunks.hasTransparency;
  const hasAlpha = ownAlpha || (animation !== undefined && showsNothing(animation));
  const colour = colourType === gray || colourType === grayAlpha ? 'gray' : 'rgb';
  return {
    ...upToNow,
    stored,
    bitDepth,
    hasAlpha,
    colour,
    hasPalette: colourType === palette,
    // A palette is unfolded to colours.
    frames: animation?.frames.length ?? 1,
    isLaidHere: animation !== undefined,
    samplesPerPixel: (colour === 'gray' ? 1 : 3) + (hasAlpha ? 1 : 0),
    coding: isInterlaced ? 'interlaced' : 'plain',
    holdsItsPixels: chunks.pixelBytes * mostDeflateRatio >= packedBytes,
    encoding: meaningOfPng(chunks.colours),
    exif: chunks.exif,
    deflated: chunks.deflated,
  };
}

/** Whether a canvas on which nothing is drawn may be seen. */
function showsNothing({ frames, size }: Apng): boolean {
  const first = frames[0]?.box;
  const isCovered = first?.width === size.width && first.height === size.height;
  return !isCovered || frames.some(({ disposal }) => disposal !== 'stays');
}

interface Chunks {
  readonly hasPalette: boolean;
  readonly isAnimated: boolean;
  /** Of all IDAT chunks, as far as the file goes. */
  readonly pixelBytes: number;
  readonly hasTransparency: boolean;
  readonly colours: ColourChunks;
  readonly exif: Buffer | undefined;
  readonly deflated: readonly Buffer[];
}

/** Texts, packed or not: the decoder gets few of them (`mend/png-plain.ts`). */
const withoutBound: ReadonlySet<string> = new Set(['tEXt', 'zTXt', 'iTXt', 'IDAT', 'fcTL', 'fdAT']);

function* walkChunks(bytes: Buffer, colourType: number): Steps<Chunks> {
  let colours = 0;
  let isAnimated = false;
  let pixelBytes = 0;
  let isPastPixels = false;
  let hasTransparency = false;
  let exif: Buffer | undefined;
  const deflated: Buffer[] = [];
  const found: ColourChunks = new Map();
  let chunks = 0;
  let others = 0;
  let at = 8;
  while (at + 8 <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IEND') break;
    chunks += 1;
    if (!withoutBound.has(type)) others += 1;
    if (chunks % chunksPerStep === 0) yield;
    if (chunks > mostChunks) throw tooMany('png', 'chunks', mostChunks);
    if (others > mostOtherChunks) throw tooMany('png', 'chunks', mostOtherChunks);
    const [body, checked] = [bytes.subarray(at + 8, at + 8 + length), bytes.subarray(at + 4, at + 12 + length)];
    if (type === 'IDAT') {
      pixelBytes += body.length;
      isPastPixels = true;
    }
    if (type === 'acTL') isAnimated = true;
    if (type === 'iCCP') deflated.push(...profileStream(body));
    if (!isPastPixels) {
      if (type === 'PLTE') colours = Math.floor(length / 3);
      if (type === 'tRNS') hasTransparency ||= heededTransparency(checked, { colourType, colours }) !== undefined;
      // The first turns the picture, and none behind its pixels (CSS Images 3, image-orientation).
      if (type === 'eXIf' && length <= maxExifBytes && hasRightChecksum(checked)) exif ??= body;
      noteColours(found, checked, colours > 0);
    }
    at += 12 + length;
  }
  return { hasPalette: colours > 0, isAnimated, pixelBytes, hasTransparency, colours: found, exif, deflated };
}

/** What of a profile is unpacked, behind its name and how it is packed. */
function profileStream(chunk: Buffer): readonly Buffer[] {
  const afterName = chunk.indexOf(0) + 1;
  return afterName === 0 ? [] : [chunk.subarray(afterName + 1)];
}

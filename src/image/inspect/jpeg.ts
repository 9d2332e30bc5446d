import { Failure } from '../../failure.ts';
import type { Steps } from '../../turns.ts';
import type { Facts } from '../containers/facts.ts';
import { broken, type Header, pictureSize, tooMany, upToNow } from '../containers/header.ts';
import { endOfImage, standsAlone, startOfScan } from '../containers/jpeg-markers.ts';

/** Real files stay far below (a long XMP takes some 600); 80,000 make libjpeg copy for minutes. */
const mostSegments = 1_000;

/** Real progressive files have 6 to 14. The decoder walks the whole picture once a scan, before anything can stop it. */
const mostScans = 100;

/** More scans than any encoder plans are read only of pictures whose walks come to so many pixels. */
const mostUsualScans = 20;
const mostPixelsOfScans = 100_000_000;

/** Its sixth byte is padding, which not every writer leaves at 0. */
const exifSignature = Buffer.from('Exif\0', 'latin1');
const exifSignatureBytes = 6;

/** Start of frame, but for DHT (c4), JPG (c8) and DAC (cc), which lie between. */
function isStartOfFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

interface Found {
  frame: Pick<Facts, 'stored' | 'bitDepth' | 'colour' | 'samplesPerPixel' | 'unreadKind'> | undefined;
  components: number;
  isProgressive: boolean;
  scans: number;
  /** The decoder keeps the whole picture until the last scan. */
  hasSeveralScans: boolean;
  exif: Buffer | undefined;
}

/** Walks the segments; the coded pixels are walked too where the decoder would keep several scans in memory. */
export function* inspectJpeg(bytes: Buffer): Steps<Header> {
  const found: Found = {
    frame: undefined,
    components: 0,
    isProgressive: false,
    scans: 0,
    hasSeveralScans: false,
    exif: undefined,
  };
  let segments = 0;
  let at = 2;
  for (;;) {
    at = yield* markerAt(bytes, at);
    const marker = at < bytes.length ? bytes.readUInt8(at) : endOfImage;
    at += 1;
    if (marker === endOfImage) break;
    segments += 1;
    if (segments > mostSegments) throw tooMany('jpeg', 'segments', mostSegments);
    // A file that ends inside a segment after the frame's header is left to the decoder.
    if (found.frame !== undefined && at + 2 > bytes.length) break;
    const length = bytes.readUInt16BE(at);
    if (marker !== startOfScan) readSegment(found, marker, bytes.subarray(at + 2, at + length));
    else if (isOnlyScan(found, bytes.subarray(at + 2))) break;
    at += Math.max(2, length);
  }
  if (found.frame === undefined) throw broken('jpeg', 'it ends before its size is said');
  return {
    ...upToNow,
    ...found.frame,
    coding: found.isProgressive || found.hasSeveralScans ? 'progressive' : 'plain',
    exif: found.exif,
  };
}

/** Counts a scan, whose header says first how many components it has, and tells whether no other one follows. */
function isOnlyScan(found: Found, header: Buffer): boolean {
  found.scans += 1;
  checkScans(found);
  // One scan with all components is decoded as it comes, and a second one refused.
  const isOnly = !found.isProgressive && header.readUInt8(0) >= found.components;
  if (!isOnly) found.hasSeveralScans = true;
  return isOnly;
}

/** A frame's header comes before its scans; without one the decoder walks over nothing. */
function checkScans({ frame, scans }: Found): void {
  if (scans > mostScans) throw tooMany('jpeg', 'scans', mostScans);
  const { width, height } = frame?.stored ?? { width: 0, height: 0 };
  if (scans <= mostUsualScans || scans * width * height <= mostPixelsOfScans) return;
  throw new Failure(
    'too_large',
    `The picture has too many scans: of ${width} × ${height} pixels at most ${mostUsualScans} are read in a JPEG file.`,
  );
}

/** Bytes looked at one by one before the next `ff` is searched for: searching costs as much as looking at some 50. */
const nearBytes = 48;

/** Bytes looked at in one step: some 2 ms, whatever they are. */
const bytesPerStep = 1024 * 1024;

/** Where the next marker's code is: coded pixels, stuffing (`ff00`), fill (`ffff`) and markers that stand alone are passed over. */
function* markerAt(bytes: Buffer, from: number): Steps<number> {
  for (let at = from; at < bytes.length - 1; ) {
    const { end, isFound } = markerWithin(bytes, at, Math.min(bytes.length - 1, at + bytesPerStep));
    if (isFound) return end;
    at = end;
    yield;
  }
  return bytes.length;
}

/** The same as far as `to`; `end` is the code's place, or where to go on. */
function markerWithin(bytes: Buffer, from: number, to: number): { readonly end: number; readonly isFound: boolean } {
  let at = from;
  let near = at + nearBytes;
  while (at < to) {
    if (bytes[at] === 0xff) {
      const code = bytes[at + 1] ?? 0;
      if (code !== 0 && code !== 0xff && !standsAlone(code)) return { end: at + 1, isFound: true };
      near = at + nearBytes;
    } else if (at > near) {
      const next = bytes.indexOf(0xff, at);
      if (next < 0) return { end: bytes.length, isFound: false };
      at = next - 1;
      near = next + nearBytes;
    }
    at += 1;
  }
  return { end: at, isFound: false };
}

function readSegment(found: Found, marker: number, segment: Buffer): void {
  if (isStartOfFrame(marker) && found.frame === undefined) {
    const components = segment.readUInt8(5);
    found.components = components;
    found.isProgressive = marker === 0xc2 || marker === 0xc6 || marker === 0xca || marker === 0xce;
    found.frame = {
      bitDepth: segment.readUInt8(0),
      stored: pictureSize('jpeg', segment.readUInt16BE(3), segment.readUInt16BE(1)),
      colour: components === 1 ? 'gray' : components === 4 ? 'cmyk' : 'rgb',
      samplesPerPixel: samplesPerPixel(segment, components),
      unreadKind: unreadJpeg(marker, segment.readUInt8(0), components),
    };
  } else if (marker === 0xe1 && found.exif === undefined && segment.subarray(0, 5).equals(exifSignature)) {
    found.exif = segment.subarray(exifSignatureBytes);
  }
}

/** What kind of JPEG no decoder here draws: whatever is not sequential or progressive, of 8 bits, in 1, 3 or 4 channels. */
function unreadJpeg(marker: number, bitDepth: number, components: number): string | undefined {
  if (marker === 0xc3 || marker === 0xcb) return 'JPEG coded without loss';
  if (marker >= 0xc5 && marker !== 0xc9 && marker !== 0xca) return 'JPEG of several resolutions (hierarchical)';
  if (bitDepth !== 8) return `JPEG of ${bitDepth}-bit samples`;
  return components === 2 || components > 4 ? `JPEG of ${components} channels` : undefined;
}

/** From the sampling factors: a channel at half the resolution both ways counts a quarter. */
function samplesPerPixel(segment: Buffer, components: number): number {
  const factors = Array.from({ length: components }, (_, index) => segment.readUInt8(7 + index * 3));
  const blocks = factors.map((factor) => (factor >> 4) * (factor & 0x0f));
  const widest = Math.max(...factors.map((factor) => factor >> 4));
  const tallest = Math.max(...factors.map((factor) => factor & 0x0f));
  if (components === 0 || Math.min(...blocks) === 0) throw broken('jpeg', 'a channel has no samples');
  return blocks.reduce((sum, count) => sum + count, 0) / (widest * tallest);
}

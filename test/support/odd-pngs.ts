import { deflateSync } from 'node:zlib';
import { exifBlock, type Pixel, pngChunk } from './pictures.ts';

/** PNGs whose chunks lie otherwise than they should, are too long or too short, or have a wrong checksum. */

export const oddSize = { width: 12, height: 8 } as const;
const { width, height } = oddSize;
export const oddColour: Pixel = [200, 40, 80];

export interface OddPng {
  readonly colourType?: number;
  readonly front?: readonly Buffer[];
  readonly behind?: readonly Buffer[];
  readonly row?: readonly number[];
}

/** A PNG of 8 bits, equal in all rows; `front` comes between its head and its pixels. */
export function oddPng({ colourType = 2, front = [], behind = [], row }: OddPng): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, colourType, 0, 0, 0], 8);
  const line = Buffer.from([0, ...(row ?? Array.from({ length: width }, () => oddColour).flat())]);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', head),
    ...front,
    pngChunk('IDAT', deflateSync(Buffer.concat(Array(height).fill(line)))),
    ...behind,
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** With a wrong checksum. */
export function spoiled(chunk: Buffer): Buffer {
  const other = Buffer.from(chunk);
  other.write('abcd', other.length - 4, 'latin1');
  return other;
}

const places = Array.from({ length: width }, (_, x) => x % 4);
export const palette = pngChunk('PLTE', Buffer.from([...oddColour, 0, 255, 0, 0, 0, 255, 9, 9, 9]));
export const inPalette = { colourType: 3, row: places };
export const gamma = pngChunk('gAMA', Buffer.from([0, 1, 0x86, 0xa0]));
const linear = pngChunk('cICP', Buffer.from([1, 8, 0, 1]));
const srgb = (...body: number[]) => pngChunk('sRGB', Buffer.from(body));
const exif = (orientation: number) => pngChunk('eXIf', exifBlock(orientation));
const keyed = (...alphas: number[]) => pngChunk('tRNS', Buffer.from(alphas));

/** What a gamma of 1 makes of that colour. */
export const bright: Pixel = [229, 110, 152];
const grays = Array.from({ length: width }, (_, x) => (x % 4) * 60);
const own = [0, 128, 255, 200];
export const none: readonly number[] = [255, 255, 255, 255];

/** What it says of its colours, and the colour that Chromium shows. */
export const oddColours: readonly (readonly [string, OddPng, Pixel])[] = [
  ['a cICP in front of the palette', { ...inPalette, front: [linear, palette] }, bright],
  ['not a cICP behind it', { ...inPalette, front: [palette, linear] }, oddColour],
  ['a gAMA behind the palette', { ...inPalette, front: [palette, gamma] }, bright],
  ['sRGB rather than gAMA', { front: [srgb(0), gamma] }, oddColour],
  ['not an sRGB of no known intent', { front: [srgb(9), gamma] }, bright],
  ['not an sRGB that is too long', { front: [srgb(0, 0), gamma] }, bright],
  ['nothing behind the pixels', { behind: [linear, gamma] }, oddColour],
];

/** What it says of its transparency, and the alpha of the first four pixels in Chromium. */
export const oddAlphas: readonly (readonly [string, OddPng, readonly number[]])[] = [
  ['of a palette', { ...inPalette, front: [palette, keyed(...own)] }, own],
  ['longer than the palette', { ...inPalette, front: [palette, keyed(...own, 9, 9, 9)] }, own],
  ['the first of two', { ...inPalette, front: [palette, keyed(...own), keyed(255, 0)] }, own],
  ['none in front of the palette', { ...inPalette, front: [keyed(...own), palette] }, none],
  ['none with a wrong checksum', { ...inPalette, front: [palette, spoiled(keyed(...own))] }, none],
  ['none that is empty', { ...inPalette, front: [palette, keyed()] }, none],
  ['none behind the pixels', { ...inPalette, front: [palette], behind: [keyed(...own)] }, none],
  ['of a gray', { colourType: 0, row: grays, front: [keyed(0, 60)] }, [255, 0, 255, 255]],
  ['of a gray, too long', { colourType: 0, row: grays, front: [keyed(0, 60, 0, 0)] }, [255, 0, 255, 255]],
  ['none of a gray that is too short', { colourType: 0, row: grays, front: [keyed(60)] }, none],
  ['of a colour, too long', { front: [keyed(0, 200, 0, 40, 0, 80, 1)] }, [0, 0, 0, 0]],
];

/** What it says of its orientation, and whether Chromium turns it by it. */
export const oddTurns: readonly (readonly [string, OddPng, boolean])[] = [
  ['in front of the pixels', { front: [exif(6)] }, true],
  ['by the first of two', { front: [exif(6), exif(1)] }, true],
  ['not by the second', { front: [exif(1), exif(6)] }, false],
  ['not behind the pixels', { behind: [exif(6)] }, false],
  ['not with a wrong checksum', { front: [spoiled(exif(6))] }, false],
];

import sharp from 'sharp';
import { from, type Pixel, paint } from './pictures.ts';

/** How a phone says what its map means: Ultra HDR's words, or the block of ISO 21496-1. */
export type Saying = 'xmp' | 'iso' | 'three channels';

export interface UltraHdr {
  readonly width: number;
  readonly height: number;
  /** Pixels of the base for each of the map, both ways. */
  readonly shrink: number;
  readonly says?: Saying;
  readonly orientation?: number;
  readonly base?: (x: number, y: number) => Pixel;
  /** By the base's pixels. */
  readonly gain: (x: number, y: number) => number;
}

/** A photograph as phones write them, put together here by the formats' own words. */
export async function ultraHdr({
  width,
  height,
  shrink,
  says = 'xmp',
  orientation,
  base,
  gain,
}: UltraHdr): Promise<Buffer> {
  const pixels = from(paint(width, height, base ?? ((x, y) => [x % 256, y % 256, 90])));
  const upright = orientation === undefined ? pixels : pixels.withMetadata({ orientation });
  const first = await upright.jpeg({ quality: 92 }).toBuffer();
  const [across, down] = [Math.round(width / shrink), Math.round(height / shrink)];
  const map = from(paint(across, down, (x, y) => [gain((x + 0.5) * shrink, (y + 0.5) * shrink)])).toColourspace('b-w');
  const jpeg = await map.jpeg({ quality: 95 }).toBuffer();
  const second = Buffer.concat([jpeg.subarray(0, 2), ...saidOfMap(says), jpeg.subarray(2)]);
  return inOneFile(first, second);
}

function saidOfMap(says: Saying): readonly Buffer[] {
  if (says === 'iso') return [segment(0xe2, `urn:iso:std:iso:ts:21496:-1\0`, isoBlock())];
  const attributes =
    says === 'xmp'
      ? 'hdrgm:GainMapMin="-0.5" hdrgm:GainMapMax="2.25" hdrgm:Gamma="1.2" hdrgm:HDRCapacityMin="0" hdrgm:HDRCapacityMax="2.5" hdrgm:OffsetSDR="0.015625" hdrgm:OffsetHDR="0.03125"/>'
      : 'hdrgm:HDRCapacityMax="3"><hdrgm:GainMapMax><rdf:Seq><rdf:li>1</rdf:li><rdf:li>2</rdf:li><rdf:li>3</rdf:li></rdf:Seq></hdrgm:GainMapMax></rdf:Description>';
  const packet = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" ${attributes}</rdf:RDF></x:xmpmeta>`;
  return [segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0', Buffer.from(packet))];
}

/** The same numbers as in Ultra HDR's words, with one denominator. */
function isoBlock(): Buffer {
  const block = Buffer.alloc(5 + 4 + 4 * 7);
  block.writeUInt8(0x08 | 0x40, 4);
  block.writeUInt32BE(64, 5);
  for (const [index, value] of [0, 2.5, -0.5, 2.25, 1.25, 0.015625, 0.03125].entries()) {
    block.writeInt32BE(value * 64, 9 + 4 * index);
  }
  return block;
}

function segment(code: number, name: string, body: Buffer): Buffer {
  const head = Buffer.from(`\xff\0\0\0${name}`, 'latin1');
  head.writeUInt8(code, 1);
  head.writeUInt16BE(head.length - 2 + body.length, 2);
  return Buffer.concat([head, body]);
}

/** Low bytes first, as some cameras have it; ours has the high ones first. */
function inOneFile(first: Buffer, second: Buffer): Buffer {
  const list = Buffer.alloc(82);
  list.write('II*\0', 'latin1');
  list.writeUInt32LE(8, 4);
  list.writeUInt16LE(3, 8);
  const fields = [
    [0xb000, 7, 4, 0x30303130],
    [0xb001, 4, 1, 2],
    [0xb002, 7, 32, 50],
  ] as const;
  for (const [index, [tag, type, count, value]] of fields.entries()) {
    list.writeUInt16LE(tag, 10 + 12 * index);
    list.writeUInt16LE(type, 12 + 12 * index);
    list.writeUInt32LE(count, 14 + 12 * index);
    list.writeUInt32LE(value, 18 + 12 * index);
  }
  const whole = first.length + 8 + list.length;
  list.writeUInt32LE(0x030000, 50);
  list.writeUInt32LE(whole, 54);
  list.writeUInt32LE(second.length, 70);
  list.writeUInt32LE(whole - 10, 74);
  return Buffer.concat([first.subarray(0, 2), segment(0xe2, 'MPF\0', list), first.subarray(2), second]);
}

/** What is in a file of two pictures, read anew from the formats' words; undefined where there is one. */
export interface ReadMap {
  readonly map: Buffer;
  /** Bytes of the map, as the base says it in XMP. */
  readonly stated: number;
  readonly words: string;
  /** Numerators by denominators of ISO's block, behind its flags. */
  readonly fractions: readonly number[];
}

export function readMap(file: Uint8Array): ReadMap | undefined {
  const bytes = Buffer.from(file);
  const at = bytes.indexOf('MPF\0MM\0*', 0, 'latin1');
  if (at < 0) return undefined;
  const list = at + 4;
  const entries = list + bytes.readUInt32BE(list + 10 + 24 + 8);
  const [size, place] = [bytes.readUInt32BE(entries + 20), bytes.readUInt32BE(entries + 24)];
  if (bytes.readUInt32BE(entries + 4) !== list + place)
    throw new Error('the second picture begins where the first ends');
  const map = bytes.subarray(list + place, list + place + size);
  if (list + place + size !== bytes.length) throw new Error('the second picture ends where the file ends');
  const iso = map.indexOf('urn:iso:std:iso:ts:21496:-1\0', 0, 'latin1') + 28;
  const count = (map.readUInt16BE(iso - 30) - 30 - 5) / 8;
  const fractions = Array.from({ length: count }, (_, index) => {
    const from = iso + 5 + 8 * index;
    return map.readInt32BE(from) / map.readUInt32BE(from + 4);
  });
  const words = map.toString('latin1', 0, 4_000);
  const head = bytes.toString('latin1', 0, list);
  return { map, stated: Number(/Item:Length="(\d+)"/.exec(head)?.[1]), words, fractions };
}

/** What libultrahdr finds to be the map of a file. */
export async function mapByLibrary(file: Uint8Array): Promise<Buffer | undefined> {
  return (await sharp(file).metadata()).gainMap?.image;
}

/** The picture in that width by libultrahdr, which takes its map along; sharp's types do not name what it is asked for by. */
export async function scaledByLibrary(file: Uint8Array, width: number): Promise<Buffer> {
  const pipeline = sharp(file);
  const keep: unknown = Reflect.get(pipeline, 'keepGainMap');
  if (typeof keep !== 'function') throw new Error('This build of sharp knows no gain maps.');
  keep.call(pipeline);
  return pipeline.resize(width).jpeg().toBuffer();
}

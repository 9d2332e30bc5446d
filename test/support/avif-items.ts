import { box, boxesIn, boxNamed } from './avif.ts';
import { from, type Pixels } from './pictures.ts';

/** An item of an AVIF that a test puts together. */
export interface AvifItem {
  /** Coded pixels, or how a picture is made of others. */
  readonly data: Buffer;
  readonly type?: string;
  /** Whole boxes. */
  readonly properties: readonly Buffer[];
  readonly isHidden?: boolean;
}

/** Items are named by their place in the list, from 1. */
export type AvifReference = readonly [type: string, from: number, to: readonly number[]];

export const alphaProperty = box(
  'auxC',
  Buffer.from('\0\0\0\0urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0', 'latin1'),
);

export function sizeProperty(width: number, height: number): Buffer {
  return box('ispe', Buffer.from([0, 0, 0, 0, ...wide(width), ...wide(height)]));
}

/** Quarters of a circle to the left. */
export function turnProperty(quarters: number): Buffer {
  return box('irot', Buffer.from([quarters]));
}

/** 1: left and right change places; 0: above and below. */
export function mirrorProperty(axis: 0 | 1): Buffer {
  return box('imir', Buffer.from([axis]));
}

/** A size, and how far its middle lies to the right of the picture's and below it. */
export function cutProperty(width: number, height: number, right: number, below: number): Buffer {
  return box('clap', Buffer.from([width, height, right, below].flatMap((value) => [...wide(value), ...wide(1)])));
}

/** The picture in full colour and without loss. */
export async function colourItem(pixels: Pixels): Promise<AvifItem> {
  return itemOf(await from(pixels).avif({ lossless: true, chromaSubsampling: '4:4:4' }).toBuffer(), 0);
}

/** Brightness alone: the first channel of a picture, and without loss. */
export async function grayItem(pixels: Pixels, bitdepth: 8 | 10 | 12 = 8): Promise<AvifItem> {
  const { width, height, channels } = pixels;
  const data = Buffer.alloc(width * height * 4, 255);
  for (let at = 0; at < width * height; at += 1) data[4 * at + 3] = pixels.data[at * channels] ?? 0;
  // An encoder codes alpha so.
  const avif = await from({ width, height, channels: 4, data }).avif({ lossless: true, bitdepth }).toBuffer();
  return itemOf(avif, 1);
}

/** A grid of cells of one size. */
export function gridItem(columns: number, rows: number, width: number, height: number): AvifItem {
  const data = Buffer.from([0, 0, rows - 1, columns - 1, width >> 8, width & 255, height >> 8, height & 255]);
  return { data, type: 'grid', properties: [sizeProperty(width, height)] };
}

/** Size and coding of an item that libheif wrote, which says where data lie in 32 bits each: from where, how far behind that, and how many. */
function itemOf(avif: Buffer, index: number): AvifItem {
  const meta = boxNamed(avif, 'meta', { from: 0, to: avif.length });
  const inside = { from: meta.from + 4, to: meta.to };
  const iloc = boxNamed(avif, 'iloc', inside);
  const entryBytes = (iloc.to - iloc.from - 8) / avif.readUInt16BE(iloc.from + 6);
  const at = iloc.from + 8 + (index + 1) * entryBytes - 8;
  const dataAt = avif.readUInt32BE(at - 6) + avif.readUInt32BE(at);
  const properties = boxNamed(avif, 'ipco', boxNamed(avif, 'iprp', inside));
  const all = [...boxesIn(avif, properties)];
  const own = ['ispe', 'pixi', 'av1C'].map((type) => all.filter((one) => one.type === type));
  return {
    data: avif.subarray(dataAt, dataAt + avif.readUInt32BE(at + 4)),
    properties: own.flatMap((those) => {
      const one = those[index] ?? those[0];
      return one === undefined ? [] : [avif.subarray(one.start, one.to)];
    }),
  };
}

/** An AVIF of those items, of which the first is shown where no other is named. */
export function avifOf(items: readonly AvifItem[], references: readonly AvifReference[] = [], shown = 1): Buffer {
  const ftyp = box('ftyp', Buffer.from('avif\0\0\0\0avifmif1miaf', 'latin1'));
  const meta = (from: number) => metaOf(items, references, { shown, from });
  const dataAt = ftyp.length + meta(0).length + 8;
  return Buffer.concat([ftyp, meta(dataAt), box('mdat', Buffer.concat(items.map(({ data }) => data)))]);
}

function metaOf(
  items: readonly AvifItem[],
  references: readonly AvifReference[],
  { shown, from }: { readonly shown: number; readonly from: number },
): Buffer {
  const properties = items.flatMap((item) => item.properties);
  let at = from;
  const locations = items.map(({ data }, index) => {
    at += data.length;
    return [...two(index + 1), 0, 0, 0, 1, ...wide(at - data.length), ...wide(data.length)];
  });
  let before = 0;
  const associations = items.map(({ properties: own }, index) => {
    const numbers = own.map((property, place) => before + place + 1 + (isEssential(property) ? 0x80 : 0));
    before += own.length;
    return [...two(index + 1), own.length, ...numbers];
  });
  const infos = items.map(({ type = 'av01', isHidden = false }, index) =>
    box('infe', Buffer.from([2, 0, 0, isHidden ? 1 : 0, ...two(index + 1), 0, 0, ...Buffer.from(`${type}\0`)])),
  );
  const said = references.map(([type, one, others]) =>
    box(type, Buffer.from([one, others.length, ...others].flatMap(two))),
  );
  return versioned('meta', [
    versioned('hdlr', [Buffer.from('\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0\0')]),
    versioned('pitm', [Buffer.from(two(shown))]),
    versioned('iloc', [Buffer.from([0x44, 0, ...two(items.length), ...locations.flat()])]),
    versioned('iinf', [Buffer.from(two(items.length)), ...infos]),
    versioned('iref', said),
    box(
      'iprp',
      Buffer.concat([
        box('ipco', Buffer.concat(properties)),
        versioned('ipma', [Buffer.from([...wide(items.length), ...associations.flat()])]),
      ]),
    ),
  ]);
}

/** Properties without which an item may not be shown. */
function isEssential(property: Buffer): boolean {
  return ['av1C', 'clap', 'irot', 'imir', 'lsel', 'a1op'].includes(property.toString('latin1', 4, 8));
}

function versioned(type: string, payload: readonly Buffer[]): Buffer {
  return box(type, Buffer.concat([Buffer.alloc(4), ...payload]));
}

function two(value: number): readonly number[] {
  return [(value >> 8) & 255, value & 255];
}

function wide(value: number): readonly number[] {
  return [(value >> 24) & 255, (value >> 16) & 255, (value >> 8) & 255, value & 255];
}

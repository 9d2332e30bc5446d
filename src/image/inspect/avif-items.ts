import { type BoxCount, children, find, type IsoBox } from './iso-boxes.ts';

/** The `meta` box of an AVIF, behind its version, and all properties that it lists. */
export interface AvifMeta {
  readonly bytes: Buffer;
  readonly meta: IsoBox;
  readonly properties: IsoBox;
  readonly all: readonly IsoBox[];
  readonly boxes: BoxCount;
}

/** The item that is shown; undefined where none is named. */
export function primaryItem({ bytes, meta, boxes }: AvifMeta): number | undefined {
  const box = find(bytes, meta, 'pitm', boxes);
  if (box === undefined) return undefined;
  return bytes.readUInt8(box.from) === 0 ? bytes.readUInt16BE(box.from + 4) : bytes.readUInt32BE(box.from + 4);
}

/** The properties of an item, in its own order. */
export function propertiesOf(avif: AvifMeta, item: number | undefined): readonly IsoBox[] {
  return numbersOf(avif, item).flatMap((number) => avif.all[number - 1] ?? []);
}

/** Numbers (from 1) of an item's properties. */
function numbersOf({ bytes, properties, boxes }: AvifMeta, item: number | undefined): readonly number[] {
  const association = find(bytes, properties, 'ipma', boxes);
  if (item === undefined || association === undefined) return [];
  const isLong = bytes.readUInt8(association.from) >= 1;
  const hasWideIndexes = (bytes.readUInt8(association.from + 3) & 1) === 1;
  const items = bytes.readUInt32BE(association.from + 4);
  let at = association.from + 8;
  for (let index = 0; index < items && at < association.to; index += 1) {
    boxes.next();
    const id = isLong ? bytes.readUInt32BE(at) : bytes.readUInt16BE(at);
    at += isLong ? 4 : 2;
    const count = bytes.readUInt8(at);
    at += 1;
    const indexes = Array.from({ length: count }, (_, place) =>
      hasWideIndexes ? bytes.readUInt16BE(at + place * 2) & 0x7fff : bytes.readUInt8(at + place) & 0x7f,
    );
    if (id === item) return indexes;
    at += count * (hasWideIndexes ? 2 : 1);
  }
  return [];
}

/** The first item that an item refers to in that way; undefined where there is none. */
export function referenceOf({ bytes, meta, boxes }: AvifMeta, from: number, type: string): number | undefined {
  const references = find(bytes, meta, 'iref', boxes);
  if (references === undefined) return undefined;
  const isLong = bytes.readUInt8(references.from) >= 1;
  const read = (at: number) => (isLong ? bytes.readUInt32BE(at) : bytes.readUInt16BE(at));
  const idBytes = isLong ? 4 : 2;
  for (const box of children(bytes, { ...references, from: references.from + 4 }, boxes)) {
    if (box.type !== type || read(box.from) !== from) continue;
    return bytes.readUInt16BE(box.from + idBytes) === 0 ? undefined : read(box.from + idBytes + 2);
  }
  return undefined;
}

/** Where the first piece of an item's data lies in the file. */
export function dataOf(avif: AvifMeta, item: number): Buffer | undefined {
  const { bytes, meta, boxes } = avif;
  const locations = find(bytes, meta, 'iloc', boxes);
  if (locations === undefined) return undefined;
  const version = bytes.readUInt8(locations.from);
  const sizes = bytes.readUInt16BE(locations.from + 4);
  const [offsetBytes, lengthBytes, baseBytes] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const indexBytes = version === 0 ? 0 : sizes & 15;
  let at = locations.from + 6;
  const read = (size: number) => {
    at += size;
    return readWide(bytes, at - size, size);
  };
  const items = read(version < 2 ? 2 : 4);
  for (let index = 0; index < items && at < locations.to; index += 1) {
    boxes.next();
    const id = read(version < 2 ? 2 : 4);
    const method = version === 0 ? 0 : read(2) & 15;
    read(2);
    const base = read(baseBytes);
    const extents = read(2);
    const end = at + extents * (indexBytes + offsetBytes + lengthBytes);
    read(indexBytes);
    const from = base + read(offsetBytes) + startOf(avif, method);
    if (id === item) return bytes.subarray(from, from + read(lengthBytes));
    at = end;
  }
  return undefined;
}

/** Data lie in the file, or in a box of `meta` itself. */
function startOf({ bytes, meta, boxes }: AvifMeta, method: number): number {
  return method === 1 ? (find(bytes, meta, 'idat', boxes)?.from ?? 0) : 0;
}

function readWide(bytes: Buffer, at: number, size: number): number {
  if (size === 0) return 0;
  return size === 8 ? Number(bytes.readBigUInt64BE(at)) : bytes.readUIntBE(at, size);
}

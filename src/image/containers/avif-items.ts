import { broken } from './header.ts';
import { type BoxCount, children, createCount, find, type IsoBox } from './iso-boxes.ts';

/** A cell of a grid, or what belongs to it, each. */
const mostReferences = 20_000;

/** Most items have five or six. */
const mostAssociations = 20_000;

/** The `meta` box of an AVIF or of another HEIF, behind its version, and what it says of its items. */
export interface AvifMeta {
  readonly bytes: Buffer;
  readonly meta: IsoBox;
  /** `iprp`, and `ipco` inside it, which lists all properties. */
  readonly properties: IsoBox;
  readonly container: IsoBox;
  readonly all: readonly IsoBox[];
  /** Which properties each item has, in its own order. */
  readonly associations: ReadonlyMap<number, readonly Association[]>;
  /** What items refer to, by the kind of reference. */
  readonly references: ReadonlyMap<string, ItemReferences>;
  readonly boxes: BoxCount;
}

export interface Association {
  /** Of the property in the list of all, from 1. */
  readonly number: number;
  /** Whether who does not know the property may not show the item. */
  readonly isEssential: boolean;
}

interface ItemReferences {
  readonly to: Map<number, number[]>;
  readonly from: Map<number, number[]>;
}

/** Throws a Failure where there are no properties. */
export function readMeta(bytes: Buffer, box: IsoBox, boxes: BoxCount): AvifMeta {
  const meta = { ...box, from: box.from + 4 };
  const properties = find(bytes, meta, 'iprp', boxes);
  const container = properties && find(bytes, properties, 'ipco', boxes);
  if (properties === undefined || container === undefined) throw broken(boxes.format, 'it has no properties');
  const associations = new Map<number, Association[]>();
  const count = createCount(boxes.format, 'properties of items', mostAssociations);
  for (const child of children(bytes, properties, boxes)) {
    if (child.type !== 'ipma') continue;
    for (const [item, own] of associationsIn(bytes, child, boxes)) {
      count.next(own.length);
      const known = associations.get(item);
      if (known === undefined) associations.set(item, own);
      else known.push(...own);
    }
  }
  return {
    ...{ bytes, meta, properties, container, associations, boxes },
    all: [...children(bytes, container, boxes)],
    references: readReferences(bytes, meta, boxes),
  };
}

/** The item that is shown; undefined where none is named. */
export function primaryItem({ bytes, meta, boxes }: AvifMeta): number | undefined {
  const box = find(bytes, meta, 'pitm', boxes);
  if (box === undefined) return undefined;
  return bytes.readUInt8(box.from) === 0 ? bytes.readUInt16BE(box.from + 4) : bytes.readUInt32BE(box.from + 4);
}

/** The properties of an item, in its own order. */
export function propertiesOf({ associations, all }: AvifMeta, item: number | undefined): readonly IsoBox[] {
  const own = item === undefined ? undefined : associations.get(item);
  return (own ?? []).flatMap(({ number }) => all[number - 1] ?? []);
}

function* associationsIn(
  bytes: Buffer,
  box: IsoBox,
  boxes: BoxCount,
): Generator<readonly [item: number, own: Association[]]> {
  const isLong = bytes.readUInt8(box.from) >= 1;
  const [mark, width] = (bytes.readUInt8(box.from + 3) & 1) === 1 ? [0x8000, 2] : [0x80, 1];
  const items = bytes.readUInt32BE(box.from + 4);
  let at = box.from + 8;
  for (let index = 0; index < items && at < box.to; index += 1) {
    boxes.next();
    const item = isLong ? bytes.readUInt32BE(at) : bytes.readUInt16BE(at);
    at += isLong ? 4 : 2;
    const count = bytes.readUInt8(at);
    at += 1;
    const numbers = Array.from({ length: count }, (_, place) => bytes.readUIntBE(at + place * width, width));
    yield [item, numbers.map((number) => ({ number: number & (mark - 1), isEssential: (number & mark) !== 0 }))];
    at += count * width;
  }
}

function readReferences(bytes: Buffer, meta: IsoBox, boxes: BoxCount): ReadonlyMap<string, ItemReferences> {
  const byType = new Map<string, ItemReferences>();
  const box = find(bytes, meta, 'iref', boxes);
  if (box === undefined) return byType;
  const count = createCount(boxes.format, 'references', mostReferences);
  const width = bytes.readUInt8(box.from) >= 1 ? 4 : 2;
  for (const { type, from } of children(bytes, { ...box, from: box.from + 4 }, boxes)) {
    const item = bytes.readUIntBE(from, width);
    const known = byType.get(type) ?? { to: new Map(), from: new Map() };
    byType.set(type, known);
    for (let left = bytes.readUInt16BE(from + width), at = from + width + 2; left > 0; left -= 1, at += width) {
      count.next();
      const other = bytes.readUIntBE(at, width);
      put(known.to, item, other);
      put(known.from, other, item);
    }
  }
  return byType;
}

function put(lists: Map<number, number[]>, key: number, value: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** The items that an item refers to in that way, in its own order. */
export function referencesOf({ references }: AvifMeta, item: number, type: string): readonly number[] {
  return references.get(type)?.to.get(item) ?? [];
}

/** The items that refer to an item in that way. */
export function referringTo({ references }: AvifMeta, item: number, type: string): readonly number[] {
  return references.get(type)?.from.get(item) ?? [];
}

/** What an item is, by the four letters of its entry: `av01` for coded pixels, `grid` for a grid of items. */
export function itemTypes({ bytes, meta, boxes }: AvifMeta): ReadonlyMap<number, string> {
  const infos = find(bytes, meta, 'iinf', boxes);
  if (infos === undefined) return new Map();
  const entries = { ...infos, from: infos.from + (bytes.readUInt8(infos.from) > 0 ? 8 : 6) };
  const types = new Map<number, string>();
  for (const { from } of children(bytes, entries, boxes)) {
    const isLong = bytes.readUInt8(from) >= 3;
    const typeAt = from + (isLong ? 10 : 8);
    types.set(bytes.readUIntBE(from + 4, isLong ? 4 : 2), bytes.toString('latin1', typeAt, typeAt + 4));
  }
  return types;
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

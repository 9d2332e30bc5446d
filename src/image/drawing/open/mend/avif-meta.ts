import type { Association, AvifMeta } from '../../../containers/avif-items.ts';
import { children, type IsoBox, wholeFile } from '../../../containers/iso-boxes.ts';

/** What is to be said otherwise. */
export interface Change {
  /** The kind of property that is meant. */
  readonly isOfKind: (property: IsoBox) => boolean;
  /** Properties of that kind, as whole boxes, that items have in place of their own. */
  readonly items: ReadonlyMap<number, readonly Buffer[]>;
}

/**
 * The same AVIF, saying that of its items. Their data are found by their place in the file, so nothing is moved: another
 * `meta` comes at the end, and the first becomes free space.
 */
export function withItemsSaying(avif: AvifMeta, { isOfKind, items }: Change): Buffer {
  const { all } = avif;
  const added: Buffer[] = [];
  const numberOf = (property: Buffer) => {
    const known = all.findIndex(({ at, to }) => property.equals(avif.bytes.subarray(at, to)));
    return known >= 0 ? known + 1 : all.length + added.push(property);
  };
  const isOther = ({ number }: Association) => {
    const property = all[number - 1];
    return property === undefined || !isOfKind(property);
  };
  const entries = [...avif.associations].map(([item, own]) => {
    const said = items.get(item);
    if (said === undefined) return associating(item, own);
    const numbers = said.map((property) => ({ number: numberOf(property), isEssential: true }));
    return associating(item, [...own.filter(isOther), ...numbers]);
  });
  return withProperties(avif, added, entries);
}

function withProperties(avif: AvifMeta, added: readonly Buffer[], entries: readonly Buffer[]): Buffer {
  const { bytes, meta, properties, container, boxes } = avif;
  const versioned = Buffer.alloc(8);
  // Item numbers of 32 bits, property numbers of 15.
  versioned.writeUInt32BE(0x0100_0001, 0);
  versioned.writeUInt32BE(entries.length, 4);
  const list = boxOf('ipco', [bytes.subarray(container.from, container.to), ...added]);
  const all = boxOf('iprp', [list, boxOf('ipma', [versioned, ...entries])]);
  const inside = [...children(bytes, meta, boxes)].map(({ at, to }) =>
    at === properties.at ? all : bytes.subarray(at, to),
  );
  const file = Buffer.concat([bytes, boxOf('meta', [bytes.subarray(meta.from - 4, meta.from), ...inside])]);
  file.write('free', meta.at + 4, 'latin1');
  for (const { at, to } of children(bytes, wholeFile(bytes), boxes)) {
    // A box without a length goes to the end of the file, which is another now.
    if (bytes.readUInt32BE(at) === 0) file.writeUInt32BE(to - at, at);
  }
  return file;
}

/** An entry of `ipma`. */
function associating(item: number, own: readonly Association[]): Buffer {
  const entry = Buffer.alloc(5 + 2 * own.length);
  entry.writeUInt32BE(item, 0);
  entry.writeUInt8(own.length, 4);
  own.forEach(({ number, isEssential }, index) => {
    entry.writeUInt16BE((isEssential ? 0x8000 : 0) | number, 5 + 2 * index);
  });
  return entry;
}

function boxOf(type: string, payload: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + payload.reduce((sum, { length }) => sum + length, 0), 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, ...payload]);
}

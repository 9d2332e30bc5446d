import { type BoxCount, find, type IsoBox } from '../iso-boxes.ts';

/** An item of an AVIF, by its number. */
export interface StoredItem {
  readonly id: number;
  /** Its data in order. Pieces of a hostile file may be the same bytes again and again: they are not to be joined unmeasured. */
  readonly pieces: readonly Buffer[];
  /** Bytes of all pieces. */
  readonly length: number;
}

/** The data of items, one after the other: in the file, or in `idat`. Those in other files are none of ours. */
export function* storedItems(file: Buffer, meta: IsoBox, boxes: BoxCount): Generator<StoredItem> {
  const box = find(file, meta, 'iloc', boxes);
  const data = find(file, meta, 'idat', boxes);
  if (box === undefined) return;
  const version = file.readUInt8(box.from);
  const sizes = file.readUInt16BE(box.from + 4);
  const [offsetBytes, lengthBytes, baseBytes] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const indexBytes = version === 0 ? 0 : sizes & 15;
  const idBytes = version < 2 ? 2 : 4;
  let at = box.from + 6;
  const next = (bytes: number) => {
    at += bytes;
    // Of eight bytes no file that fits into memory needs the first two.
    return bytes === 0 ? 0 : bytes === 8 ? file.readUIntBE(at - 6, 6) : file.readUIntBE(at - bytes, bytes);
  };
  for (let left = next(idBytes); left > 0; left -= 1) {
    boxes.next();
    const id = next(idBytes);
    const method = version === 0 ? 0 : next(2) & 15;
    const isElsewhere = next(2) !== 0;
    const base = next(baseBytes) + (method === 1 ? (data?.from ?? 0) : 0);
    const extents: Buffer[] = [];
    for (let extent = next(2); extent > 0; extent -= 1) {
      // An entry may take no bytes at all, and so end with no file.
      boxes.next();
      next(indexBytes);
      const from = base + next(offsetBytes);
      const length = next(lengthBytes);
      extents.push(file.subarray(from, length === 0 ? undefined : from + length));
    }
    if (isElsewhere || method > 1 || (method === 1 && data === undefined)) continue;
    yield { id, pieces: extents, length: extents.reduce((sum, { length }) => sum + length, 0) };
  }
}

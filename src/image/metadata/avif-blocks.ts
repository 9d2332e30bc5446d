import { type BoxCount, children, createBoxCount, find, type IsoBox } from '../inspect/iso-boxes.ts';
import { type Block, exifBehindSignature } from './block.ts';

/** XMP as a box of its own (ISO 16684-3), as Adobe's programs write it beside the items. */
const xmpUuid = 'be7acfcb97a942e89c71999491e3afac';

const xmpType = 'application/rdf+xml';

/** In items beside the picture's, or in a box at the end. */
export function* avifBlocks(file: Buffer): Generator<Block> {
  const boxes = createBoxCount();
  for (const box of children(file, { type: '', from: 0, to: file.length }, boxes)) {
    if (box.type === 'meta') yield* itemBlocks(file, { ...box, from: box.from + 4 }, boxes);
    if (box.type === 'uuid' && file.toString('hex', box.from, box.from + 16) === xmpUuid) {
      yield { kind: 'xmp', bytes: file.subarray(box.from + 16, box.to) };
    }
  }
}

function* itemBlocks(file: Buffer, meta: IsoBox, boxes: BoxCount): Generator<Block> {
  const infos = find(file, meta, 'iinf', boxes);
  const places = find(file, meta, 'iloc', boxes);
  if (infos === undefined || places === undefined) return;
  const data = find(file, meta, 'idat', boxes);
  const wanted = new Map<number, 'exif' | 'xmp'>();
  const isLong = file.readUInt8(infos.from) > 0;
  for (const info of children(file, { ...infos, from: infos.from + (isLong ? 8 : 6) }, boxes)) {
    const { id, kind } = itemOf(file, info);
    if (kind !== undefined) wanted.set(id, kind);
  }
  for (const { id, bytes } of items(file, places, data)) {
    const kind = wanted.get(id);
    if (kind === 'xmp') yield { kind, bytes };
    // Where the block begins is said before it.
    if (kind === 'exif') yield { kind, bytes: exifBehindSignature(bytes.subarray(4 + bytes.readUInt32BE(0))) };
  }
}

/** An `infe` of version 2 or 3: a number, a type, a name and, for `mime`, what kind of file it is. */
function itemOf(file: Buffer, box: IsoBox): { readonly id: number; readonly kind: 'exif' | 'xmp' | undefined } {
  const isLong = file.readUInt8(box.from) >= 3;
  const id = isLong ? file.readUInt32BE(box.from + 4) : file.readUInt16BE(box.from + 4);
  const typeAt = box.from + (isLong ? 10 : 8);
  const type = file.toString('latin1', typeAt, typeAt + 4);
  if (type === 'Exif') return { id, kind: 'exif' };
  if (type !== 'mime') return { id, kind: undefined };
  const names = file.toString('latin1', typeAt + 4, Math.min(box.to, typeAt + 256)).split('\0');
  return { id, kind: names[1] === xmpType ? 'xmp' : undefined };
}

/** Where items lie, one after the other: in the file, or in `idat`. Those in other files are none of ours. */
function* items(file: Buffer, box: IsoBox, data: IsoBox | undefined) {
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
    const id = next(idBytes);
    const method = version === 0 ? 0 : next(2) & 15;
    const isElsewhere = next(2) !== 0;
    const base = next(baseBytes) + (method === 1 ? (data?.from ?? 0) : 0);
    const extents: Buffer[] = [];
    for (let extent = next(2); extent > 0; extent -= 1) {
      next(indexBytes);
      const from = base + next(offsetBytes);
      const length = next(lengthBytes);
      extents.push(file.subarray(from, length === 0 ? undefined : from + length));
    }
    if (isElsewhere || method > 1 || (method === 1 && data === undefined)) continue;
    yield { id, bytes: joined(extents) };
  }
}

function joined(extents: readonly Buffer[]): Buffer {
  const [first = Buffer.alloc(0)] = extents;
  return extents.length === 1 ? first : Buffer.concat(extents);
}

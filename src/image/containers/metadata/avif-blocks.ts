import { type BoxCount, children, createBoxCount, find, type IsoBox, wholeFile } from '../iso-boxes.ts';
import { storedItems } from './avif-items.ts';
import { type Block, exifBehindSignature, mostPacketBytes } from './block.ts';

/** XMP as a box of its own (ISO 16684-3), as Adobe's programs write it beside the items. */
const xmpUuid = 'be7acfcb97a942e89c71999491e3afac';

/** Of all items together that are read: real files have one of each kind. */
const mostItemBytes = 8 * mostPacketBytes;

const xmpType = 'application/rdf+xml';

/** In items beside the picture's, or in a box at the end. */
export function* avifBlocks(file: Buffer): Generator<Block> {
  const boxes = createBoxCount();
  for (const box of children(file, wholeFile(file), boxes)) {
    if (box.type === 'meta') yield* itemBlocks(file, { ...box, from: box.from + 4 }, boxes);
    if (box.type === 'uuid' && file.toString('hex', box.from, box.from + 16) === xmpUuid) {
      yield { kind: 'xmp', bytes: file.subarray(box.from + 16, box.to) };
    }
  }
}

function* itemBlocks(file: Buffer, meta: IsoBox, boxes: BoxCount): Generator<Block> {
  const infos = find(file, meta, 'iinf', boxes);
  if (infos === undefined) return;
  const wanted = new Map<number, 'exif' | 'xmp'>();
  const isLong = file.readUInt8(infos.from) > 0;
  for (const info of children(file, { ...infos, from: infos.from + (isLong ? 8 : 6) }, boxes)) {
    const { id, kind } = itemOf(file, info);
    if (kind !== undefined) wanted.set(id, kind);
  }
  let left = mostItemBytes;
  for (const { id, pieces, length } of storedItems(file, meta, boxes)) {
    const kind = wanted.get(id);
    if (kind === undefined || length > mostPacketBytes) continue;
    // Thousands of items may lie in the same bytes, which each would copy.
    left -= length;
    if (left < 0) return;
    const bytes = Buffer.concat(pieces);
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

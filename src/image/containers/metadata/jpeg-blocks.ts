import { endOfImage, startOfScan } from '../jpeg-markers.ts';
import { type Block, beginsWith, exifBehindSignature, exifSignature, mostPacketBytes } from './block.ts';
import { photoshopBlocks } from './photoshop.ts';

const xmpSignature = 'http://ns.adobe.com/xap/1.0/\0';
const extendedSignature = 'http://ns.adobe.com/xmp/extension/\0';
const photoshopSignature = 'Photoshop 3.0\0';

/** In the segments before the pixels. What is too long for one segment lies in several. */
export function* jpegBlocks(file: Buffer): Generator<Block> {
  const resources: Buffer[] = [];
  const extensions: Buffer[] = [];
  for (const { marker, body } of segments(file)) {
    if (marker === 0xe1 && beginsWith(body, exifSignature)) yield { kind: 'exif', bytes: exifBehindSignature(body) };
    if (marker === 0xe1 && beginsWith(body, xmpSignature)) {
      yield { kind: 'xmp', bytes: body.subarray(xmpSignature.length) };
    }
    if (marker === 0xe1 && beginsWith(body, extendedSignature))
      extensions.push(body.subarray(extendedSignature.length));
    if (marker === 0xed && beginsWith(body, photoshopSignature))
      resources.push(body.subarray(photoshopSignature.length));
  }
  if (resources.length > 0) yield* photoshopBlocks(Buffer.concat(resources));
  const extended = joined(extensions);
  if (extended !== undefined) yield { kind: 'xmp', bytes: extended };
}

function* segments(file: Buffer): Generator<{ readonly marker: number; readonly body: Buffer }> {
  let at = 2;
  while (at + 4 <= file.length) {
    const marker = file.readUInt8(at + 1);
    // Fill, or a stray byte before a marker.
    if (file.readUInt8(at) !== 0xff || marker === 0xff || marker === 0) {
      at += 1;
      continue;
    }
    if (marker === startOfScan || marker === endOfImage) return;
    const length = file.readUInt16BE(at + 2);
    yield { marker, body: file.subarray(at + 4, at + 2 + length) };
    at += 2 + Math.max(2, length);
  }
}

/** Each piece of an extended packet begins with its digest (32 characters), the whole's length and its own place. */
const pieceHeadBytes = 40;

/** The packet whose pieces come first; those of others are left-overs of an editor. */
function joined(pieces: readonly Buffer[]): Buffer | undefined {
  const [first] = pieces;
  if (first === undefined || first.length < pieceHeadBytes) return undefined;
  const digest = first.toString('latin1', 0, 32);
  const length = first.readUInt32BE(32);
  if (length > mostPacketBytes) return undefined;
  const packet = Buffer.alloc(length);
  for (const piece of pieces) {
    if (piece.length > pieceHeadBytes && piece.toString('latin1', 0, 32) === digest) {
      piece.copy(packet, Math.min(length, piece.readUInt32BE(36)), pieceHeadBytes);
    }
  }
  return packet;
}

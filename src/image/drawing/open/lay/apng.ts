import { crc32 } from 'node:zlib';
import { type ApngFrame, readApng, type Stretch } from '../../../containers/apng.ts';
import { pngChunk, signatureBytes } from '../../../containers/png-chunk.ts';
import { damaged } from './lay.ts';
import type { StoredAnimation } from './stored-animation.ts';

const headBytes = 25;

/** What says how pixels are to be read, in front of them. */
const kept: ReadonlySet<string> = new Set(['PLTE', 'tRNS', 'iCCP', 'sRGB', 'gAMA', 'cHRM', 'cICP', 'sBIT']);

/** The frames of a PNG that is animated. */
export function storedApng(bytes: Buffer): StoredAnimation {
  const apng = readApng(bytes);
  if (apng === undefined) throw damaged();
  const colours = colourChunks(bytes);
  return {
    size: apng.size,
    loop: apng.plays,
    isWhole: apng.isWhole,
    frames: apng.frames.map((frame) => ({ ...frame, file: () => fileOf(bytes, colours, frame) })),
  };
}

function colourChunks(bytes: Buffer): readonly Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = signatureBytes + headBytes; at + 12 <= bytes.length; ) {
    const to = at + 12 + bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IDAT') break;
    if (kept.has(type)) chunks.push(bytes.subarray(at, to));
    at = to;
  }
  return chunks;
}

/** A PNG of one picture, whose chunks the decoder checks. */
function fileOf(bytes: Buffer, colours: readonly Buffer[], { box, chunks }: ApngFrame): Buffer {
  const head = Buffer.from(bytes.subarray(signatureBytes + 8, signatureBytes + 8 + 13));
  head.writeUInt32BE(box.width, 0);
  head.writeUInt32BE(box.height, 4);
  return Buffer.concat([
    bytes.subarray(0, signatureBytes),
    pngChunk('IHDR', head),
    ...colours,
    ...chunks.map((chunk) => pixelsOf(bytes, chunk)),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** An IDAT as it is, or one of what an fdAT holds behind its number. */
function pixelsOf(bytes: Buffer, { from, to }: Stretch): Buffer {
  const chunk = bytes.subarray(from, to);
  if (to > bytes.length || crc32(chunk.subarray(4, -4)) !== chunk.readUInt32BE(chunk.length - 4)) throw damaged();
  return chunk.toString('latin1', 4, 8) === 'IDAT' ? chunk : pngChunk('IDAT', chunk.subarray(12, -4));
}

import { type GifFrame, readGifBlocks } from '../../../containers/gif-blocks.ts';
import { pixelsOf } from '../lay/gif-pixels.ts';

/** A format that says nothing of more than two colours, and that the decoder does not read. */
const unreadSize = 1;
/** The next, with what it makes of its first codes: all of them have three bits. */
const [size, clear, end, codeBits] = [2, 4, 5, 3];

/** Pixels are unpacked and written anew, some half a byte for each. */
const mostPixels = 16_000_000;

/**
 * The same GIF with codes that begin at three bits where they begin at two: GIF allows that for no picture (89a, appendix
 * F), yet writers do it for two colours, and browsers read it. Undefined where none does, and where pixels are missing.
 */
export function plainGif(bytes: Buffer): Buffer | undefined {
  const { frames } = readGifBlocks(bytes);
  const odd = frames.filter(({ pixelsFrom }) => bytes[pixelsFrom] === unreadSize);
  const pixels = odd.reduce((sum, { box }) => sum + box.width * box.height, 0);
  if (odd.length === 0 || pixels > mostPixels) return undefined;
  const pieces: Buffer[] = [];
  let at = 0;
  for (const frame of odd) {
    const coded = codedAnew(bytes, frame);
    if (coded === undefined) return undefined;
    pieces.push(bytes.subarray(at, frame.pixelsFrom), coded);
    at = frame.to;
  }
  return Buffer.concat([...pieces, bytes.subarray(at)]);
}

function codedAnew(bytes: Buffer, { box, pixelsFrom }: GifFrame): Buffer | undefined {
  const pixels = pixelsOf(bytes, pixelsFrom, box.width * box.height);
  return pixels && Buffer.concat([Buffer.from([size]), inSubBlocks(codesOf(pixels))]);
}

/** Two pixels, and the table is cleared before a code would take four bits. */
function codesOf(pixels: Buffer): Buffer {
  const codes = Math.ceil(pixels.length / 2) + pixels.length + 1;
  const packed = Buffer.alloc(Math.ceil((codes * codeBits) / 8));
  let bit = 0;
  const put = (code: number) => {
    for (let index = 0; index < codeBits; index += 1, bit += 1) {
      if (((code >> index) & 1) === 1) packed[bit >> 3] = (packed[bit >> 3] ?? 0) | (1 << (bit & 7));
    }
  };
  for (const [index, pixel] of pixels.entries()) {
    if (index % 2 === 0) put(clear);
    put(pixel);
  }
  put(end);
  return packed;
}

function inSubBlocks(packed: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < packed.length; at += 255) {
    const block = packed.subarray(at, at + 255);
    blocks.push(Buffer.from([block.length]), block);
  }
  return Buffer.concat([...blocks, Buffer.from([0])]);
}

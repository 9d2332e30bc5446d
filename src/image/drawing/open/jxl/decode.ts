import type { Facts } from '../../../containers/facts.ts';
import { broken } from '../../../containers/header.ts';
import { pngChunk, signatureBytes } from '../../../containers/png-chunk.ts';
import { mostJxlBytes } from '../../../protocol/jxl-memory.ts';
import { type JxlOxide, startJxlOxide } from './jxl-oxide.ts';

/** The first frame, where no other is named. */
const firstFrame = 0;

/**
 * The picture of a JPEG XL as a PNG in memory, upright, with its profile: all that follows reads those, and numbers of 16 bits stay so.
 * Failures: `corrupt`.
 */
export function jxlAsPng(file: Buffer, facts: Facts): Buffer {
  try {
    return decoded(startJxlOxide(mostJxlBytes(facts)), file, facts);
  } catch (error) {
    // Where it ends itself, or has no memory left, there is nothing but that to be told.
    if (error instanceof WebAssembly.RuntimeError) throw broken('jxl', 'its data do not decode');
    throw error;
  }
}

function decoded(jxl: JxlOxide, file: Buffer, { stored }: Facts): Buffer {
  const image = jxl.jxlimage_new();
  const at = jxl.__wbindgen_malloc(file.length, 1);
  new Uint8Array(jxl.memory.buffer).set(file, at);
  resultOf(jxl.jxlimage_feedBytes(image, at, file.length));
  if (resultOf(jxl.jxlimage_tryInit(image)) === 0) throw broken('jxl', 'it ends before its picture');
  if (jxl.jxlimage_width(image) !== stored.width || jxl.jxlimage_height(image) !== stored.height) {
    throw broken('jxl', 'its header and its pixels differ in size');
  }
  if (jxl.jxlimage_is_loading_done(image) === 0) throw broken('jxl', 'it ends before its picture');
  const result = resultOf(jxl.jxlimage_render(image, firstFrame));
  const [address, bytes, , isFailed] = jxl.renderresult_encodeToPng(result);
  if (isFailed !== 0) throw broken('jxl', 'its data do not decode');
  return asUsual(Buffer.from(new Uint8Array(jxl.memory.buffer, address, bytes)));
}

function resultOf([value, , isFailed]: readonly [number, number, number]): number {
  if (isFailed !== 0) throw broken('jxl', 'its data do not decode');
  return value;
}

/** Behind the header: where a chunk of code points is. */
const [behindHeader, codePointsBytes] = [signatureBytes + 25, 16];

/** A pixel for each millimetre (PNG 3, 11.3.4.3), as pixels have it that come out of no file: all pictures of one are to say the same. */
const resolution = pngChunk('pHYs', Buffer.from([0, 0, 3, 0xe8, 0, 0, 3, 0xe8, 1]));

/** What code points say is known of the file itself, and would lie in whatever is drawn of it. */
function asUsual(png: Buffer): Buffer {
  const hasCodePoints = png.toString('latin1', behindHeader + 4, behindHeader + 8) === 'cICP';
  const rest = png.subarray(behindHeader + (hasCodePoints ? codePointsBytes : 0));
  return Buffer.concat([png.subarray(0, behindHeader), resolution, rest]);
}

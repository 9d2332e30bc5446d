import { animate, blue, exifBlock, from, quarters, red, webpDeclaring } from '../pictures.ts';
import { bitWriter } from './bits.ts';
import { filesOf, repeat } from './hostile-file.ts';

function chunk(type: string, payload: Buffer): Buffer {
  const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
  head.writeUInt32LE(payload.length, 4);
  return Buffer.concat([head, payload, Buffer.alloc(payload.length % 2)]);
}

function riff(...chunks: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from('WEBP'), ...chunks]);
  const head = Buffer.from('RIFF\0\0\0\0', 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

/** A lossless picture of one colour: five codes of no bits, so that no pixel takes any. */
function flat(width: number, height: number): Buffer {
  const bits = bitWriter('lowest-first').write(0x2f, 8);
  bits
    .write(width - 1, 14)
    .write(height - 1, 14)
    .write(0, 1)
    .write(0, 3);
  bits.write(0, 1).write(0, 1).write(0, 1);
  // One symbol of one bit, and it is 0.
  for (let code = 0; code < 5; code += 1) bits.write(1, 1).write(0, 1).write(0, 1).write(0, 1);
  return chunk('VP8L', bits.toBuffer());
}

function canvas(width: number, height: number, flags: number): Buffer {
  const payload = Buffer.alloc(10);
  payload.writeUInt8(flags, 0);
  payload.writeUIntLE(width - 1, 4, 3);
  payload.writeUIntLE(height - 1, 7, 3);
  return chunk('VP8X', payload);
}

const animated = 0x02;
const withExif = 0x08;
const withProfile = 0x20;

function animation(width: number, height: number, frames: number): Buffer {
  const place = Buffer.alloc(16);
  const one = chunk('ANMF', Buffer.concat([place, flat(1, 1)]));
  return riff(canvas(width, height, animated), chunk('ANIM', Buffer.alloc(6)), repeat(one, frames));
}

const base = () => from(quarters(64, 48)).webp().toBuffer();
/** The picture of a plain file, behind a header that promises more. */
const extended = (flags: number, extra: Buffer) => async () =>
  riff(canvas(64, 48, flags), (await base()).subarray(12), extra);

/** WebPs of a few bytes and hundreds of megapixels, and animations that never end. */
export const webps = filesOf('webp', [
  ['44-bytes-of-16383x16383', 'refused', () => riff(flat(16_383, 16_383))],
  ['44-bytes-of-7000x7000', 'drawn', () => riff(flat(7_000, 7_000)), 'heavy'],
  ['44-bytes-of-1500x1500', 'drawn', () => riff(flat(1_500, 1_500))],
  ['declares-16000x16000', 'refused', () => webpDeclaring(16_000, 16_000)],
  ['declares-16777216x16777216', 'refused', () => riff(canvas(16_777_216, 16_777_216, 0), flat(1, 1))],
  ['declares-7000x7000-holds-a-pixel', 'refused', () => webpDeclaring(7_000, 7_000)],
  ['10000-frames', 'either', () => animation(1, 1, 10_000)],
  ['30000-frames', 'refused', () => animation(1, 1, 30_000)],
  ['300-frames-of-4000x4000', 'either', () => animation(4_000, 4_000, 300)],
  ['animation-without-frames', 'refused', () => riff(canvas(64, 48, animated), chunk('ANIM', Buffer.alloc(6)))],
  ['30000-chunks', 'refused', () => riff(canvas(1, 1, 0), repeat(chunk('abcd', Buffer.alloc(0)), 30_000), flat(1, 1))],
  ['chunk-of-4-gigabytes', 'refused', () => riff(canvas(64, 48, 0), Buffer.from('VP8L\xff\xff\xff\xff', 'latin1'))],
  ['exif-with-a-position', 'drawn', extended(withExif, chunk('EXIF', exifBlock(6, 'GPS 52.3731, 4.8926')))],
  ['exif-that-is-none', 'drawn', extended(withExif, chunk('EXIF', Buffer.alloc(5_000, 'x')))],
  ['profile-that-is-none', 'either', extended(withProfile, chunk('ICCP', Buffer.alloc(5_000, 'x')))],
  ['lossless-without-codes', 'refused', () => riff(chunk('VP8L', Buffer.from('2f00000000ffffffff', 'hex')))],
  ['two-frames', 'drawn', () => animate(64, 48, [red, blue]).webp().toBuffer()],
]);

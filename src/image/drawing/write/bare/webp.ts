import type { Facts } from '../../../containers/facts.ts';
import { isSrgbProfile } from './profile.ts';

const headBytes = 12;
const frameHeadBytes = 16;
const pixels: ReadonlySet<string> = new Set(['VP8 ', 'VP8L', 'ALPH']);

/** Flags of VP8X. */
const [animationFlag, alphaFlag] = [0x02, 0x10];

interface Chunk {
  readonly type: string;
  readonly body: Buffer;
  /** With its head and its padding. */
  readonly whole: Buffer;
}

/** A WebP's pixels as they are coded, those of all frames. */
export function bareWebp(bytes: Buffer, { hasAlpha }: Facts): Buffer | undefined {
  const end = 8 + bytes.readUInt32LE(4);
  if (end > bytes.length) return undefined;
  const pieces: Buffer[] = [];
  for (const chunk of chunksOf(bytes.subarray(headBytes, end))) {
    const { type, body, whole } = chunk;
    if (type === 'VP8X') pieces.push(withTrueFlags(whole, hasAlpha));
    else if (type === 'ANIM' || pixels.has(type)) pieces.push(whole);
    else if (type === 'ANMF' && isOnlyPixels(body)) pieces.push(whole);
    else if (type === 'ANMF' || (type === 'ICCP' && !isSrgbProfile(body))) return undefined;
  }
  const head = Buffer.from(bytes.subarray(0, headBytes));
  const file = Buffer.concat([head, ...pieces]);
  file.writeUInt32LE(file.length - 8, 4);
  return file;
}

/** Throws a RangeError where a chunk reaches beyond the end. */
function* chunksOf(bytes: Buffer): Generator<Chunk> {
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4);
    const end = at + 8 + length + (length % 2);
    if (end > bytes.length) throw new RangeError('A chunk is longer than what holds it.');
    const body = bytes.subarray(at + 8, at + 8 + length);
    yield { type: bytes.toString('latin1', at, at + 4), body, whole: bytes.subarray(at, end) };
    at = end;
  }
}

/** Of what is left, with the alpha that a file may conceal. */
function withTrueFlags(chunk: Buffer, hasAlpha: boolean): Buffer {
  const bare = Buffer.from(chunk);
  bare.writeUInt8((bare.readUInt8(8) & animationFlag) | (hasAlpha ? alphaFlag : 0), 8);
  return bare;
}

/** A frame may hold anything else behind its pixels. */
function isOnlyPixels(frame: Buffer): boolean {
  return [...chunksOf(frame.subarray(frameHeadBytes))].every(({ type }) => pixels.has(type));
}

import type { CodePoints } from './cicp.ts';

/** Open bitstream unit of a sequence header (AV1, 5.3.1 and 6.2.2). */
const sequenceHeader = 1;
/** In front of it there is a temporal delimiter at most; whatever else comes is passed over. */
const mostUnits = 8;
const unspecified = 2;

/** How a stream is coded (`av1C`: AV1 in ISO's base media format, 2.3). */
export interface Av1Configuration {
  /** Bits. */
  readonly depth: 8 | 10 | 12;
  /** 1 for brightness alone, 3 for colour in full, less where it is kept at half or a quarter of the pixels. */
  readonly samplesPerPixel: 1 | 1.5 | 2 | 3;
}

/** Of a box whose payload begins there. */
export function configurationOfAv1(bytes: Buffer, at: number): Av1Configuration {
  const flags = bytes.readUInt8(at + 2);
  const isSet = (mask: number) => (flags & mask) !== 0;
  return {
    depth: !isSet(0x40) ? 8 : isSet(0x20) ? 12 : 10,
    samplesPerPixel: isSet(0x10) ? 1 : !isSet(0x08) ? 3 : isSet(0x04) ? 1.5 : 2,
  };
}

/** What a stream says of its colours; 2 is unspecified. */
export interface StreamColours extends CodePoints {
  /** Whether black and white lie at the ends of its numbers, not as television counts. */
  readonly isFullRange: boolean;
}

/**
 * What a stream of AV1 begins with, which counts for an AVIF that says nothing itself. Undefined where there is no such
 * header. Throws a RangeError where the bytes end too early.
 */
export function coloursOfAv1(bytes: Buffer): StreamColours | undefined {
  let at = 0;
  for (let unit = 0; unit < mostUnits && at < bytes.length; unit += 1) {
    const flags = bytes.readUInt8(at);
    const [hasExtension, hasSize] = [(flags & 4) !== 0, (flags & 2) !== 0];
    const sizeAt = at + (hasExtension ? 2 : 1);
    const { value: size, end } = hasSize ? leb128(bytes, sizeAt) : { value: bytes.length - sizeAt, end: sizeAt };
    if (((flags >> 3) & 15) === sequenceHeader) return readSequenceHeader(bytes.subarray(end, end + size));
    at = end + size;
  }
  return undefined;
}

function leb128(bytes: Buffer, at: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let index = 0; index < 8; index += 1) {
    const byte = bytes.readUInt8(at + index);
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  throw new RangeError('A size of eight bytes does not end.');
}

type Bits = (count: number) => number;

function bitsOf(bytes: Buffer): Bits {
  let at = 0;
  return (count) => {
    let value = 0;
    for (let bit = 0; bit < count; bit += 1, at += 1) {
      value = value * 2 + ((bytes.readUInt8(at >> 3) >> (7 - (at & 7))) & 1);
    }
    return value;
  };
}

/** AV1, 5.5.1 and 5.5.2: everything up to the colours has to be walked through. */
function readSequenceHeader(bytes: Buffer): StreamColours {
  const bits = bitsOf(bytes);
  const profile = bits(3);
  bits(1);
  const isReduced = bits(1) === 1;
  if (isReduced) bits(5);
  else passOperatingPoints(bits);
  const [widthBits, heightBits] = [bits(4) + 1, bits(4) + 1];
  bits(widthBits + heightBits);
  if (!isReduced && bits(1) === 1) bits(7);
  // The size of superblocks, filtering and the edges of intra prediction.
  bits(3);
  if (!isReduced) passTools(bits);
  // Super resolution, CDEF, loop restoration.
  bits(3);
  const isHigh = bits(1) === 1;
  if (profile === 2 && isHigh) bits(1);
  const isGray = profile !== 1 && bits(1) === 1;
  const isDescribed = bits(1) === 1;
  const [primaries, transfer, matrix] = isDescribed ? [bits(8), bits(8), bits(8)] : Array(3).fill(unspecified);
  // Of sRGB as it is nothing more is said.
  const isPlain = !isGray && primaries === 1 && transfer === 13 && matrix === 0;
  return { primaries, transfer, isFullRange: isPlain || bits(1) === 1 };
}

function passOperatingPoints(bits: Bits): void {
  let delayBits: number | undefined;
  if (bits(1) === 1) {
    // Ticks of two clocks, then whether pictures are equally far apart, and by how many ticks.
    bits(64);
    if (bits(1) === 1) passVariableLength(bits);
    if (bits(1) === 1) {
      delayBits = bits(5) + 1;
      bits(42);
    }
  }
  const hasDelays = bits(1) === 1;
  const points = bits(5) + 1;
  for (let point = 0; point < points; point += 1) {
    bits(12);
    if (bits(5) > 7) bits(1);
    if (delayBits !== undefined && bits(1) === 1) bits(2 * delayBits + 1);
    if (hasDelays && bits(1) === 1) bits(4);
  }
}

function passVariableLength(bits: Bits): void {
  let zeros = 0;
  while (zeros < 32 && bits(1) === 0) zeros += 1;
  if (zeros < 32) bits(zeros);
}

function passTools(bits: Bits): void {
  // Inter-intra and masked compounds, warped motion, dual filters.
  bits(4);
  const hasOrder = bits(1) === 1;
  if (hasOrder) bits(2);
  const isScreenContent = bits(1) === 1 || bits(1) === 1;
  if (isScreenContent && bits(1) === 0) bits(1);
  if (hasOrder) bits(3);
}

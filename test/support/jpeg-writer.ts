import { jpegSegment, type Pixels } from './pictures.ts';

/** How the coded data of a JPEG are laid out. */
export interface JpegLayout {
  /** Units between restart markers; 0, the default, for none. */
  readonly restart?: number;
  /** Each channel in a scan of its own. */
  readonly separate?: boolean;
}

/** A step for all 64 coefficients: coarse enough for few bits, fine enough to know the picture by. */
const step = 12;

const zigzag = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47,
  55, 62, 63,
] as const;

const cosines = Array.from({ length: 64 }, (_, index) => {
  const [frequency, place] = [index >> 3, index & 7];
  return (frequency === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * place + 1) * frequency * Math.PI) / 16);
});

/** Codes of 4 bits for what is common, of 10 for all others: the shape that usual tables have. */
const common = [0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x12, 0x21, 0x31, 0x41, 0x05];
const others = Array.from({ length: 256 }, (_, value) => value).filter((value) => {
  const size = value & 15;
  return !common.includes(value) && (value === 0xf0 || (size > 0 && size <= 10));
});
/** Sizes of differences, which come first in a block. */
const sizes = Array.from({ length: 12 }, (_, size) => size);

interface Code {
  readonly bits: number;
  readonly length: number;
}

type Codes = ReadonlyMap<number, Code>;

const acCodes: Codes = new Map<number, Code>([
  ...common.map((value, index) => [value, { bits: index, length: 4 }] as const),
  ...others.map((value, index) => [value, { bits: (common.length << 6) + index, length: 10 }] as const),
]);
const dcCodes: Codes = new Map(sizes.map((size) => [size, { bits: size, length: 4 }]));

function tables(): Buffer {
  const counts = (of4: number, of10: number) => [0, 0, 0, of4, 0, 0, 0, 0, 0, of10, 0, 0, 0, 0, 0, 0];
  return Buffer.from([
    ...[0x00, ...counts(sizes.length, 0), ...sizes],
    ...[0x10, ...counts(common.length, others.length), ...common, ...others],
  ]);
}

/**
 * A sequential JPEG, 4:4:4 or gray, written without a library: with restart markers or channels in scans of their own,
 * which sharp does not write.
 */
export function writeJpeg(pixels: Pixels, layout: JpegLayout = {}): Buffer {
  const { width, height, channels } = pixels;
  const planes = channels === 1 ? [0] : [0, 1, 2];
  const factors = planes.flatMap((plane) => [plane + 1, 0x11, 0]);
  const scans = layout.separate === true ? planes.map((plane) => [plane]) : [planes];
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    jpegSegment(0xdb, Buffer.from([0, ...Array.from({ length: 64 }, () => step)])),
    jpegSegment(0xc0, Buffer.from([8, height >> 8, height & 255, width >> 8, width & 255, planes.length, ...factors])),
    jpegSegment(0xc4, tables()),
    jpegSegment(0xdd, Buffer.from([0, layout.restart ?? 0])),
    ...scans.flatMap((scan) => [
      jpegSegment(0xda, Buffer.from([scan.length, ...scan.flatMap((plane) => [plane + 1, 0]), 0, 63, 0])),
      codedScan(pixels, scan, layout.restart ?? 0),
    ]),
    Buffer.from([0xff, 0xd9]),
  ]);
}

function codedScan(pixels: Pixels, planes: readonly number[], restart: number): Buffer {
  const pieces: Buffer[] = [];
  const units = { across: Math.ceil(pixels.width / 8), down: Math.ceil(pixels.height / 8) };
  let bits = createBits();
  let before = planes.map(() => 0);
  for (let unit = 0; unit < units.across * units.down; unit += 1) {
    if (restart > 0 && unit > 0 && unit % restart === 0) {
      pieces.push(bits.end(), Buffer.from([0xff, 0xd0 + ((unit / restart - 1) % 8)]));
      bits = createBits();
      before = planes.map(() => 0);
    }
    const [left, top] = [(unit % units.across) * 8, Math.floor(unit / units.across) * 8];
    before = planes.map((plane, index) => {
      const block = coefficients(pixels, plane, left, top);
      writeBlock(bits, block, before[index] ?? 0);
      return block[0] ?? 0;
    });
  }
  return Buffer.concat([...pieces, bits.end()]);
}

function coefficients(pixels: Pixels, plane: number, left: number, top: number): number[] {
  const samples = Array.from({ length: 64 }, (_, index) =>
    sample(pixels, plane, left + (index & 7), top + (index >> 3)),
  );
  return zigzag.map((place) => {
    const [down, across] = [place >> 3, place & 7];
    const sum = samples.reduce(
      (total, value, index) =>
        total + value * (cosines[across * 8 + (index & 7)] ?? 0) * (cosines[down * 8 + (index >> 3)] ?? 0),
      0,
    );
    return Math.round(sum / step);
  });
}

/** Of YCbCr, around 0; beyond the edge the last one goes on. */
function sample({ data, width, height, channels }: Pixels, plane: number, x: number, y: number): number {
  const at = (Math.min(y, height - 1) * width + Math.min(x, width - 1)) * channels;
  const red = data[at] ?? 0;
  if (channels === 1) return red - 128;
  const [green, blue] = [data[at + 1] ?? 0, data[at + 2] ?? 0];
  if (plane === 0) return 0.299 * red + 0.587 * green + 0.114 * blue - 128;
  return plane === 1 ? -0.168736 * red - 0.331264 * green + 0.5 * blue : 0.5 * red - 0.418688 * green - 0.081312 * blue;
}

function writeBlock(bits: Bits, block: readonly number[], before: number): void {
  writeNumber(bits, dcCodes, 0, (block[0] ?? 0) - before);
  let zeros = 0;
  for (const value of block.slice(1)) {
    if (value === 0) {
      zeros += 1;
      continue;
    }
    for (; zeros > 15; zeros -= 16) bits.code(acCodes, 0xf0);
    writeNumber(bits, acCodes, zeros << 4, value);
    zeros = 0;
  }
  if (zeros > 0) bits.code(acCodes, 0x00);
}

function writeNumber(bits: Bits, codes: Codes, run: number, value: number): void {
  const size = value === 0 ? 0 : 32 - Math.clz32(Math.abs(value));
  bits.code(codes, run | size);
  bits.add(value < 0 ? value + (1 << size) - 1 : value, size);
}

interface Bits {
  add(value: number, count: number): void;
  code(codes: Codes, value: number): void;
  end(): Buffer;
}

/** Bits with a zero stuffed behind each `ff`, filled up with ones. */
function createBits(): Bits {
  const bytes: number[] = [];
  let held = 0;
  let count = 0;
  function add(value: number, more: number): void {
    for (let bit = more - 1; bit >= 0; bit -= 1) {
      held = (held << 1) | ((value >> bit) & 1);
      count += 1;
      if (count < 8) continue;
      bytes.push(held, ...(held === 0xff ? [0] : []));
      held = 0;
      count = 0;
    }
  }
  return {
    add,
    code(codes, value) {
      const { bits, length } = codes.get(value) ?? { bits: 0, length: 0 };
      if (length === 0) throw new Error(`There is no code for ${value}.`);
      add(bits, length);
    },
    end() {
      if (count > 0) add(0xff, 8 - count);
      return Buffer.from(bytes);
    },
  };
}

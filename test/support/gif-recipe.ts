/** A frame of a GIF (GIF89a, 20): its place on the screen, and a number of its palette for each pixel. */
export interface GifFrame {
  readonly left?: number;
  readonly top?: number;
  readonly width: number;
  readonly height: number;
  readonly at: (x: number, y: number) => number;
  /** Hundredths of a second. */
  readonly delay?: number;
  /** What becomes of it: 0 nothing said, 1 it stays, 2 it is cleared, 3 what was before comes back. */
  readonly disposal?: 0 | 1 | 2 | 3;
  /** The number that is clear. */
  readonly clear?: number;
  /** A palette of its own; as many colours as a power of two. */
  readonly palette?: readonly (readonly number[])[];
  readonly isInterlaced?: boolean;
}

/** A GIF as its standard describes one, written by nobody's library. */
export interface GifRecipe {
  readonly width: number;
  readonly height: number;
  /** As many colours as a power of two. */
  readonly palette: readonly (readonly number[])[];
  /** The number of the colour that the screen is said to have. */
  readonly background?: number;
  /** How often it runs again after the first time, 0 for ever; without it nothing is said, and it runs once. */
  readonly loops?: number;
  readonly frames: readonly GifFrame[];
}

export function gifOf({ width, height, palette, background = 0, loops, frames }: GifRecipe): Buffer {
  const screen = Buffer.from('GIF89a\0\0\0\0\0\0\0', 'latin1');
  screen.writeUInt16LE(width, 6);
  screen.writeUInt16LE(height, 8);
  screen.writeUInt8(0x80 | sizeOf(palette), 10);
  screen.writeUInt8(background, 11);
  const again = Buffer.from('\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0', 'latin1');
  again.writeUInt16LE(loops ?? 0, 16);
  return Buffer.concat([
    screen,
    Buffer.from(palette.flat()),
    ...(loops === undefined ? [] : [again]),
    ...frames.flatMap((frame) => [control(frame), ...picture(frame, palette)]),
    Buffer.from([0x3b]),
  ]);
}

/** The exponent that a palette's size is told by: 2, 4, 8 ... 256 colours are 0 to 7. */
function sizeOf(palette: readonly unknown[]): number {
  return Math.log2(palette.length) - 1;
}

function control({ delay = 0, disposal = 0, clear }: GifFrame): Buffer {
  const block = Buffer.from('\x21\xf9\x04\0\0\0\0\0', 'latin1');
  block.writeUInt8((disposal << 2) | (clear === undefined ? 0 : 1), 3);
  block.writeUInt16LE(delay, 4);
  block.writeUInt8(clear ?? 0, 6);
  return block;
}

/** The rows of an interlaced frame in the order in which they are written. */
function rowsOf(height: number, isInterlaced: boolean): readonly number[] {
  const rows = Array.from({ length: height }, (_, row) => row);
  if (!isInterlaced) return rows;
  return [
    rows.filter((row) => row % 8 === 0),
    rows.filter((row) => row % 8 === 4),
    rows.filter((row) => row % 4 === 2),
    rows.filter((row) => row % 2 === 1),
  ].flat();
}

function picture(frame: GifFrame, screenPalette: readonly unknown[]): readonly Buffer[] {
  const { left = 0, top = 0, width, height, palette, isInterlaced = false } = frame;
  const head = Buffer.alloc(10);
  head.writeUInt8(0x2c);
  for (const [index, value] of [left, top, width, height].entries()) head.writeUInt16LE(value, 1 + index * 2);
  head.writeUInt8((palette === undefined ? 0 : 0x80 | sizeOf(palette)) | (isInterlaced ? 0x40 : 0), 9);
  const pixels = rowsOf(height, isInterlaced).flatMap((y) => Array.from({ length: width }, (_, x) => frame.at(x, y)));
  const bits = Math.max(2, sizeOf(palette ?? screenPalette) + 1);
  return [
    head,
    Buffer.from(palette?.flat() ?? []),
    Buffer.from([bits]),
    ...subBlocks(codes(pixels, bits)),
    Buffer.alloc(1),
  ];
}

/** LZW that never takes two pixels together: its table is thrown away before a code would take one bit more. */
function codes(pixels: readonly number[], bits: number): Buffer {
  const [clear, end] = [1 << bits, (1 << bits) + 1];
  const all = pixels.flatMap((pixel, index) => (index % ((1 << bits) - 2) === 0 ? [clear, pixel] : [pixel]));
  all.push(end);
  const bytes = Buffer.alloc(Math.ceil((all.length * (bits + 1)) / 8));
  for (const [index, code] of all.entries()) {
    for (let bit = 0; bit <= bits; bit += 1) {
      const place = index * (bits + 1) + bit;
      bytes[place >> 3] = (bytes[place >> 3] ?? 0) | (((code >> bit) & 1) << (place & 7));
    }
  }
  return bytes;
}

function subBlocks(bytes: Buffer): readonly Buffer[] {
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 255) {
    const block = bytes.subarray(at, at + 255);
    blocks.push(Buffer.from([block.length]), block);
  }
  return blocks;
}

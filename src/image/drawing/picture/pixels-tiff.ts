import type { Size } from '../../containers/facts.ts';

/** Pixels that a TIFF is to hold: RGB, or RGB and an alpha that is not multiplied in, of 8 or 16 bits. */
export interface TiffPixels extends Size {
  readonly channels: 3 | 4;
  readonly isDeep: boolean;
  readonly profile: Buffer | undefined;
}

/** A TIFF, and where in it its pixels lie, row by row; numbers of 16 bits with the low byte first. */
export interface WritableTiff {
  readonly file: Buffer;
  readonly pixels: Buffer;
}

/** What a strip has at least: the reader takes one at a time. */
const stripBytes = 256 * 1024;

const types = { short: 3, long: 4, undefined: 7 } as const;
const typeBytes: Readonly<Record<number, number>> = { 3: 2, 4: 4, 7: 1 };

type Field = readonly [tag: number, type: number, values: readonly number[] | Buffer];

/** An uncompressed TIFF (TIFF 6.0) whose pixels are still to be written, which saves a copy of them. */
export function createTiff({ width, height, channels, isDeep, profile }: TiffPixels): WritableTiff {
  const rowBytes = width * channels * (isDeep ? 2 : 1);
  const rows = Math.min(height, Math.max(1, Math.ceil(stripBytes / rowBytes)));
  const strips = Math.ceil(height / rows);
  const counts = Array.from({ length: strips }, (_, index) => Math.min(rows, height - index * rows) * rowBytes);
  const fieldsAt = (start: number): readonly Field[] => [
    [256, types.long, [width]],
    [257, types.long, [height]],
    [258, types.short, Array.from({ length: channels }, () => (isDeep ? 16 : 8))],
    [259, types.short, [1]],
    [262, types.short, [2]],
    [273, types.long, counts.map((_, index) => start + index * rows * rowBytes)],
    [277, types.short, [channels]],
    [278, types.long, [rows]],
    [279, types.long, counts],
    [284, types.short, [1]],
    ...(channels === 4 ? [[338, types.short, [2]] as const] : []),
    ...(profile === undefined ? [] : [[34_675, types.undefined, profile] as const]),
  ];
  const head = headOf(fieldsAt(0)).length;
  const file = Buffer.allocUnsafeSlow(head + height * rowBytes);
  headOf(fieldsAt(head)).copy(file);
  return { file, pixels: file.subarray(head) };
}

/** The file's first bytes, its directory, and what has no room in that. */
function headOf(fields: readonly Field[]): Buffer {
  const start = Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0]);
  const directory = Buffer.alloc(2 + 12 * fields.length + 4);
  directory.writeUInt16LE(fields.length, 0);
  const aside: Buffer[] = [];
  let end = start.length + directory.length;
  for (const [index, [tag, type, values]] of fields.entries()) {
    const at = 2 + 12 * index;
    const body = valueBytes(type, values);
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(type, at + 2);
    directory.writeUInt32LE(values.length, at + 4);
    if (body.length <= 4) body.copy(directory, at + 8);
    else {
      directory.writeUInt32LE(end, at + 8);
      aside.push(body, Buffer.alloc(body.length % 2));
      end += body.length + (body.length % 2);
    }
  }
  return Buffer.concat([start, directory, ...aside]);
}

function valueBytes(type: number, values: readonly number[] | Buffer): Buffer {
  if (Buffer.isBuffer(values)) return values;
  const size = typeBytes[type] ?? 1;
  const bytes = Buffer.alloc(values.length * size);
  for (const [index, value] of values.entries()) bytes.writeUIntLE(value, index * size, size);
  return bytes;
}

import type { Pixels } from './pictures.ts';

/** Little-endian, or big-endian. */
export type Order = 'II' | 'MM';

export const orders: readonly Order[] = ['II', 'MM'];

/** Writes the numbers of a TIFF structure in its order of bytes. */
export function numbers(order: Order, ...values: readonly (readonly [value: number, bytes: 1 | 2 | 4 | 8])[]): Buffer {
  return Buffer.concat(
    values.map(([value, bytes]) => {
      const buffer = Buffer.alloc(bytes);
      buffer.writeUIntLE(value, 0, Math.min(bytes, 6));
      return order === 'II' ? buffer : buffer.reverse();
    }),
  );
}

/** A tag of a directory: numbers of two bytes, numbers of four, text, or bytes of no kind. */
export type TiffTag =
  | readonly [tag: number, type: 'short' | 'long', values: readonly number[]]
  | readonly [tag: number, type: 'ascii' | 'bytes', values: Buffer];

/** One picture of a TIFF: one strip of plain pixels. */
export interface TiffPage {
  readonly pixels: Pixels;
  readonly orientation?: number;
  readonly tags?: readonly TiffTag[];
}

export interface TiffForm {
  readonly order?: Order;
  /** Counts and points with eight bytes. */
  readonly isBig?: boolean;
}

interface Form extends Required<TiffForm> {
  /** Bytes of a pointer. */
  readonly pointer: 4 | 8;
}

/** A TIFF of these pages. */
export function tiffOf(pages: readonly TiffPage[], { order = 'II', isBig = false }: TiffForm = {}): Buffer {
  const form: Form = { order, isBig, pointer: isBig ? 8 : 4 };
  const version = isBig ? numbers(order, [43, 2], [8, 2], [0, 2]) : numbers(order, [42, 2]);
  let file = Buffer.concat([Buffer.from(order), version, numbers(order, [0, form.pointer])]);
  let pointerAt = file.length - form.pointer;
  for (const page of pages) {
    const strip = file.length;
    file = Buffer.concat([file, even(page.pixels.data)]);
    const { values, directory } = directoryOf(tagsOf(page, strip), file.length, form);
    file = Buffer.concat([file, values]);
    numbers(order, [file.length, form.pointer]).copy(file, pointerAt);
    file = Buffer.concat([file, directory]);
    pointerAt = file.length - form.pointer;
  }
  return file;
}

function even(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(bytes.length % 2)]);
}

/** In rising order, as the format wants them. */
function tagsOf({ pixels, orientation, tags = [] }: TiffPage, strip: number): readonly TiffTag[] {
  const { width, height, channels, data } = pixels;
  const own: readonly TiffTag[] = [
    [256, 'long', [width]],
    [257, 'long', [height]],
    [258, 'short', Array.from({ length: channels }, () => 8)],
    [259, 'short', [1]],
    [262, 'short', [channels < 3 ? 1 : 2]],
    [273, 'long', [strip]],
    [277, 'short', [channels]],
    [278, 'long', [height]],
    [279, 'long', [data.length]],
    ...(orientation === undefined ? [] : [[274, 'short', [orientation]] as const]),
  ];
  return [...own, ...tags].sort(([one], [other]) => one - other);
}

const types = { short: 3, long: 4, ascii: 2, bytes: 7 } as const;

/** A directory, with a pointer to none behind it, and the values that are too long to stand in it, which begin at `at`. */
function directoryOf(tags: readonly TiffTag[], at: number, { order, isBig, pointer }: Form) {
  const values: Buffer[] = [];
  let end = at;
  const entries = tags.map(([tag, type, value]) => {
    const body = Buffer.isBuffer(value)
      ? value
      : numbers(order, ...value.map((one) => [one, type === 'short' ? 2 : 4] as const));
    const isInline = body.length <= pointer;
    const field = isInline
      ? Buffer.concat([body, Buffer.alloc(pointer - body.length)])
      : numbers(order, [end, pointer]);
    if (!isInline) {
      values.push(even(body));
      end += even(body).length;
    }
    return Buffer.concat([numbers(order, [tag, 2], [types[type], 2], [value.length, pointer]), field]);
  });
  const head = numbers(order, [tags.length, isBig ? 8 : 2]);
  return {
    values: Buffer.concat(values),
    directory: Buffer.concat([head, ...entries, numbers(order, [0, pointer])]),
  };
}

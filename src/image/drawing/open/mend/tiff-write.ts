import type { Layout, Tiff } from '../../../containers/tiff-tags.ts';
import type { Field } from './tiff-page.ts';
import { short } from './tiff-rules.ts';

export function numberBytes({ isLittleEndian }: Layout, values: readonly number[], size: 2 | 4 | 8): Buffer {
  const bytes = Buffer.alloc(values.length * size);
  for (const [index, value] of values.entries()) {
    const at = index * size;
    if (size === 8)
      isLittleEndian ? bytes.writeBigUInt64LE(BigInt(value), at) : bytes.writeBigUInt64BE(BigInt(value), at);
    else isLittleEndian ? bytes.writeUIntLE(value, at, size) : bytes.writeUIntBE(value, at, size);
  }
  return bytes;
}

export interface WrittenDirectory {
  /** Values that have no room in the directory, and the directory. */
  readonly bytes: Buffer;
  /** Where in them the directory begins, and where the pointer to the next one lies, which is 0. */
  readonly directory: number;
  readonly link: number;
}

/** Writes a directory of these fields for a file in which it is put at `end`. */
export function directoryOf(tiff: Tiff, fields: readonly Field[], end: number): WrittenDirectory {
  const { isBig, pointerBytes } = tiff;
  const values: Buffer[] = [];
  let valuesEnd = end;
  const entries = [...fields]
    .sort((one, other) => one.tag - other.tag)
    .map((field) => {
      const { type, count, body, isThere } = contentOf(tiff, field);
      const head = [numberBytes(tiff, [field.tag, type], 2), numberBytes(tiff, [count], pointerBytes)];
      if (isThere) return Buffer.concat([...head, body]);
      if (body.length <= pointerBytes) return Buffer.concat([...head, body, Buffer.alloc(pointerBytes - body.length)]);
      const padded = Buffer.concat([body, Buffer.alloc(body.length % 2)]);
      values.push(padded);
      valuesEnd += padded.length;
      return Buffer.concat([...head, numberBytes(tiff, [valuesEnd - padded.length], pointerBytes)]);
    });
  const count = numberBytes(tiff, [entries.length], isBig ? 8 : 2);
  const bytes = Buffer.concat([...values, count, ...entries, Buffer.alloc(pointerBytes)]);
  return { bytes, directory: valuesEnd - end, link: bytes.length - pointerBytes };
}

/** `isThere`: the body is a field as it lies in the file. */
function contentOf(tiff: Tiff, field: Field) {
  if ('copied' in field) {
    const { type, count, field: at } = field.copied;
    return { type, count, body: tiff.bytes.subarray(at, at + tiff.pointerBytes), isThere: true };
  }
  const { type, values } = field;
  return { type, count: values.length, body: numberBytes(tiff, values, type === short ? 2 : 4), isThere: false };
}

/** What a BMP of the test's own is to be; rows come as bytes, from the lowest up unless the height is below 0. */
export interface BmpRecipe {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly pixels: Buffer;
  readonly compression?: number;
  /** Blue, green, red and nothing each. */
  readonly palette?: Buffer;
  /** Of red, green, blue and alpha, in a header of version 4. */
  readonly masks?: readonly number[];
}

/** The header of version 3, or of version 4 where there are masks, its colours and its pixels: what lies in an ICO. */
export function dib({ width, height, bits, pixels, compression = 0, palette, masks }: BmpRecipe): Buffer {
  const header = Buffer.alloc(masks === undefined ? 40 : 108);
  header.writeUInt32LE(header.length, 0);
  header.writeInt32LE(width, 4);
  header.writeInt32LE(height, 8);
  header.writeUInt16LE(1, 12);
  header.writeUInt16LE(bits, 14);
  header.writeUInt32LE(compression, 16);
  header.writeUInt32LE((palette?.length ?? 0) / 4, 32);
  for (const [index, mask] of (masks ?? []).entries()) header.writeUInt32LE(mask, 40 + 4 * index);
  return Buffer.concat([header, palette ?? Buffer.alloc(0), pixels]);
}

export function bmp(recipe: BmpRecipe): Buffer {
  const body = dib(recipe);
  const head = Buffer.alloc(14);
  head.write('BM', 0, 'latin1');
  head.writeUInt32LE(14 + body.length, 2);
  head.writeUInt32LE(14 + body.length - recipe.pixels.length, 10);
  return Buffer.concat([head, body]);
}

/** An icon of these pictures, each said to be so large. */
export function ico(pictures: readonly (readonly [side: number, bits: number, file: Buffer])[]): Buffer {
  const head = Buffer.from([0, 0, 1, 0, pictures.length, 0]);
  let at = head.length + 16 * pictures.length;
  const entries = pictures.map(([side, bits, file]) => {
    const entry = Buffer.alloc(16);
    entry.writeUInt8(side % 256, 0);
    entry.writeUInt8(side % 256, 1);
    entry.writeUInt16LE(1, 4);
    entry.writeUInt16LE(bits, 6);
    entry.writeUInt32LE(file.length, 8);
    entry.writeUInt32LE(at, 12);
    at += file.length;
    return entry;
  });
  return Buffer.concat([head, ...entries, ...pictures.map(([, , file]) => file)]);
}

/** Writes numbers of any width, as codecs do: the lowest bit first (WebP, GIF) or the highest (JPEG). */
export function bitWriter(order: 'lowest-first' | 'highest-first') {
  const bits: number[] = [];
  const writer = {
    write(value: number, width: number) {
      for (let index = 0; index < width; index += 1) {
        const shift = order === 'lowest-first' ? index : width - 1 - index;
        bits.push(Math.floor(value / 2 ** shift) % 2);
      }
      return writer;
    },
    /** The last byte is filled up with `filling`. */
    toBuffer(filling: 0 | 1 = 0): Buffer {
      const bytes = Buffer.alloc(Math.ceil(bits.length / 8));
      for (let index = 0; index < bytes.length * 8; index += 1) {
        const bit = bits[index] ?? filling;
        const place = order === 'lowest-first' ? index % 8 : 7 - (index % 8);
        bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (bit << place);
      }
      return bytes;
    },
  };
  return writer;
}

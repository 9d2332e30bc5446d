/** What a block of a GIF begins with. */
export const extension = 0x21;
export const imageDescriptor = 0x2c;
export const trailer = 0x3b;

/** What an extension is. */
export const graphicControl = 0xf9;
export const application = 0xff;
export const comment = 0xfe;

/** Bytes in front of the colours that frames share: the signature and the screen. */
export const gifHeadBytes = 13;

/** Bytes of a table of colours, by the flags that tell of it. */
export function colourTableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

/** Behind an image's descriptor, its colours and how many bits its codes begin with. */
export function afterImageHead(bytes: Buffer, at: number): number {
  return at + 10 + colourTableBytes(bytes.readUInt8(at + 9)) + 1;
}

/** Where a chain of blocks of data ends. Throws a RangeError where the file ends before they do. */
export function afterSubBlocks(bytes: Buffer, from: number): number {
  let at = from;
  for (let length = bytes.readUInt8(at); length !== 0; length = bytes.readUInt8(at)) at += 1 + length;
  return at + 1;
}

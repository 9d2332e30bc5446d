/** A part of a file that says something about the picture, as it lies there. */
export interface Block {
  readonly kind: 'exif' | 'xmp' | 'iptc' | 'creator' | 'rights';
  /** A TIFF structure, an XMP packet, IPTC's records, or the text itself. */
  readonly bytes: Buffer;
}

/** Larger ones are passed over: real packets have a few kB, and some 200 kB where they hold a history of edits. */
export const mostPacketBytes = 1024 * 1024;

/** Finds blocks in a file of one format, first things first. What is damaged ends it, with a RangeError at the worst. */
export type FindBlocks = (file: Buffer, page: number) => Generator<Block>;

/** What stands before EXIF; a byte of padding follows, which not every writer leaves at 0. */
export const exifSignature = 'Exif\0';

/** What is left behind the signature of JPEG's EXIF segments, which some writers leave before the block elsewhere too. */
export function exifBehindSignature(bytes: Buffer): Buffer {
  return beginsWith(bytes, exifSignature) ? bytes.subarray(exifSignature.length + 1) : bytes;
}

export function beginsWith(bytes: Buffer, text: string): boolean {
  return bytes.toString('latin1', 0, text.length) === text;
}

import { createBoxCount, find, wholeFile } from '../../../containers/iso-boxes.ts';

/** Brands lie in a `ftyp` box that comes first: the major one, a version, and others. */
const [majorBrand, otherBrands] = [8, 16];

/** Those of sequences: the decoder looks for tracks where one of them stands. */
const sequences: ReadonlySet<string> = new Set(['avis', 'msf1']);

/**
 * The same AVIF as a still. The decoder goes by the first brand, and refuses a file that another than `avif` stands in front
 * of: that of a sequence (`avis`) or of a profile (`MA1A`, `miaf`). The inspector has found a still picture in it. Tracks,
 * which hold a sequence's frames, are made free space.
 */
export function mendAvif(bytes: Buffer): Buffer {
  const still = Buffer.from(bytes);
  const end = Math.min(bytes.readUInt32BE(0), 256);
  still.write('avif', majorBrand, 'latin1');
  for (let at = otherBrands; at + 4 <= end; at += 4) {
    if (sequences.has(bytes.toString('latin1', at, at + 4))) still.write('avif', at, 'latin1');
  }
  const tracks = find(bytes, wholeFile(bytes), 'moov', createBoxCount());
  if (tracks !== undefined) still.write('free', tracks.at + 4, 'latin1');
  return still;
}

import type { ImageFormat } from '../../../grammar/index.ts';
import { qualityFor, type WrittenQuality } from './encode.ts';
import { measuredFormats } from './quality/usual.ts';

/** Files that are written in search of one that is small enough; a quality of 1 to 100 is found in seven. */
const maxTries = 7;

interface Bound {
  readonly format: ImageFormat;
  readonly quality: WrittenQuality | undefined;
  readonly maxBytes: number;
}

/** The file of the highest quality, up to the one asked for, that has no more bytes; else the smallest there is. */
export async function withinBytes(
  { format, quality, maxBytes }: Bound,
  write: (quality: WrittenQuality | undefined) => Promise<Buffer>,
): Promise<Buffer> {
  const first = await write(quality);
  const encoder = measuredFormats.find((known) => known === format);
  if (encoder === undefined || first.length <= maxBytes) return first;
  const chroma = quality?.chroma !== undefined ? { chroma: quality.chroma } : {};
  let [low, high] = [1, qualityFor(encoder, quality) - 1];
  let best: Buffer | undefined;
  let least = first;
  for (let tries = 1; tries <= maxTries && low <= high; tries += 1) {
    const value = Math.floor((low + high) / 2);
    const bytes = await write({ kind: 'fixed', value, ...chroma });
    if (bytes.length < least.length) least = bytes;
    if (bytes.length <= maxBytes) {
      best = bytes;
      low = value + 1;
    } else high = value - 1;
  }
  return best ?? least;
}

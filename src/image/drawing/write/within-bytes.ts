import { type MeasuredFormat, mostTries } from '../../protocol/measured-formats.ts';
import { qualityFor, type WrittenQuality } from './encode.ts';

export interface Bound {
  readonly format: MeasuredFormat;
  readonly quality: WrittenQuality | undefined;
  readonly maxBytes: number;
}

/** The file of the highest quality, up to the one asked for, that has no more bytes; else the smallest there is. */
export async function withinBytes(
  { format, quality, maxBytes }: Bound,
  write: (quality: WrittenQuality | undefined) => Promise<Buffer>,
): Promise<Buffer> {
  const first = await write(quality);
  if (first.length <= maxBytes) return first;
  const chroma = quality?.chroma !== undefined ? { chroma: quality.chroma } : {};
  let [low, high] = [1, qualityFor(format, quality) - 1];
  let best: Buffer | undefined;
  let least = first;
  for (let tries = 1; tries <= mostTries && low <= high; tries += 1) {
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

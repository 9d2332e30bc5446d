import type { ImageFormat, SettledQuality } from '../../../grammar/index.ts';
import { qualityFor } from './encode.ts';

/** Formats whose files get smaller with their quality. */
const scalable = ['jpeg', 'webp', 'avif'] as const;

/** Files that are written in search of one that is small enough; a quality of 1 to 100 is found in seven. */
const maxTries = 7;

interface Bound {
  readonly format: ImageFormat;
  readonly quality: SettledQuality | undefined;
  readonly maxBytes: number | undefined;
}

/** The file of the highest quality, up to the one asked for, that has no more bytes; else the smallest there is. */
export async function withinBytes(
  { format, quality, maxBytes }: Bound,
  write: (quality: SettledQuality | undefined) => Promise<Buffer>,
): Promise<Buffer> {
  const first = await write(quality);
  const encoder = scalable.find((known) => known === format);
  if (maxBytes === undefined || encoder === undefined || first.length <= maxBytes) return first;
  const chroma = quality?.kind === 'fixed' && quality.chroma !== undefined ? { chroma: quality.chroma } : {};
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

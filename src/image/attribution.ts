import exifr from 'exifr';
import type { OutputFlag } from '../grammar/index.ts';
import type { Facts } from './facts.ts';
import type { Attribution } from './job.ts';

/** A name or a notice; longer ones are cut, so that metadata cannot outweigh a thumbnail. */
const maxLength = 500;

const wanted: readonly OutputFlag[] = ['keep_attribution', 'keep_iptc'];

/** Reads who made the picture, where a flag asks to keep it; undefined otherwise, and where the file does not say. */
export async function readAttribution(
  facts: Facts,
  original: Uint8Array,
  flags: readonly OutputFlag[],
): Promise<Attribution | undefined> {
  // The EXIF reader knows no WebP.
  if (!wanted.some((flag) => flags.includes(flag)) || facts.format === 'webp' || facts.format === 'gif')
    return undefined;
  const tags: unknown = await exifr.parse(original, { pick: ['Artist', 'Copyright'] }).catch(() => undefined);
  if (typeof tags !== 'object' || tags === null) return undefined;
  const artist = text(Reflect.get(tags, 'Artist'));
  const copyright = text(Reflect.get(tags, 'Copyright'));
  if (artist === undefined && copyright === undefined) return undefined;
  return { ...(artist === undefined ? {} : { artist }), ...(copyright === undefined ? {} : { copyright }) };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, maxLength) : undefined;
}

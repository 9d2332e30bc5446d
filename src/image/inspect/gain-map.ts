import { isFailure } from '../../failure.ts';
import type { Facts, GainMapFacts } from '../containers/facts.ts';
import { otherPicturesOf, segmentsOf } from '../containers/mpf.ts';

/** What a map's file has in one of its segments: Ultra HDR's words, or the name of ISO 21496-1. */
const signs = ['http://ns.adobe.com/hdr-gain-map/1.0/', 'urn:iso:std:iso:ts:21496:-1'];

/** Sides that Ultra HDR has of maps, in the base's: from as many pixels down to an eighth each way, rounded. */
const leastShare = 1 / 32;

/**
 * The gain map among a JPEG's pictures, looked at like any original, since a decoder will see it. Undefined where there is none, or none
 * that a decoder may see: then the picture is one as any other.
 */
export async function findGainMap(
  file: Buffer,
  base: Facts,
  look: (file: Buffer, page: number) => Promise<Facts>,
): Promise<GainMapFacts | undefined> {
  const span = otherPicturesOf(file).find(({ start, end }) => saysMap(file.subarray(start, end)));
  if (span === undefined) return undefined;
  try {
    const facts = await look(file.subarray(span.start, span.end), 1);
    return isMapOf(base, facts) ? { ...span, facts } : undefined;
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}

function saysMap(picture: Buffer): boolean {
  return [...segmentsOf(picture)].some(({ body }) => signs.some((sign) => body.includes(sign, 0, 'latin1')));
}

/** In gray or in colours, no larger than its base, and of its shape but for what rounding does. */
function isMapOf({ stored: base }: Facts, { format, colour, stored }: Facts): boolean {
  const [across, down] = [stored.width / base.width, stored.height / base.height];
  const isLarge = across <= 1 && down <= 1 && across >= leastShare && down >= leastShare;
  const isAlike =
    Math.abs(stored.width - down * base.width) <= 2 && Math.abs(stored.height - across * base.height) <= 2;
  return format === 'jpeg' && colour !== 'cmyk' && isLarge && isAlike;
}

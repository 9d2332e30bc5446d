import type { Metadata } from 'sharp';
import { isP3 } from '../../../containers/encoding.ts';
import { type Facts, hasOtherSamples, isStoredUsually } from '../../../containers/facts.ts';
import type { Numbers } from '../numbers.ts';
import { encodedReading } from './encoded.ts';
import { grayReading, isOfGray } from './gray.ts';
import { isDisplayP3 } from './p3-profile.ts';
import { p3Profile } from './p3-written.ts';
import type { Reading } from './reading.ts';
import { storedReading } from './stored.ts';

/** What an original's numbers stand for as sharp opens it. The header is what the decoder says, where it was asked. */
export async function numbersOf(facts: Facts, header: Metadata | undefined, keeps: KeptColours): Promise<Numbers> {
  const { encoding } = facts;
  if (keeps === 'wide' && typeof encoding === 'object' && isStoredUsually(facts) && isP3(encoding)) {
    return asWide(depthOf(header), p3Profile);
  }
  const reading = await readingOf(facts, header);
  if (reading !== undefined) return reading;
  if (keeps === 'wide' && isWideByProfile(facts, header)) {
    return isDeep(header) ? asWide('ushort', header?.icc) : 'wide';
  }
  if (keeps === 'stored' && (header?.hasProfile === true || facts.colour === 'cmyk')) return 'stored';
  // CMYK is sRGB before anything else is done; of grey a profile makes three channels, and is not known here.
  if (header === undefined) return facts.colour === 'gray' ? 'gray' : 'srgb';
  if (header.space === 'b-w' || header.space === 'grey16') return 'gray';
  return isThroughP3(facts, header) ? 'p3' : 'srgb';
}

/** Whether the colours stay those of the original: whatever they are (`cs_copy`), or where they are those of Display P3. */
export type KeptColours = 'stored' | 'wide' | undefined;

function isWideByProfile(facts: Facts, header: Metadata | undefined): boolean {
  return facts.encoding === undefined && facts.colour === 'rgb' && !hasOtherSamples(facts) && isDisplayP3(header?.icc);
}

/** Numbers of Display P3 as they are. */
function asWide(depth: Reading['depth'], profile: Buffer | undefined): Reading {
  const { toPixels, canScaleFirst } = storedReading(
    { isPremultiplied: false, range: undefined, alphaRange: undefined },
    depth,
    undefined,
  );
  return { depth, canScaleFirst, toPixels, ...(profile && { profile }) };
}

function depthOf(header: Metadata | undefined): Reading['depth'] {
  return isDeep(header) ? 'ushort' : 'uchar';
}

/**
 * Colours of 16 bits, beside which sharp (0.35) loses a profile that it is to keep, or fails, where it turns or blurs them
 * before it has scaled them: it is not asked to.
 */
export function isDeep(header: Metadata | undefined): boolean {
  return header?.depth === 'ushort';
}

/** Whether sharp brings numbers from their profile to Display P3 first: colours of 16 bits. */
export function isThroughP3(facts: Facts, header: Metadata | undefined): boolean {
  if (header?.space !== 'rgb16' || !header.hasProfile) return false;
  return facts.encoding === undefined && unreadProfile(facts, header) === undefined;
}

/** Undefined where sharp reads them rightly. */
async function readingOf(facts: Facts, header: Metadata | undefined): Promise<Reading | undefined> {
  const { encoding } = facts;
  const depth = depthOf(header);
  const profile = unreadProfile(facts, header);
  const meaning =
    typeof encoding === 'object' ? encodedReading(encoding, depth) : profile && (await grayReading(profile, depth));
  return isStoredUsually(facts) ? meaning : storedReading(facts, depth, meaning);
}

/**
 * A profile that says what grays are, and that sharp passes over: of 16 bits, and of an AVIF, whose grays are colours to it,
 * for which that is no profile.
 */
export function unreadProfile({ format, colour, encoding }: Facts, header: Metadata | undefined): Buffer | undefined {
  if (header?.icc === undefined || encoding !== undefined) return undefined;
  if (header.space === 'grey16') return header.icc;
  return format === 'avif' && colour === 'gray' && isOfGray(header.icc) ? header.icc : undefined;
}

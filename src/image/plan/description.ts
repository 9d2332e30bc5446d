import { z } from 'zod';
import type { Facts } from '../containers/facts.ts';
import type { Described } from '../protocol/description.ts';
import type { RenderInput } from './render-input.ts';

/** A render process handles hostile bytes, so its word is checked like anybody's. */
const schema = z.object({
  thumbHash: z.string().max(60),
  blurHash: z.string().max(100),
  palette: z.array(z.string().regex(/^#[0-9a-f]{6}$/)).max(6),
  placeholder: z.string().max(400),
  profile: z.string().max(100).optional(),
  isP3Profile: z.boolean(),
  hasGainMap: z.boolean(),
  alt: z.string().max(500).optional(),
  digitalSource: z.string().max(500).optional(),
  exif: z.record(z.string().max(30), z.union([z.string().max(200), z.number()])),
});

/** CIE x and y of the red of Display P3, and how near is meant. */
const [p3Red, near] = [[0.68, 0.32], 0.005] as const;

/** Everything that is told of an original, as JSON: what its header says, and what was seen in it. */
export function descriptionOf(
  facts: Facts,
  { focus, alt: saidAlt }: Pick<RenderInput, 'focus' | 'alt'>,
  answer: Uint8Array,
): Uint8Array {
  const { profile, isP3Profile, hasGainMap, ...described } = schema.parse(
    JSON.parse(Buffer.from(answer).toString('utf8')),
  );
  const { palette, thumbHash, blurHash, placeholder, alt, digitalSource, exif } =
    described satisfies Partial<Described>;
  const information = {
    ...facts.size,
    format: facts.format,
    bytes: facts.bytes,
    orientation: facts.orientation,
    frames: facts.frames,
    pages: facts.pages,
    hasAlpha: facts.hasAlpha,
    colour: {
      space: facts.colour,
      bits: facts.bitDepth,
      profile,
      isP3: isP3Profile || isP3(facts),
      isHdr: isHdr(facts, hasGainMap),
    },
    dominantColour: palette[0],
    palette,
    thumbHash,
    blurHash,
    placeholder,
    focus,
    alt: saidAlt ?? alt,
    aiMark: digitalSource,
    exif,
  };
  return Buffer.from(JSON.stringify(information));
}

function isP3({ encoding }: Facts): boolean {
  if (typeof encoding !== 'object') return false;
  return encoding.primaries.red.every((value, axis) => Math.abs(value - (p3Red[axis] ?? 0)) <= near);
}

/** In its numbers, or in a second picture that says how much brighter the first may be shown. */
function isHdr({ encoding }: Facts, hasGainMap: boolean): boolean {
  const isWide = typeof encoding === 'object' && (encoding.transfer.kind === 'pq' || encoding.transfer.kind === 'hlg');
  return isWide || hasGainMap;
}

import type { Range } from '../containers/facts.ts';
import type { IsoBox } from '../containers/iso-boxes.ts';
import type { StreamColours } from './av1.ts';
import { peakOf } from './cicp.ts';

/** What the properties of a picture in AVIF or HEIC say of its colours: by a profile, or by numbers of H.273. */
export function hasProfile(bytes: Buffer, own: readonly IsoBox[]): boolean {
  return colourBoxes(bytes, own).some(([kind]) => kind === 'prof' || kind === 'rICC');
}

export function codePointsIn(bytes: Buffer, own: readonly IsoBox[]): StreamColours | undefined {
  const [, box] = colourBoxes(bytes, own).find(([kind]) => kind === 'nclx') ?? [];
  if (box === undefined) return undefined;
  return {
    primaries: bytes.readUInt16BE(box.from + 4),
    transfer: bytes.readUInt16BE(box.from + 6),
    isFullRange: (bytes.readUInt8(box.from + 10) & 0x80) !== 0,
  };
}

function colourBoxes(bytes: Buffer, own: readonly IsoBox[]): readonly (readonly [kind: string, box: IsoBox])[] {
  const boxes = own.filter(({ type }) => type === 'colr');
  return boxes.map((box) => [bytes.toString('latin1', box.from, box.from + 4), box]);
}

/** The brightest of the picture in cd/m². */
export function peakIn(bytes: Buffer, own: readonly IsoBox[]): number | undefined {
  const light = own.find(({ type }) => type === 'clli');
  const screen = own.find(({ type }) => type === 'mdcv');
  // The screen's in ten thousandths, behind three primaries and a white.
  return peakOf(light && bytes.readUInt16BE(light.from), screen && bytes.readUInt32BE(screen.from + 16) / 10_000);
}

/**
 * As television counts: 16 to 235 in 8 bits. The decoder brings that range of colours to the whole one, and forgets it for
 * pictures of brightness alone.
 */
export function narrowRange({ depth }: { readonly depth: number }): Range {
  const highest = 2 ** depth - 1;
  const scale = 2 ** (depth - 8);
  return { black: (16 * scale) / highest, white: (235 * scale) / highest };
}

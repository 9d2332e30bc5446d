import { segmentsOf } from '../../containers/mpf.ts';
import { readXmp, type XmpProperty } from '../write/metadata/xmp-read.ts';

/** A number for red, green and blue each. */
export type Triple = readonly [number, number, number];

/**
 * What a gain map's numbers mean (ISO 21496-1; Adobe's and Google's Ultra HDR have the same): by how much a screen that can
 * makes each pixel brighter. Gains and headrooms are in stops.
 */
export interface Gains {
  readonly least: Triple;
  readonly most: Triple;
  readonly gamma: Triple;
  readonly baseOffset: Triple;
  readonly brightOffset: Triple;
  /** Of a screen from which on it is made brighter at all, and of one that shows all of it. */
  readonly baseHeadroom: number;
  readonly brightHeadroom: number;
  /** Whether it is reckoned in the base's primaries. */
  readonly isInBaseColours: boolean;
}

export const isoName = 'urn:iso:std:iso:ts:21496:-1\0';
export const xmpName = 'http://ns.adobe.com/xap/1.0/\0';

/** What the file of a map says that it means; undefined where it says nothing, or what no map can mean that is kept here. */
export function gainsOf(map: Buffer): Gains | undefined {
  const bodies = (code: number, name: string) =>
    [...segmentsOf(map)].flatMap((one) =>
      one.code === code && one.body.toString('latin1', 0, name.length) === name ? [one.body.subarray(name.length)] : [],
    );
  try {
    const gains = bodies(0xe2, isoName).map(gainsInIso)[0] ?? bodies(0xe1, xmpName).map(gainsInXmp)[0];
    return gains !== undefined && isUsable(gains) ? gains : undefined;
  } catch (error) {
    // It ends too early.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Many times what any screen or sensor has. */
const mostStops = 32;

function isUsable(gains: Gains): boolean {
  const { least, most, gamma, baseOffset, brightOffset, baseHeadroom, brightHeadroom } = gains;
  const within = (values: readonly number[], low: number, high: number) =>
    values.every((value) => value >= low && value <= high);
  const areGains = within([...least, ...most], -mostStops, mostStops) && within(gamma, 0.01, 100);
  return (
    areGains &&
    within([...baseOffset, ...brightOffset], -1, 1) &&
    within([baseHeadroom, brightHeadroom], 0, mostStops) &&
    brightHeadroom > baseHeadroom
  );
}

const flags = { hasThree: 0x80, isInBaseColours: 0x40, isBackward: 0x04, isCommon: 0x08 } as const;

/** Fractions of 32 bits, each with its denominator or all with one; of three channels or of one for all. */
function gainsInIso(block: Buffer): Gains | undefined {
  const stated = block.readUInt8(4);
  // One of a newer kind, or one whose base is the bright picture.
  if (block.readUInt16BE(0) !== 0 || (stated & flags.isBackward) !== 0) return undefined;
  const isCommon = (stated & flags.isCommon) !== 0;
  let at = isCommon ? 9 : 5;
  const fraction = (isSigned: boolean): number => {
    const value = isSigned ? block.readInt32BE(at) : block.readUInt32BE(at);
    const under = isCommon ? block.readUInt32BE(5) : block.readUInt32BE(at + 4);
    at += isCommon ? 4 : 8;
    return value / under;
  };
  const [baseHeadroom, brightHeadroom] = [fraction(false), fraction(false)];
  const channel = () => [fraction(true), fraction(true), fraction(false), fraction(true), fraction(true)] as const;
  const first = channel();
  const three =
    (stated & flags.hasThree) !== 0 ? ([first, channel(), channel()] as const) : ([first, first, first] as const);
  const each = (index: 0 | 1 | 2 | 3 | 4): Triple => [three[0][index], three[1][index], three[2][index]];
  return {
    least: each(0),
    most: each(1),
    gamma: each(2),
    baseOffset: each(3),
    brightOffset: each(4),
    baseHeadroom,
    brightHeadroom,
    isInBaseColours: (stated & flags.isInBaseColours) !== 0,
  };
}

/** Of Ultra HDR 1.0: what is not said is as its specification has it. */
function gainsInXmp(packet: Buffer): Gains | undefined {
  const said = readXmp(packet).filter(({ prefix }) => prefix === 'hdrgm');
  if (valuesOf(said, 'Version').length === 0 || valuesOf(said, 'BaseRenditionIsHDR')[0] === 'True') return undefined;
  const numbers = (name: string, usual?: number): Triple => {
    const [first, second, third] = valuesOf(said, name).map(Number);
    const one = first ?? usual ?? Number.NaN;
    return [one, second ?? one, third ?? one];
  };
  return {
    least: numbers('GainMapMin', 0),
    most: numbers('GainMapMax'),
    gamma: numbers('Gamma', 1),
    baseOffset: numbers('OffsetSDR', 1 / 64),
    brightOffset: numbers('OffsetHDR', 1 / 64),
    baseHeadroom: numbers('HDRCapacityMin', 0)[0],
    brightHeadroom: numbers('HDRCapacityMax')[0],
    isInBaseColours: true,
  };
}

/** One text, or one for each channel. */
function valuesOf(said: readonly XmpProperty[], name: string): readonly string[] {
  const value = said.find((property) => property.name === name)?.value;
  if (value?.kind === 'text') return [value.text];
  if (value?.kind !== 'list') return [];
  return value.items.flatMap((item) => (item.value.kind === 'text' ? [item.value.text] : []));
}

/** Of each fraction that is written. */
const denominator = 1_000_000;

/** As ISO 21496-1 has it, in all three channels, or in one where they are alike. */
export function isoBlock(gains: Gains): Buffer {
  const { least, most, gamma, baseOffset, brightOffset } = gains;
  const channels = [0, 1, 2].map((channel) =>
    [least, most, gamma, baseOffset, brightOffset].map((three) => three[channel] ?? 0),
  );
  const [first = [], ...others] = channels;
  const areAlike = others.every((one) => one.every((value, index) => value === first[index]));
  const values = [gains.baseHeadroom, gains.brightHeadroom, ...(areAlike ? first : channels.flat())];
  const block = Buffer.alloc(5 + 8 * values.length);
  block.writeUInt8((areAlike ? 0 : flags.hasThree) | (gains.isInBaseColours ? flags.isInBaseColours : 0), 4);
  for (const [index, value] of values.entries()) {
    block.writeInt32BE(Math.round(value * denominator), 5 + 8 * index);
    block.writeUInt32BE(denominator, 9 + 8 * index);
  }
  return block;
}

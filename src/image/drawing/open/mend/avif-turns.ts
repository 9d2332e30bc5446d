import { cutOf } from '../../../containers/avif-cut.ts';
import { type AvifMeta, propertiesOf } from '../../../containers/avif-items.ts';
import { partsOf } from '../../../containers/avif-parts.ts';
import type { Size } from '../../../containers/facts.ts';
import type { IsoBox } from '../../../containers/iso-boxes.ts';

/** What cuts, turns and mirrors an item, in the order in which that is done whatever order they come in (MIAF, 7.3.6.7). */
const turns = ['clap', 'irot', 'imir'];

/**
 * The turns (whole boxes) of parts that say others than they should: those of the picture that is shown, and none at the
 * cells of a grid. The decoder gives alpha its own, turns cells before it joins them, and goes by the order of a list.
 * Writers say turns of the picture alone, or of its cells too, and browsers go by the picture.
 */
export function otherTurns(avif: AvifMeta, shown: number): ReadonlyMap<number, readonly Buffer[]> {
  if (!avif.all.some(isTurn)) return new Map();
  const { cells, alphas, alphaCells } = partsOf(avif, shown);
  const size = sizeOf(avif, shown);
  const doable = turnsOf(avif, shown).filter((turn) => isDoable(turn, size));
  const own = turns.flatMap((type) => doable.filter((turn) => typeOf(turn) === type));
  const wanted = new Map<number, readonly Buffer[]>([[shown, own]]);
  for (const item of [...cells, ...alphaCells]) wanted.set(item, []);
  for (const item of alphas)
    wanted.set(
      item,
      own.map((turn) => scaled(turn, size, sizeOf(avif, item))),
    );
  return new Map([...wanted].filter(([item, those]) => !areEqual(turnsOf(avif, item), those)));
}

export function isTurn({ type }: IsoBox): boolean {
  return turns.includes(type);
}

/** Whole boxes. */
function turnsOf(avif: AvifMeta, item: number): readonly Buffer[] {
  return propertiesOf(avif, item)
    .filter(isTurn)
    .map(({ at, to }) => avif.bytes.subarray(at, to));
}

/** A cut that leaves nothing, or what is not there, is none, as in browsers: the decoder would refuse the file for it. */
function isDoable(turn: Buffer, size: Size | undefined): boolean {
  return typeOf(turn) !== 'clap' || size === undefined || cutOf(turn.subarray(8), size) !== undefined;
}

function typeOf(box: Buffer): string {
  return box.toString('latin1', 4, 8);
}

function areEqual(some: readonly Buffer[], others: readonly Buffer[]): boolean {
  return some.length === others.length && some.every((one, index) => others[index]?.equals(one));
}

/** Undefined where an item does not say its size. */
function sizeOf(avif: AvifMeta, item: number): Size | undefined {
  const box = propertiesOf(avif, item).find(({ type }) => type === 'ispe');
  return box && { width: avif.bytes.readUInt32BE(box.from + 4), height: avif.bytes.readUInt32BE(box.from + 8) };
}

/** Alpha may have fewer pixels than its picture, and is cut where that is. */
function scaled(turn: Buffer, from: Size | undefined, to: Size | undefined): Buffer {
  const isSame = from === undefined || to === undefined || (from.width === to.width && from.height === to.height);
  if (typeOf(turn) !== 'clap' || isSame) return turn;
  const clap = Buffer.from(turn);
  // Width, height, and how far the middle lies to the right and below, a numerator and a denominator each.
  for (const [at, side] of [
    [8, 'width'],
    [16, 'height'],
    [24, 'width'],
    [32, 'height'],
  ] as const) {
    const [over, under] = reduced(clap.readInt32BE(at) * to[side], clap.readInt32BE(at + 4) * from[side]);
    clap.writeInt32BE(over, at);
    clap.writeInt32BE(under, at + 4);
  }
  return clap;
}

/** The same share in numbers of 32 bits, or one next to it. */
function reduced(over: number, under: number): readonly [number, number] {
  let [big, small] = [Math.abs(over), Math.abs(under)];
  while (small > 0) [big, small] = [small, big % small];
  const most = Math.max(Math.abs(over), Math.abs(under)) / (big || 1);
  const divisor = (big || 1) * Math.max(1, most / 0x7fff_ffff);
  return [Math.trunc(over / divisor), Math.trunc(under / divisor)];
}

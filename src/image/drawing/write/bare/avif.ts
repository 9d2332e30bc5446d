import {
  type BoxCount,
  children,
  createBoxCount,
  find,
  type IsoBox,
  wholeFile,
} from '../../../containers/iso-boxes.ts';
import { storedItems } from '../../../containers/metadata/avif-items.ts';

const fileBoxes: ReadonlySet<string> = new Set(['ftyp', 'meta', 'mdat']);
const metaBoxes: ReadonlySet<string> = new Set(['hdlr', 'pitm', 'iloc', 'iinf', 'iprp', 'iref', 'idat']);
/** Coded pixels, and a grid of them. */
const pixelItems: ReadonlySet<string> = new Set(['av01', 'grid']);
/** Sizes, coding, colours and light; no turn, no mirror, no words. */
const properties: ReadonlySet<string> = new Set([
  ...['ispe', 'pixi', 'av1C', 'auxC', 'pasp', 'clli', 'mdcv'],
  ...['a1op', 'a1lx', 'lsel'],
]);

/**
 * An AVIF in which nothing lies but a picture's pixels, as it is; undefined for every other, since what lies in its boxes
 * is found by its place in the file, and nothing can be taken out without writing them all anew.
 */
export function bareAvif(bytes: Buffer): Buffer | undefined {
  const boxes = createBoxCount();
  const all = [...children(bytes, wholeFile(bytes), boxes)];
  const [meta, ...more] = all.filter(({ type }) => type === 'meta');
  if (meta === undefined || more.length > 0 || !all.every(({ type }) => fileBoxes.has(type))) return undefined;
  return holdsOnlyPixels(bytes, { ...meta, from: meta.from + 4 }, boxes) && isUsed(bytes, all, boxes)
    ? bytes
    : undefined;
}

function holdsOnlyPixels(bytes: Buffer, meta: IsoBox, boxes: BoxCount): boolean {
  if (![...children(bytes, meta, boxes)].every(({ type }) => metaBoxes.has(type))) return false;
  const infos = find(bytes, meta, 'iinf', boxes);
  const container = [find(bytes, meta, 'iprp', boxes)].flatMap((box) => box && find(bytes, box, 'ipco', boxes))[0];
  if (infos === undefined || container === undefined) return false;
  const entries = { ...infos, from: infos.from + (bytes.readUInt8(infos.from) > 0 ? 8 : 6) };
  return (
    [...children(bytes, entries, boxes)].every((box) => pixelItems.has(typeOfItem(bytes, box))) &&
    [...children(bytes, container, boxes)].every((box) => isOfPixels(bytes, box))
  );
}

/** A profile is none of ours to judge here, since it cannot be left out. */
function isOfPixels(bytes: Buffer, { type, from }: IsoBox): boolean {
  return type === 'colr' ? bytes.toString('latin1', from, from + 4) === 'nclx' : properties.has(type);
}

/** Of an `infe` of version 2 or 3, behind a number and what protects it. */
function typeOfItem(bytes: Buffer, { from }: IsoBox): string {
  const at = from + (bytes.readUInt8(from) >= 3 ? 10 : 8);
  return bytes.toString('latin1', at, at + 4);
}

/** Whether everything among the data belongs to an item: what an editor took out of the list may still lie there. */
function isUsed(bytes: Buffer, all: readonly IsoBox[], boxes: BoxCount): boolean {
  let unused = 0;
  for (const box of all) {
    if (box.type === 'mdat') unused += box.to - box.from;
    if (box.type !== 'meta') continue;
    for (const item of storedItems(bytes, { ...box, from: box.from + 4 }, boxes)) unused -= item.length;
  }
  return unused <= 0;
}

import { type Association, type AvifMeta, itemTypes, referencesOf, referringTo } from './avif-items.ts';
import type { IsoBox } from './iso-boxes.ts';

/** The items that a picture is made of, by their numbers. */
export interface AvifParts {
  /** Of a picture in a grid. */
  readonly cells: readonly number[];
  /** Coded pixels, or a grid of them; more than one where an editor left some behind. */
  readonly alphas: readonly number[];
  /** Of an alpha in a grid, or the alpha that each cell has itself. */
  readonly alphaCells: readonly number[];
  /** All items that are decoded for it, itself among them. */
  readonly all: ReadonlySet<number>;
}

export function partsOf(avif: AvifMeta, shown: number): AvifParts {
  const types = itemTypes(avif);
  const cellsOf = (item: number) => (types.get(item) === 'grid' ? referencesOf(avif, item, 'dimg') : []);
  // Each once, whatever the file says twice: what belongs to it would be looked at as often.
  const alphasOf = (item: number) =>
    [...new Set(referringTo(avif, item, 'auxl'))].filter((other) => isAlpha(avif, other));
  const cells = cellsOf(shown);
  const alphas = alphasOf(shown);
  const all = new Set([shown]);
  // Grows while it is walked.
  for (const item of all) for (const part of [...referencesOf(avif, item, 'dimg'), ...alphasOf(item)]) all.add(part);
  return { cells, alphas, alphaCells: [...alphas.flatMap(cellsOf), ...[...new Set(cells)].flatMap(alphasOf)], all };
}

/** Properties that are drawn as they mean it, or that leave pixels alone (HEIF, 6.5; MIAF, 7.3.6; AVIF, 2.3). */
const knownProperties: ReadonlySet<string> = new Set([
  ...['ispe', 'pixi', 'av1C', 'a1op', 'a1lx', 'lsel', 'auxC', 'clap', 'irot', 'imir', 'pasp'],
  ...['colr', 'clli', 'mdcv', 'cclv', 'amve', 'reve', 'ndwt', 'rloc', 'udes', 'altt', 'crtt', 'mdft', 'free', 'skip'],
]);

/** The kind of a property that is essential to a part and not known: by these names beside those of AVIF. */
export function unknownProperty(
  avif: AvifMeta,
  parts: Iterable<number>,
  others: readonly string[],
): string | undefined {
  const essential = [...parts].flatMap((item) => avif.associations.get(item) ?? []);
  const types = essential.filter((one) => isUnknown(avif, one)).map(({ number }) => avif.all[number - 1]?.type ?? '');
  return types.find((type) => !others.includes(type))?.replace(/[^\w ]/g, '?');
}

/** Who does not know a property that is essential to an item may not show that (HEIF, 9.3.1), and the decoder shows none. */
export function isUnknown({ all }: AvifMeta, { number, isEssential }: Association): boolean {
  const property = all[number - 1];
  return isEssential && property !== undefined && !knownProperties.has(property.type);
}

export function isAlpha(avif: AvifMeta, item: number): boolean {
  const known = alphaItems.get(avif) ?? findAlphas(avif);
  alphaItems.set(avif, known);
  return known.has(item);
}

/** Found once for each file: very many items may be asked about. */
const alphaItems = new WeakMap<AvifMeta, ReadonlySet<number>>();

function findAlphas({ bytes, all, associations }: AvifMeta): ReadonlySet<number> {
  const properties = new Set(all.flatMap((box, index) => (isAlphaBox(bytes, box) ? [index + 1] : [])));
  const items = [...associations].filter(([, own]) => own.some(({ number }) => properties.has(number)));
  return new Set(items.map(([item]) => item));
}

/** What an auxiliary item is lies in a short URN, behind four bytes of flags and before a zero. */
function isAlphaBox(bytes: Buffer, { type, from, to }: IsoBox): boolean {
  if (type !== 'auxC') return false;
  const [name = ''] = bytes.toString('latin1', from + 4, Math.min(to, from + 128)).split('\0', 1);
  return alphaNames.has(name);
}

/** MIAF, 7.5.2, and those of HEVC and H.264, which the decoder takes here too. */
const alphaNames: ReadonlySet<string> = new Set([
  'urn:mpeg:mpegB:cicp:systems:auxiliary:alpha',
  'urn:mpeg:hevc:2015:auxid:1',
  'urn:mpeg:avc:2015:auxid:1',
]);

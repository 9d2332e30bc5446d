import { refuse } from '../dialect.ts';
import type { ImgixName, ImgixValues } from './words.ts';

/** Its own two beside the names of CSS. */
const ownColours: Readonly<Record<string, string>> = { imgixorange: 'ff8400', imgixblue: '1f4ea1' };

/** A colour as ours: imgix writes what is opaque of it first (`AARRGGBB`), and we write it last. */
export function colourIn(values: ImgixValues, name: ImgixName): string | undefined {
  const text = values.get(name);
  return text === undefined ? undefined : colour(text, name, values);
}

export function colour(text: string, name: ImgixName, { program }: Pick<ImgixValues, 'program'>): string {
  const lower = text.toLowerCase().replace(/^#/, '');
  if (/^(?:[0-9a-f]{3}|[0-9a-f]{6})$/.test(lower)) return `rgb:${lower}`;
  if (/^[0-9a-f]{4}$/.test(lower)) return `rgb:${lower.slice(1)}${lower.slice(0, 1)}`;
  if (/^[0-9a-f]{8}$/.test(lower)) return `rgb:${lower.slice(2)}${lower.slice(0, 2)}`;
  if (/^[a-z]{3,32}$/.test(lower)) return Object.hasOwn(ownColours, lower) ? `rgb:${ownColours[lower]}` : lower;
  throw refuse(program, `${name}=${text}`, 'expected a colour such as fff, ff0000, 80ff0000 or red');
}

import { shorten } from '../ids/ids.ts';
import { nearest } from '../parameters/nearest.ts';
import { parameterNames, parameters } from '../parameters/table.ts';

/** Parameters by the names that other programs and `fovea/url` have for them. */
const longNames: ReadonlyMap<string, string> = new Map(
  parameterNames.map((name) => [name.toLowerCase(), parameters[name].key]),
);
const keys: readonly string[] = [...longNames.values()];

/**
 * A sentence for who asked for a picture that is not there, where the first folder of its id looks like a transformation
 * that is written otherwise here (`wd_400`, `width_400`, `400x300`); empty for any other.
 */
export function misspeltHint(id: string): string {
  const slash = id.indexOf('/');
  const folder = slash < 0 ? '' : id.slice(0, slash);
  const meant = meantBy(folder);
  return meant === undefined ? '' : `. If "${shorten(folder)}" is no folder, write ${shorten(meant)}`;
}

function meantBy(folder: string): string | undefined {
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/i.exec(folder) ?? [];
  if (width !== undefined) return `w_${width},h_${height}`;
  const [, word = '', value = ''] = /^([a-z]{1,16})[_=:-]([^,]{1,32})/i.exec(folder) ?? [];
  const name = word.toLowerCase();
  const alike = /^\d/.test(value)
    ? nearest(
        name,
        keys.filter((key) => key[0] === name[0]),
      )
    : undefined;
  const key = longNames.get(name) ?? alike;
  return key === undefined ? undefined : `${key}_${value}`;
}

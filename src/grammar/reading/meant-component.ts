import { nearest } from '../../nearest.ts';
import { parameterNames, parameters } from '../parameters/table.ts';

/** Parameters by the names that other programs and `fovea/url` have for them. */
const longNames: ReadonlyMap<string, string> = new Map(
  parameterNames.map((name) => [name.toLowerCase(), parameters[name].key]),
);
const keys: readonly string[] = [...longNames.values()];

/**
 * The component that a segment was probably meant for, where it is one that is written otherwise here (`wd_400`, `width_400`,
 * `w400`, `W_400`, `400x300`); undefined for any other.
 */
export function meantComponent(segment: string): string | undefined {
  const [, width, height] = /^(\d{1,5})?x(\d{1,5})?$/i.exec(segment) ?? [];
  if (width !== undefined || height !== undefined) {
    return [width === undefined ? [] : `w_${width}`, height === undefined ? [] : `h_${height}`].flat().join(',');
  }
  const [, sizes] = /^((?:[wh]\d{1,5}){1,2})$/i.exec(segment.replaceAll(/[,x_-](?=[wh])/gi, '')) ?? [];
  if (sizes !== undefined)
    return sizes
      .toLowerCase()
      .replaceAll(/(?!^)(?=[wh])/g, ',')
      .replaceAll(/([wh])(?=\d)/g, '$1_');
  // ImageKit's paths begin so.
  const parts = segment.replace(/^tr:/, '').split(',', maxParts);
  const meant = parts.map(meantPart);
  return meant.includes(undefined) ? undefined : meant.join(',');
}

/** Parts of a segment that are looked at. */
const maxParts = 8;

function meantPart(part: string): string | undefined {
  const [, word = '', value = ''] = /^([a-z]{1,16})[_=:-]([^,]{1,32})$/i.exec(part.trim()) ?? [];
  const key = keyMeantBy(word.toLowerCase(), value);
  return key === undefined ? undefined : `${key}_${value}`;
}

/** A letter or two more or less are believed where a number follows: of words there are too many. */
function keyMeantBy(name: string, value: string): string | undefined {
  const known = longNames.get(name) ?? (keys.includes(name) ? name : undefined);
  if (known !== undefined || !/^\d/.test(value)) return known;
  const long = name.length > 3 ? nearest(name, longNames.keys()) : undefined;
  const alike = keys.filter((key) => key[0] === name[0]);
  return (long && longNames.get(long)) ?? nearest(name, alike);
}

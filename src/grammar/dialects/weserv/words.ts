import { parseColour } from '../../parameters/colours.ts';
import { meaningIn, pairsOf, refuse } from '../dialect.ts';

export const program = 'weserv';

/** Older and longer names. */
const synonyms: Readonly<Record<string, string>> = {
  ...{ shape: 'mask', strim: 'mtrim', or: 'ro', t: 'fit', pages: 'n', width: 'w', height: 'h', align: 'a' },
  ...{ level: 'l', quality: 'q', lossless: 'll', errorredirect: 'default' },
};

/** What a query says, of which weserv takes the first of a name; each way of reading passes over what it cannot read. */
export interface Words {
  readonly text: (name: string) => string | undefined;
  readonly has: (name: string) => boolean;
  /** On, where nothing else is said. */
  readonly isOn: (name: string) => boolean;
  readonly number: (name: string, limits: readonly [min: number, max: number]) => number | undefined;
  readonly colour: (name: string) => string | undefined;
}

export function wordsOf(query: string): Words {
  const values = new Map<string, string>();
  for (const pair of pairsOf(query)) {
    const equals = pair.indexOf('=');
    const written = equals < 0 ? pair : pair.slice(0, equals);
    const name = meaningIn(synonyms, written) ?? written;
    if (!values.has(name)) values.set(name, equals < 0 ? '' : decoded(pair.slice(equals + 1)));
  }
  const text = (name: string) => values.get(name);
  return {
    text,
    has: (name) => values.has(name),
    isOn: (name) => values.has(name) && !['false', '0'].includes(text(name) ?? ''),
    number: (name, limits) => numberIn(text(name), limits),
    colour: (name) => colourIn(text(name)),
  };
}

/** A per cent sign may stand without an escape. */
function decoded(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' ').replace(/%(?![0-9a-f]{2})/gi, '%25'));
}

export function numberIn(text: string | undefined, [min, max]: readonly [number, number]): number | undefined {
  if (text === undefined || !/^-?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}

/** `f00`, `ff0000`, with what is opaque of it in front (`80ff0000`), or a name. */
function colourIn(text: string | undefined): string | undefined {
  const word = text?.toLowerCase().replace(/^#/, '');
  if (word === undefined || word === 'transparent') return undefined;
  if (/^(?:[0-9a-f]{3}|[0-9a-f]{6})$/.test(word)) return `rgb:${word}`;
  const [, short, rest] = /^([0-9a-f])([0-9a-f]{3})$/.exec(word) ?? /^([0-9a-f]{1,2})([0-9a-f]{6})$/.exec(word) ?? [];
  if (short !== undefined && rest !== undefined) {
    // The first digit of seven is missing, and is f there.
    return `rgb:${rest}${rest.length === 6 ? short.padStart(2, 'f') : short}`;
  }
  return parseColour(word) === undefined ? undefined : word;
}

/** What it knows and we do not draw. */
export function refuseOthers(words: Words): void {
  const undrawn = ['encoding', 'loop', 'delay', 'll'].find((name) => words.has(name));
  if (undrawn !== undefined) throw refuse(program, undrawn, 'it is not supported');
}

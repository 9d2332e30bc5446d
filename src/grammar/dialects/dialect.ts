import { Failure } from '../../failure.ts';
import type { GrammarOptions } from '../grammar-options.ts';
import { decodeOnce, shorten } from '../ids/ids.ts';
import { writeLayerId } from '../parameters/layer-source.ts';
import { type NamedPicture, pictureAt } from './source.ts';

export { meaningIn } from '../parameters/values.ts';
export type { NamedPicture } from './source.ts';

/** No client writes as many options. */
const maxPairs = 64;

/** A request target without its signature, as received. */
export interface RawTarget {
  readonly segments: readonly string[];
  /** Without its question mark. */
  readonly query: string;
}

/** The signature that a URL of another dialect brings with it, and the text that it is of. */
export interface DialectProof {
  readonly value: string;
  readonly text: string;
}

/** What a URL of another dialect says of a picture, in components of our own. */
export interface Said {
  readonly components: readonly string[];
  /** Signed in the dialect's own way; whether rightly is not the grammar's to say. */
  readonly proof?: DialectProof;
  /** The URL keeps to itself which picture it is of. */
  readonly isSealed?: true;
  /** Seconds since 1970 after which the URL is refused. */
  readonly expires?: number;
  /** What a browser calls the file that it saves, without an extension. */
  readonly filename?: string;
}

/** The same, and of which picture. */
export type Translation = NamedPicture &
  Said & {
    /** The configuration wrote the components. */
    readonly isNamed?: boolean;
    /** The query string is part of what was said, and so of what is signed. */
    readonly usesQuery?: boolean;
  };

/** Reads a target that is in this dialect; undefined for any other. Throws `invalid` for what it knows and refuses. */
export type Dialect = (target: RawTarget, options: GrammarOptions) => Translation | undefined;

/** Reads the query of a key; undefined when it says nothing in this dialect. Throws `invalid` as the above. */
export type QueryDialect = (target: RawTarget, options: GrammarOptions) => Said | undefined;

/** One component of our own dialect from its values by key; undefined where none is set. */
export function component(values: Readonly<Record<string, string | undefined>>): string | undefined {
  const parts = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}_${encodeURIComponent(value).replaceAll('%3A', ':')}`],
  );
  return parts.length === 0 ? undefined : parts.join(',');
}

/** The component that begins a layer: the picture of a key. */
export function layerOf(key: string): string {
  return `l_${writeLayerId(key)}`;
}

/** The component that names a picture for when there is none: that of a key. */
export function substituteOf(key: string): string {
  return `d_${key.split('/').map(encodeURIComponent).join(':')}`;
}

/** The components that are there, in order. */
export function chain(...components: readonly (string | undefined)[]): readonly string[] {
  return components.filter((written) => written !== undefined);
}

/** The `name=value` pairs of a query, as received. */
export function pairsOf(query: string): readonly string[] {
  const pairs = query.split('&', maxPairs + 1);
  if (pairs.length > maxPairs) throw new Failure('invalid', `At most ${maxPairs} options are taken in a query.`);
  return pairs;
}

/** The options of a query by name, decoded; of one that is written twice the last counts. */
export function valuesOf(query: string): ReadonlyMap<string, string> {
  const written = pairsOf(query).filter((pair) => pair !== '');
  return new Map(
    written.map((pair): [string, string] => {
      const equals = pair.indexOf('=');
      const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
      return [decodeURIComponent(name), decodeURIComponent(value.replaceAll('+', ' '))];
    }),
  );
}

interface QueryRules<Name extends string> {
  readonly program: string;
  readonly known: readonly Name[];
  /** Without this one the URL is refused. */
  readonly required: Name;
}

/** The options of a query whose every name has a meaning; any other is refused. */
export function readOptions<Name extends string>(
  query: string,
  { program, known, required }: QueryRules<Name>,
): Readonly<Partial<Record<Name, string>>> {
  const values = valuesOf(query);
  const isKnown = (name: string): name is Name => known.some((one) => one === name);
  const read: Partial<Record<Name, string>> = {};
  for (const [name, value] of values) {
    if (!isKnown(name)) throw refuse(program, name, `there is no such option here: ${known.join(', ')} are taken`);
    read[name] = value;
  }
  if (read[required] === undefined) throw new Failure('invalid', `A URL of ${program} needs the option ${required}.`);
  return read;
}

/** The picture that the last segments name: an id, or a URL. Slashes before it are tolerated. */
export function namedPicture(segments: readonly string[], options: GrammarOptions): NamedPicture {
  const first = segments.findIndex((segment) => segment !== '');
  const named = first < 0 ? [] : segments.slice(first);
  if (named.length === 0)
    throw new Failure('invalid', 'The path names no picture: an id must come last, as in /w_400,h_300/picture.jpg.');
  if (!/^https?(?::|%3a)/i.test(named[0] ?? '')) return { rawId: named };
  return pictureAt(decodeOnce(named.join('/')), 'key', options);
}

/** The refusal of an option that another program's URL holds. */
export function refuse(program: string, option: string, why: string): Failure {
  return new Failure('invalid', `Invalid ${shorten(option)} in a URL of ${program}: ${why}.`);
}

/** A whole number of degrees, strength, … within the limits, both included, from a number that another program takes. */
export function scaled(text: string, factor: number, [min, max]: readonly [number, number]): string | undefined {
  if (!/^-?\d{1,6}(?:\.\d{1,6})?$/.test(text)) return undefined;
  return String(Math.min(max, Math.max(min, Math.round(Number(text) * factor))));
}

/** `#fff` and `fff` as our own `rgb:fff`; names stay names. */
export function colourOf(text: string): string {
  const digits = text.replace(/^#/, '');
  return /^(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i.test(digits) ? `rgb:${digits}` : text;
}

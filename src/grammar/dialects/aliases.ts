import { Failure } from '../../failure.ts';
import type { GrammarOptions } from '../grammar-options.ts';
import { shorten } from '../ids/ids.ts';
import { type Dialect, namedPicture, type Translation } from './dialect.ts';

/** The last segment of a pattern: all that is left names the picture. */
const keyName = ':key';
const variableName = /^:[a-z][a-zA-Z0-9]*$/;
/** Neither a comma nor a slash: a value stays the one value it stands for. */
const plainValue = /^[\w.:-]{1,64}$/;
const reserved: readonly string[] = ['', '-', 'image', 'video', 'raw', 'iu', 'images', '_'];

/** Paths of the configuration: `/resized/:w/:key` with `c_limit,w_:w`. */
export const readAlias: Dialect = ({ segments }, options) => {
  for (const [pattern, transformation] of Object.entries(options.aliases)) {
    const translation = readPattern({ pattern, transformation }, segments, options);
    if (translation !== undefined) return translation;
  }
  return undefined;
};

function readPattern(
  { pattern, transformation }: { readonly pattern: string; readonly transformation: string },
  segments: readonly string[],
  options: GrammarOptions,
): Translation | undefined {
  const fixed = pattern.slice(1).split('/').slice(0, -1);
  if (segments.length <= fixed.length) return undefined;
  const values = new Map<string, string>();
  for (const [index, expected] of fixed.entries()) {
    const came = segments[index] ?? '';
    if (expected.startsWith(':')) values.set(expected.slice(1), came);
    else if (came !== expected) return undefined;
  }
  for (const [name, value] of values) {
    if (!plainValue.test(value))
      throw new Failure('invalid', `"${shorten(value)}" is no value for ${name} in this path.`);
  }
  const components = fill(transformation, (name) => values.get(name) ?? '');
  return { ...namedPicture(segments.slice(fixed.length), options), components, isNamed: values.size === 0 };
}

/** What aliases without variables stand for: each the components of one transformation. */
export function fixedAliases(aliases: GrammarOptions['aliases']): readonly (readonly string[])[] {
  const fixed = Object.entries(aliases).filter(([pattern]) => isFixed(pattern));
  return fixed.map(([, transformation]) => fill(transformation, () => ''));
}

/** Nothing but the name of the picture is left to the URL. */
function isFixed(pattern: string): boolean {
  return pattern.indexOf('/:') === pattern.length - `/${keyName}`.length;
}

function fill(transformation: string, lookUp: (name: string) => string): readonly string[] {
  // `rgb:fff` is no variable: one stands right behind a key.
  const filled = transformation.replace(/_:([a-z][a-zA-Z0-9]*)/g, (_all, name: string) => `_${lookUp(name)}`);
  return filled.split('/').filter((segment) => segment !== '');
}

/** Refuses aliases that could never be read as meant; `parse` reads components, with 1 in the place of variables. */
export function checkEachAlias(
  aliases: GrammarOptions['aliases'],
  parse: (components: readonly string[]) => void,
): void {
  for (const [pattern, transformation] of Object.entries(aliases)) {
    const problem = problemOf(pattern, transformation);
    if (problem !== undefined)
      throw new Failure('invalid', `The alias "${shorten(pattern)}" cannot be used: ${problem}.`);
    try {
      const components = fill(transformation, () => '1');
      if (components.length === 0) throw new Failure('invalid', 'it stands for no transformation.');
      // Whether a value fits is known only with the value, so a pattern with variables is read for its keys alone.
      if (!/_:[a-z]/.test(transformation)) parse(components);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : 'it cannot be read.';
      throw new Failure('invalid', `The alias "${shorten(pattern)}" cannot be used: ${why}`, { cause });
    }
  }
}

function problemOf(pattern: string, transformation: string): string | undefined {
  const segments = pattern.slice(1).split('/');
  const [first = ''] = segments;
  if (segments.at(-1) !== keyName || segments.length < 2) return 'it must end in /:key and begin with a name';
  if (reserved.includes(first) || first.startsWith(':') || first.startsWith('s--')) return `/${first}/ is taken`;
  const variables = segments.slice(0, -1).filter((segment) => segment.startsWith(':'));
  if (variables.some((name) => !variableName.test(name) || name === keyName)) return 'variables are written :name';
  const used = [...transformation.matchAll(/_(:[a-z][a-zA-Z0-9]*)/g)].map(([, name]) => name ?? '');
  const missing = used.find((name) => !variables.includes(name));
  return missing === undefined ? undefined : `the path has no ${missing}`;
}

import { Failure, isFailure } from '../../failure.ts';
import { nearest } from '../../nearest.ts';
import type { GrammarOptions } from '../grammar-options.ts';
import { decodeOnce, shorten } from '../ids/ids.ts';
import { buildTransform } from '../meaning/chain.ts';
import type { ChainItem, Mark } from '../meaning/marks.ts';
import type { Transform } from '../meaning/transform.ts';
import { parseCondition } from '../parameters/condition.ts';
import type { CropMode } from '../parameters/crop.ts';
import { mergeFlags } from '../parameters/flags.ts';
import { meantValue } from '../parameters/meant-value.ts';
import {
  type ComponentValues,
  type ParameterName,
  parameterNames,
  parameters,
  type Written,
} from '../parameters/table.ts';
import { isProblem, maxComponents } from '../parameters/values.ts';
import { balanced } from './balance.ts';
import { meantComponent } from './meant-component.ts';
import { atMark, define, noVariables, type Variables, withValues } from './variables.ts';

const namesByKey: ReadonlyMap<string, ParameterName> = new Map(
  parameterNames.map((name) => [parameters[name].key, name]),
);

/** Keys of the official grammar that nothing here answers to; naming them keeps them from being taken for folders. */
const unsupportedKeys: ReadonlySet<string> = new Set([
  ...['bl', 'dl', 'fn', 'fps', 'so', 'eo', 'du', 'vc', 'sp'],
  ...['ac', 'af', 'br', 'ki', 'vs'],
]);

/** Taken, and without effect: `p_` writes a prefix into the style sheet of a sprite. */
const ignoredKeys: readonly string[] = ['p'];

/** There are fewer keys than this, and only flags are worth repeating. */
const maxParts = 64;

/** What a segment of the path is: a component, certainly none, or a mix that must not be guessed at. */
export function classify(segment: string): 'component' | 'id' | { readonly unknownPart: string } {
  let unknownPart: string | undefined;
  let hasKnown = false;
  for (const part of segment.split(',')) {
    if (keyOf(part) === undefined) unknownPart ??= part;
    else hasKnown = true;
  }
  if (unknownPart === undefined) return 'component';
  return hasKnown ? { unknownPart } : 'id';
}

/** The known key a part begins with; variables (`$name_`) count as known. */
export function keyOf(part: string): string | undefined {
  const underscore = part.indexOf('_');
  if (underscore < 0) return undefined;
  const key = part.slice(0, underscore);
  return key.startsWith('$') ||
    key === 'if' ||
    namesByKey.has(key) ||
    ignoredKeys.includes(key) ||
    unsupportedKeys.has(key)
    ? key
    : undefined;
}

export interface ParsedComponents {
  readonly transform: Transform;
  /** Names used by `t_`, in order. */
  readonly presets: readonly string[];
  /** Nothing but presets, and beside them only a format and `q_auto`. */
  readonly isNamed: boolean;
}

/** Reads raw component segments into a transformation; named ones are put in as if written there. */
export function parseComponents(
  segments: readonly string[],
  defaultCrop: CropMode,
  presets: GrammarOptions['presets'],
): ParsedComponents {
  const names: string[] = [];
  const components: ChainItem[] = [];
  const variables = noVariables();
  let isFree = false;
  const add = (...more: readonly ChainItem[]) => {
    components.push(...more);
    // Checked on the way, so that a short URL of long presets costs no more than a long one.
    if (components.length > maxComponents) {
      throw new Failure('invalid', `At most ${maxComponents} components are taken, those of presets included.`);
    }
  };
  for (const segment of balanced(segments)) {
    const mark = parseMark(segment, variables);
    if (mark !== undefined) {
      add(mark);
      isFree = true;
      continue;
    }
    const { presets: used = [], ...written } = parseComponent(segment, variables);
    for (const name of used) {
      names.push(name);
      add(...expandPreset(name, presets, variables));
    }
    if (used.length === 0 || Object.keys(written).length > 0) add(written);
    isFree ||= !isBesidePresets(written) || segment.includes('$');
  }
  return { transform: buildTransform(components, defaultCrop), presets: names, isNamed: names.length > 0 && !isFree };
}

/** What may stand beside presets without asking for more than they do: a preset cannot hold what needs a client. */
function isBesidePresets({ format: _format, quality, ...others }: Written): boolean {
  return Object.keys(others).length === 0 && (quality === undefined || quality.kind === 'auto');
}

/** Reads the text of one transformation, components joined by `/`, in the long form's meaning. */
export function parseTransformation(text: string, grammar: GrammarOptions): Transform {
  const segments = text.split('/').filter((segment) => segment !== '');
  segments.forEach(requireComponent);
  return parseComponents(segments, 'scale', grammar.presets).transform;
}

/** Refuses a configuration whose presets cannot be used: bad syntax, nesting, or `auto` values that need a client. */
export function checkPresets({ presets }: Pick<GrammarOptions, 'presets'>): void {
  for (const name of Object.keys(presets)) {
    try {
      buildTransform(expandPreset(name, presets, 'from the URL'), 'scale');
    } catch (error) {
      if (!isFailure(error) || error.message.startsWith(presetIntroduction(name))) throw error;
      throw new Failure('invalid', `${presetIntroduction(name)} cannot be used: ${error.message}`, { cause: error });
    }
  }
}

/** What a preset says, with the variables that it and the URL before it give values to, or without what needs those of a URL. */
function expandPreset(
  name: string,
  presets: GrammarOptions['presets'],
  variables: Variables | 'from the URL',
): readonly ChainItem[] {
  const text = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (text === undefined) throw new Failure('invalid', `${noPreset(name, Object.keys(presets))}${folderHint}`);
  const segments = text.split('/').filter((segment) => segment !== '');
  segments.forEach(requireComponent);
  const given = variables === 'from the URL' ? noVariables() : variables;
  return balanced(segments).map((segment) => {
    const known = variables === 'from the URL' ? withoutVariables(segment) : segment;
    const mark = parseMark(known, given);
    if (mark !== undefined) return mark;
    const written = parseComponent(known, given);
    if (written.presets !== undefined) throw presetFailure(name, 'another preset');
    if (written.format === 'auto') throw presetFailure(name, 'f_auto');
    if (written.dpr === 'auto') throw presetFailure(name, 'dpr_auto');
    if (written.width === 'auto') throw presetFailure(name, 'w_auto');
    return written;
  });
}

/** A part that has variables says nothing before they have values; a condition of them may come to anything. */
function withoutVariables(segment: string): string {
  if (segment.startsWith('if_')) return segment.includes('$') ? 'if_w_gt_1' : segment;
  return segment
    .split(',')
    .filter((part) => !part.includes('$'))
    .join(',');
}

/** Shorter names are like too many. */
const minLength = 3;

function noPreset(name: string, names: readonly string[]): string {
  if (names.length === 0) return `There is no preset "${shorten(name)}": the configuration names none ("presets").`;
  const meant = name.length < minLength ? undefined : nearest(name, names);
  return `There is no preset "${shorten(name)}"${meant === undefined ? '.' : `; did you mean t_${meant}?`}`;
}

function presetFailure(name: string, what: string): Failure {
  return new Failure(
    'invalid',
    `${presetIntroduction(name)} holds ${what}; write it beside t_${shorten(name)} instead.`,
  );
}

function presetIntroduction(name: string): string {
  return `The preset "${shorten(name)}"`;
}

function requireComponent(segment: string): void {
  const kind = classify(segment);
  if (kind === 'component') return;
  const part = kind === 'id' ? segment : kind.unknownPart;
  const meant = meantComponent(decodeOnce(part));
  const remedy = meant === undefined ? '.' : `; did you mean ${shorten(meant)}?`;
  throw new Failure('invalid', `"${shorten(part)}" is no parameter: parameters are written key_value${remedy}`);
}

/** The advice for ids whose folders look like components. */
export const folderHint = ' If it is a folder of the id, insert v1/ before the id.';

/** Reads a component that is a mark of a condition; undefined for any other. */
function parseMark(segment: string, variables: Variables): Mark | undefined {
  if (!segment.startsWith('if_')) return undefined;
  const mark = readMark(withValues(variables, segment));
  atMark(variables, mark);
  return mark;
}

function readMark(part: string): Mark {
  const text = decodeOnce(part.slice('if_'.length));
  if (text === 'else' || text === 'end') return { mark: text };
  const when = parseCondition(text);
  if (!isProblem(when)) return { mark: 'if', when };
  throw new Failure('invalid', `Invalid ${shorten(part)}: ${when.problem}.`);
}

/** Reads one component: of a repeated key the last value counts, except for flags, which are merged. */
function parseComponent(segment: string, variables: Variables): Written {
  const written: { -readonly [Name in keyof Written]: Written[Name] } = {};
  const parts = segment.split(',', maxParts + 1);
  if (parts.length > maxParts) {
    throw new Failure('invalid', `"${shorten(segment)}" has more than ${maxParts} parameters in one component.`);
  }
  for (const part of parts) if (part.startsWith('$')) define(variables, part);
  for (const raw of parts) {
    if (raw === '' || raw.startsWith('$')) continue;
    const part = withValues(variables, raw);
    const key = keyOf(part) ?? '';
    if (ignoredKeys.includes(key)) continue;
    const name = namesByKey.get(key);
    if (name === undefined) throw unsupported(part, key);
    const flags = written.flags;
    readInto(written, name, { part, isAlone: parts.length === 1 });
    if (flags !== undefined && written.flags !== undefined && name === 'flags') {
      written.flags = mergeFlags(flags, written.flags);
    }
    // Two keys for the layer of one component: the last one counts, as for a repeated key.
    if (name === 'overlay') delete written.underlay;
    if (name === 'underlay') delete written.overlay;
  }
  return written;
}

function readInto<Name extends ParameterName>(
  written: { [Key in Name]?: ComponentValues[Key] },
  name: Name,
  { part, isAlone }: { readonly part: string; readonly isAlone: boolean },
): void {
  const { [name]: parameter } = parameters;
  const raw = part.slice(parameter.key.length + 1);
  const value = parameter.parse(decodeOnce(raw), raw);
  if (value !== undefined && !isProblem(value)) {
    written[name] = value;
    return;
  }
  const why = problemOf(value) ?? `${parameter.key}_ takes ${parameter.range}`;
  const meant = meantPart(part, name);
  const remedy = meant === undefined || why.endsWith('?') ? '' : `; did you mean ${shorten(meant)}?`;
  const end = `${why}${remedy}`;
  throw new Failure('invalid', `Invalid ${shorten(part)}: ${sentence(end)}${isAlone ? folderHint : ''}`);
}

function sentence(text: string): string {
  return text.endsWith('?') ? text : `${text}.`;
}

/** Parts that are joined by something else than a comma, or a value that is nearly one. */
function meantPart(part: string, name: ParameterName): string | undefined {
  const text = decodeOnce(part);
  const joined = text.split(/[;&+|\s]+/).join(',');
  if (joined !== text && classify(joined) === 'component') return joined;
  const { key } = parameters[name];
  const value = meantValue(name, text.slice(key.length + 1));
  return value === undefined ? undefined : `${key}_${value}`;
}

function problemOf(value: unknown): string | undefined {
  return isProblem(value) ? value.problem : undefined;
}

function unsupported(part: string, key: string): Failure {
  const named: Readonly<Record<string, string>> = { fn: 'functions (fn_) are' };
  return new Failure(
    'invalid',
    `Invalid ${shorten(part)}: ${named[key] ?? `the parameter ${key}_ is`} not supported.${folderHint}`,
  );
}

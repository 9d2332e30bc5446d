import type { GrammarOptions } from '../grammar-options.ts';
import { shorten } from '../ids/ids.ts';
import { type EffectName, effectRules } from '../parameters/effects.ts';
import { parameterNames, parameters } from '../parameters/table.ts';
import { splitTarget } from './target.ts';

/** One part of a URL, and what it says. */
export interface ExplainedPart {
  /** As a URL of our own spells it. */
  readonly written: string;
  readonly means: string;
  /** Of names of the configuration: what they stand for here. */
  readonly here?: string;
}

/** What a URL is made of, whatever it comes to. */
export interface ExplainedTarget {
  /** Whose language it is in; undefined for our own. */
  readonly dialect: string | undefined;
  readonly isSigned: boolean;
  readonly parts: readonly ExplainedPart[];
  /** All of them in our own language, as they stand before the id; empty where there are none. */
  readonly transformation: string;
  /** What it calls the original; undefined where the URL keeps that to itself. */
  readonly id: string | undefined;
}

/** A URL of more is explained by its first. */
const maxParts = 64;

/** Takes a raw target apart. Failure `invalid` for one that cannot be read. */
export function explainTarget(rawTarget: string, options: GrammarOptions): ExplainedTarget {
  const { dialect, signature, components, id } = splitTarget(rawTarget, options);
  const parts = components.flatMap((component) => component.split(',')).slice(0, maxParts);
  return {
    dialect: dialect?.name,
    isSigned: signature !== undefined,
    transformation: components.slice(0, maxParts).join('/'),
    parts: parts.map((part) => ({ written: part, ...meaningOf(part, options) })),
    id: dialect?.isSealed === true ? undefined : id,
  };
}

function meaningOf(part: string, { presets }: Pick<GrammarOptions, 'presets'>): Omit<ExplainedPart, 'written'> {
  const [key = '', ...rest] = part.split('_');
  const value = rest.join('_');
  const name = parameterNames.find((one) => parameters[one].key === key);
  if (name === undefined) return { means: 'Nothing that is known here.' };
  const { doc } = parameters[name];
  if (name === 'effect') {
    const effect = value.split(':')[0] ?? '';
    return { means: Object.hasOwn(effectRules, effect) ? effectRules[effect as EffectName].doc : doc };
  }
  if (name !== 'presets') return { means: doc };
  const meant = value.split('.').map((preset) => (Object.hasOwn(presets, preset) ? presets[preset] : 'nothing'));
  return { means: doc, here: shorten(meant.join(' and then ')) };
}

import {
  canonical,
  defaultGrammarOptions,
  type GrammarOptions,
  negotiate,
  parseTarget,
  type ResolvedTransform,
} from '../../src/grammar/index.ts';

/** What a client that names no format gets. */
export function resolveTarget(target: string, options: GrammarOptions = defaultGrammarOptions): ResolvedTransform {
  const { transform } = parseTarget(target, options);
  if (transform === undefined) throw new Error(`${target} asks for no transformation`);
  return negotiate(transform, { accept: undefined, foveaAccept: undefined }).transform;
}

/** The canonical spelling of what a target asks for; `original` when it asks for the untouched bytes. */
export function spell(target: string, options: GrammarOptions = defaultGrammarOptions): string {
  const { transform } = parseTarget(target, options);
  return transform === undefined ? 'original' : canonical(resolveTarget(target, options));
}

/** The canonical spelling of components in the long form. */
export function spellText(text: string, options: GrammarOptions = defaultGrammarOptions): string {
  return spell(`/image/upload/${text}/v1/sample`, options);
}

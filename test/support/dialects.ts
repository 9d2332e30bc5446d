import { expect, it } from 'vitest';
import { type GrammarOptions, parseTarget } from '../../src/grammar/index.ts';
import { spell } from './grammar.ts';

/** A test for each target: which picture it names, and the canonical text of what it asks for. */
export function itReads(
  rows: readonly (readonly [target: string, id: string, canonical: string])[],
  options: GrammarOptions,
) {
  it.each(rows)('%s', (target, id, canonical) => {
    expect(parseTarget(target, options).id).toBe(id);
    expect(spell(target, options)).toBe(canonical);
  });
}

/** A test for each target: that it is refused, in words that hold these. */
export function itRefuses(rows: readonly (readonly [target: string, message: string])[], options: GrammarOptions) {
  it.each(rows)('refuses %s', (target, message) => {
    expect(() => parseTarget(target, options)).toThrow(message);
  });
}

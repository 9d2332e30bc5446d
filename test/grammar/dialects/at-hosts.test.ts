import { describe, expect, it } from 'vitest';
import { defaultGrammarOptions, dialectClashes, type GrammarOptions, grammarAt } from '../../../src/grammar/index.ts';
import { spell } from '../../support/grammar.ts';

const options: GrammarOptions = {
  ...defaultGrammarOptions,
  dialects: ['thumbor', 'imagor', 'query', 'imgix'],
  dialectHosts: { imagor: ['im.example', '*.im.example'], imgix: ['ix.example'] },
};
const dialectsAt = (host?: string) => grammarAt(options, host).dialects;

describe('a dialect that names hosts', () => {
  it('is read there alone, and before one that is written alike', () => {
    expect(dialectsAt('im.example')).toEqual(['imagor', 'query']);
    expect(dialectsAt('A.IM.example:8080')).toEqual(['imagor', 'query']);
    expect(dialectsAt('ix.example.')).toEqual(['thumbor', 'imgix']);
    expect(dialectsAt('other.example')).toEqual(['thumbor', 'query']);
    expect(dialectsAt('evil-im.example')).toEqual(['thumbor', 'query']);
    expect(dialectsAt()).toEqual(['thumbor', 'query']);
  });

  it('means what it means there: of one URL two pictures', () => {
    const at = (host: string) => spell('/a.jpg?w=400&h=300', grammarAt(options, host));
    expect(at('ix.example')).not.toBe(at('other.example'));
  });

  it('costs nothing where none does', () => {
    expect(grammarAt(defaultGrammarOptions, 'a.example')).toBe(defaultGrammarOptions);
  });

  it('clashes with one at the same host only', () => {
    const clashes = (dialectHosts: GrammarOptions['dialectHosts']) =>
      dialectClashes({ dialects: ['thumbor', 'imagor'], dialectPrefixes: {}, dialectHosts }).length;
    expect(clashes({})).toBe(1);
    expect(clashes({ imagor: ['im.example'] })).toBe(0);
    expect(clashes({ imagor: ['im.example'], thumbor: ['th.example'] })).toBe(0);
    expect(clashes({ imagor: ['im.example', 'b.example'], thumbor: ['b.example'] })).toBe(1);
    expect(clashes({ imagor: ['*.example'], thumbor: ['a.example'] })).toBe(1);
    expect(clashes({ imagor: ['*.a.example'], thumbor: ['*.b.a.example'] })).toBe(1);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultGrammarOptions, type GrammarOptions, parseTarget } from '../../src/grammar/index.ts';
import { createServes } from '../../src/http/index.ts';
import type { UnsignedPolicy } from '../../src/signing.ts';
import { verify } from '../../src/signing.ts';
import { type AddressOptions, createAddresses } from '../../src/uploads/index.ts';

const presets = { card: 'c_fill,w_300,h_200' };
const grammar = { ...defaultGrammarOptions, presets };
/** By a policy, and a folder of which nothing is shown without a signature. */
function under(
  unsigned: UnsignedPolicy,
  given: { signingSecrets?: readonly string[]; widths?: readonly number[]; grammar?: GrammarOptions } = {},
): AddressOptions {
  const { signingSecrets = [], widths = [320, 640, 1280], grammar: read = grammar } = given;
  const serves = createServes({
    grammar: read,
    policy: {
      unsigned,
      unsignedForwarded: unsigned,
      signingSecrets,
      dialectSecrets: {},
      signatureLength: 8,
      ladder: { widths, snap: false },
      isDeclared: () => false,
      protected: { private: ['members/'], authenticated: ['auth/'] },
    },
  });
  return { serves, signingSecrets, ladder: unsigned === 'ladder' ? widths : undefined, grammar: read };
}
const free = under('any', { grammar: defaultGrammarOptions });

const folder = fc.oneof(
  fc.constantFrom(
    'image',
    'images',
    'iu',
    'video',
    'raw',
    '_',
    '-',
    'v1',
    'v12',
    'w_100',
    't_shirts',
    'my_folder',
    's--a--',
  ),
  fc.constantFrom(
    'private_images',
    'authenticated_images',
    'c_fill,w_1',
    'x,w_1',
    'upload',
    '2026',
    '_ipx',
    'cdn-cgi',
    '_next',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
);
const key = fc
  .array(folder, { minLength: 1, maxLength: 4 })
  .map((segments) => `${segments.join('/')}/picture.jpg`)
  .filter((text) => /^(?!.*(^|\/)(\.|\.\.|\.fovea[^/]*)(\/|$))[^\\\p{Cc}]*$/u.test(text) && !/\/\/|^\//.test(text));

describe('the addresses of an original', () => {
  test('lead to it and to its variants, whatever its folders are called', () => {
    fc.assert(
      fc.property(key, (text) => {
        for (const path of Object.values(createAddresses(under('any'))(text))) {
          expect(parseTarget(path, grammar).id).toBe(text);
        }
      }),
    );
  });

  test('are as plain as the key lets them be', () => {
    expect(createAddresses(free)('2026/11/a.jpg')).toEqual({
      original: '/2026/11/a.jpg',
      w320: '/c_limit,w_320,f_auto,q_auto/2026/11/a.jpg',
      w640: '/c_limit,w_640,f_auto,q_auto/2026/11/a.jpg',
      w1280: '/c_limit,w_1280,f_auto,q_auto/2026/11/a.jpg',
    });
  });

  test('keep to the ladder', () => {
    const names = (widths: readonly number[]) =>
      Object.keys(createAddresses(under('ladder', { widths, grammar: defaultGrammarOptions }))('a.jpg'));
    expect(names([2000, 400, 100, 700])).toEqual(['original', 'w400', 'w700', 'w2000']);
    expect(names([600, 300])).toEqual(['original', 'w600']);
  });

  test.each(['presets', 'none'] as const)('are signed where %s may be asked for without', (unsigned) => {
    const signed = createAddresses(under(unsigned, { signingSecrets: ['new', 'old'] }));
    for (const [name, path] of Object.entries(signed('my_folder/ü.jpg'))) {
      const { signature, id } = parseTarget(path, grammar);
      expect(id).toBe('my_folder/ü.jpg');
      if (unsigned === 'presets' && name === 'card') expect(signature).toBeUndefined();
      else expect(verify(signature?.value ?? '', { texts: signature?.signed ?? [], secrets: ['new'] })).toBe(true);
    }
  });

  test('are none where they would need a signature and nobody can sign', () => {
    expect(createAddresses(under('presets'))('a.jpg')).toEqual({
      card: '/t_card/a.jpg',
    });
  });

  describe('show nothing but what was uploaded where they are signed:', () => {
    const presets = {
      card: 'c_fill,w_300,h_200',
      marked: 'c_fill,w_300/l_auth:s,g_south_east',
      branded: 'l_brand:logo.png/c_scale,w_9/fl_layer_apply',
      nested: 'l_text:Arial_20:hi/l_auth:s.jpg/fl_layer_apply/fl_layer_apply',
      instead: 'c_fill,w_300,d_auth:s.jpg',
    };
    const names = (unsigned: UnsignedPolicy, key: string, signingSecrets = ['a secret']) => {
      const given = createAddresses(under(unsigned, { signingSecrets, grammar: { ...grammar, presets } }))(key);
      const isSigned = (path: string) => path.startsWith('/s--');
      const of = (signed: boolean) =>
        Object.keys(given).filter((name) => isSigned(given[name] ?? '') === signed && Object.hasOwn(presets, name));
      return { signed: of(true), plain: of(false), original: isSigned(given['original'] ?? '/s--') };
    };

    test.each([
      ['none', 'a.jpg', { signed: ['card'], plain: [], original: true }],
      ['presets', 'a.jpg', { signed: [], plain: ['card', 'branded'], original: true }],
      ['ladder', 'a.jpg', { signed: [], plain: ['card', 'branded'], original: false }],
      ['any', 'a.jpg', { signed: [], plain: ['card', 'branded'], original: false }],
      ['any', 'members/a.jpg', { signed: [], plain: ['card', 'branded'], original: true }],
      ['any', 'auth/a.jpg', { signed: ['card'], plain: [], original: true }],
    ] as const)('under %s, of %s', (unsigned, key, expected) => {
      expect(names(unsigned, key)).toEqual(expected);
    });

    test('and are none where nobody can sign', () => {
      expect(names('any', 'auth/a.jpg', [])).toEqual({ signed: [], plain: [], original: true });
    });
  });
});

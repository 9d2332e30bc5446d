import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultGrammarOptions, parseTarget } from '../../src/grammar/index.ts';
import { verify } from '../../src/signing.ts';
import { type AddressOptions, createAddresses } from '../../src/uploads/index.ts';

const presets = { card: 'c_fill,w_300,h_200' };
const grammar = { ...defaultGrammarOptions, presets };
const free: AddressOptions = { unsigned: 'any', signingSecrets: [], ladder: [], grammar: defaultGrammarOptions };

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
        for (const path of Object.values(createAddresses({ ...free, grammar })(text))) {
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
    const addresses = createAddresses({ ...free, unsigned: 'ladder', ladder: [2000, 400, 100, 700] })('a.jpg');
    expect(Object.values(addresses).map((path) => /w_(\d+)/.exec(path)?.[1])).toEqual([
      undefined,
      '400',
      '700',
      '2000',
    ]);
  });

  test.each(['presets', 'none'] as const)('are signed where %s may be asked for without', (unsigned) => {
    const signed = createAddresses({ ...free, unsigned, signingSecrets: ['new', 'old'], grammar });
    for (const [name, path] of Object.entries(signed('my_folder/ü.jpg'))) {
      const { signature, id } = parseTarget(path, grammar);
      expect(id).toBe('my_folder/ü.jpg');
      if (unsigned === 'presets' && name === 'card') expect(signature).toBeUndefined();
      else expect(verify(signature?.value ?? '', signature?.signed ?? [], ['new'])).toBe(true);
    }
  });

  test('are none where they would need a signature and nobody can sign', () => {
    expect(createAddresses({ ...free, unsigned: 'presets', grammar })('a.jpg')).toEqual({
      card: '/t_card/a.jpg',
    });
  });
});

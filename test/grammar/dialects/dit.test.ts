import { describe, expect, it } from 'vitest';
import { defaultGrammarOptions, type GrammarOptions, parseTarget } from '../../../src/grammar/index.ts';
import { itReads, itRefuses } from '../../support/dialects.ts';
import { spell } from '../../support/grammar.ts';

const options: GrammarOptions = {
  ...defaultGrammarOptions,
  dialects: [...defaultGrammarOptions.dialects, 'dit'],
  sources: { 's3://pictures/': 'p/' },
};
const path = (request: unknown) => `/${Buffer.from(JSON.stringify(request)).toString('base64')}`;
const edited = (edits: unknown) => path({ key: 'a', edits });

describe('what AWS’ image handler is asked in JSON', () => {
  itReads(
    [
      [path({ bucket: 'pictures', key: 'b c/a.jpg' }), 'p/b c/a.jpg', 'original'],
      [path({ bucket: 'pictures', key: '中文', outputFormat: 'jpeg' }), 'p/中文', 'f_jpeg'],
      [
        '/eyJrZXkiOiJzYW1wbGVJbWFnZUtleTAwMS5qcGciLCJlZGl0cyI6eyJncmF5c2NhbGUiOiJ0cnVlIn19==',
        'sampleImageKey001.jpg',
        'e_grayscale/f_jpeg',
      ],
      [path(['key']), path(['key']).slice(1), 'original'],
    ],
    options,
  );
  it.each([
    [{ resize: { width: 300, height: 200 } }, 'c_fit,h_200,w_300'],
    [{ resize: { width: 300, height: null, fit: 'cover' } }, 'c_fill,w_300'],
    [{ resize: { width: 300, height: 200, fit: 'cover', position: 'right top' } }, 'c_fill,g_north_east,h_200,w_300'],
    [{ resize: { width: 300, height: 200, fit: 'inside', withoutEnlargement: true } }, 'c_limit,h_200,w_300'],
    [
      { resize: { width: 3, height: 2, fit: 'contain', background: { r: 1, g: 2, b: 3 } } },
      'b_rgb:010203,c_pad,h_2,w_3',
    ],
    [{ blur: 2, rotate: 90, resize: { width: 9 } }, 'a_90/c_fit,w_9/e_blur:68'],
    [
      { crop: { left: 1, top: 2, width: 3, height: 4 }, resize: { width: 9 } },
      'c_crop,g_north_west,h_4,w_3,x_1,y_2/c_fit,w_9',
    ],
    [{ grayscale: false, toFormat: 'webp', webp: { quality: 60 } }, 'f_webp,q_webp:60'],
  ])('%j', (edits, canonical) => {
    expect(spell(edited(edits), options)).toBe(canonical);
  });
  itRefuses(
    [
      [edited({ wrongFilter: true }), 'Invalid wrongFilter'],
      [edited({ smartCrop: true }), 'Invalid smartCrop'],
      [edited({ resize: { width: 9, kernel: 'cubic' } }), 'Invalid resize.kernel'],
      [edited({ resize: { width: 'x' } }), 'Invalid resize.width'],
      [edited({ toFormat: 'heif' }), 'Invalid toFormat'],
      [path({ bucket: 'elsewhere', key: 'a' }), 'have no s3://elsewhere/'],
      [path({ key: '../a' }), 'dot segments'],
      [`${path({ key: 'a' })}?width=3`, 'the signature alone'],
    ],
    options,
  );

  it('comes with the signature of its query', () => {
    const target = path({ key: 'a' });
    expect(parseTarget(`${target}?signature=ab`, options).dialect?.proof).toEqual({ value: 'ab', text: target });
  });
});

import { describe, expect, it } from 'vitest';
import { defaultGrammarOptions, type GrammarOptions, parseTarget } from '../../../src/grammar/index.ts';
import { itReads, itRefuses } from '../../support/dialects.ts';
import { spell } from '../../support/grammar.ts';

const options: GrammarOptions = { ...defaultGrammarOptions, dialects: ['vercel', 'netlify', 'amplify'] };

describe('Vercel', () => {
  itReads(
    [
      ['/_vercel/image?url=%2Ftest.png&w=640&q=100', 'test.png', 'c_limit,w_640/f_auto:basic,q_100'],
      ['/_vercel/image?url=/image.jpg&w=800&q=75', 'image.jpg', 'c_limit,w_800/f_auto:basic,q_75'],
      ['/_vercel/image?url=%2Fimages%2Frio.jpeg', 'images/rio.jpeg', 'f_auto:basic'],
      ['/_vercel/image/?url=%2Fa%2520b.jpg%3Fv%3D2&w=16&dpl=dpl_x', 'a b.jpg', 'c_limit,w_16/f_auto:basic'],
      ['/_vercel/image/key.jpg', '_vercel/image/key.jpg', 'original'],
    ],
    options,
  );
  itRefuses(
    [
      ['/_vercel/image?w=640', 'needs the option url'],
      ['/_vercel/image?url=%2Fa.jpg&h=640', 'Invalid h in a URL of Vercel: there is no such option here: url, w, q'],
      ['/_vercel/image?url=%2Fa.jpg&w=0', 'Invalid w_0'],
      ['/_vercel/image?url=%2F..%2Fa.jpg&w=16', 'dot segments'],
      ['/_vercel/image?url=https%3A%2F%2Fother.example%2Fa.jpg&w=16', 'fetchHosts'],
    ],
    options,
  );
});

describe('Netlify', () => {
  itReads(
    [
      ['/.netlify/images?url=/cappadocia.jpg', 'cappadocia.jpg', 'f_auto:basic'],
      ['/.netlify/images?url=/a.jpg&w=400&h=300', 'a.jpg', 'c_limit,h_300,w_400/f_auto:basic'],
      ['/.netlify/images?url=/a.jpg&w=800&q=75&fm=webp&fit=cover', 'a.jpg', 'c_limit,w_800/f_webp,q_75'],
      [
        '/.netlify/images?w=100&h=100&fit=cover&url=%2Fimages%2Fapple.jpg',
        'images/apple.jpg',
        'c_lfill,h_100,w_100/f_auto:basic',
      ],
      [
        '/.netlify/images?w=80&h=40&fit=cover&position=left&url=a.jpg',
        'a.jpg',
        'c_lfill,g_west,h_40,w_80/f_auto:basic',
      ],
      ['/.netlify/images?w=80&h=40&fit=fill&url=a.jpg', 'a.jpg', 'c_scale,h_40,w_80/f_auto:basic'],
    ],
    options,
  );
  itRefuses(
    [
      ['/.netlify/images?w=100', 'needs the option url'],
      ['/.netlify/images?url=/a.jpg&w=9&fit=crop', 'fit takes contain, cover, fill'],
      ['/.netlify/images?url=/a.jpg&w=9&position=face', 'position takes center'],
      ['/.netlify/images?url=/a.jpg&fm=blurhash', 'the output formats are'],
      ['/.netlify/images?url=/a.jpg&blur=3', 'there is no such option here'],
    ],
    options,
  );
});

describe('Amplify', () => {
  itReads(
    [
      ['/_amplify/image?url=%2Ftest.jpg&w=640&q=100', 'test.jpg', 'c_limit,w_640/f_auto:basic,q_100'],
      ['/?url=%2Ftest.png&w=640&h=200&q=100', 'test.png', 'c_lfill,h_200,w_640/f_auto:basic,q_100'],
      ['/?url=%2Ftest.png&w=640&h=200&fit=contain', 'test.png', 'c_lpad,h_200,w_640/f_auto:basic'],
      [
        '/_amplify/image?url=a.jpg&width=64&grayscale=true&flip=false&format=png',
        'a.jpg',
        'c_limit,w_64/e_grayscale/f_png',
      ],
    ],
    options,
  );
  itRefuses(
    [
      ['/_amplify/image?w=640', 'needs the option url'],
      ['/_amplify/image?url=a.jpg&median=3', 'there is no such option here'],
      ['/_amplify/image?url=a.jpg&w=9&h=9&fit=crop', 'in a URL of Amplify Hosting: fit takes cover, contain'],
      ['/', 'names no picture'],
    ],
    options,
  );
});

describe('a prefix', () => {
  const below: GrammarOptions = {
    ...defaultGrammarOptions,
    dialects: ['netlify', 'query'],
    dialectPrefixes: { netlify: 'old/site/', query: 'ix/' },
  };
  itReads(
    [
      ['/old/site/.netlify/images?url=/a.jpg&w=40', 'a.jpg', 'c_limit,w_40/f_auto:basic'],
      ['/ix/folder/a.jpg?w=40', 'folder/a.jpg', 'c_fill,w_40/f_jpeg'],
      ['/ix/folder/a.jpg', 'folder/a.jpg', 'original'],
      ['/folder/a.jpg?w=40', 'folder/a.jpg', 'original'],
    ],
    below,
  );
  itRefuses([['/.netlify/images?url=/a.jpg&w=40', 'begins with a dot']], below);
});

describe('IPX below the prefix that its baseURL was', () => {
  const options: GrammarOptions = { ...defaultGrammarOptions, dialectPrefixes: { ipx: 'img/' } };

  it('is read whatever its modifiers are, and nowhere else', () => {
    expect(parseTarget('/img/_/a.jpg', options).id).toBe('a.jpg');
    expect(spell('/img/w_400,f_webp/a.jpg', options)).toBe(spell('/_ipx/w_400,f_webp/a.jpg'));
    expect(parseTarget('/s_40x30/a.jpg', options).id).toBe('s_40x30/a.jpg');
    expect(() => parseTarget('/img/cats/a.jpg', options)).toThrow(/no such modifier/);
  });
});

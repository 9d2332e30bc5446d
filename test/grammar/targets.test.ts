import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure, isFailure } from '../../src/failure.ts';
import { defaultGrammarOptions, originalCandidates, parseTarget } from '../../src/grammar/index.ts';
import { spell } from '../support/grammar.ts';

const options = { ...defaultGrammarOptions, accountNames: ['demo'] };

function refusal(target: string): string {
  try {
    parseTarget(target, options);
  } catch (error) {
    if (isFailure(error, 'invalid')) return error.message;
    throw error;
  }
  throw new Error(`${target} was taken`);
}

describe('the forms of a target', () => {
  it.each([
    ['/key.jpg', 'key.jpg'],
    ['/folder/key.jpg', 'folder/key.jpg'],
    ['/my_folder/a.jpg', 'my_folder/a.jpg'],
    ['/image/upload/sample.jpg', 'sample.jpg'],
    ['/image/upload//sample.jpg', 'sample.jpg'],
    ['/image/upload/v1234/folder/sample.jpg', 'folder/sample.jpg'],
    ['/v1/w_1/x.jpg', 'w_1/x.jpg'],
    ['/_/w_1/x.jpg', 'w_1/x.jpg'],
    ['/v1/image/x.jpg', 'image/x.jpg'],
    ['/v1', 'v1'],
    ['/w_100', 'w_100'],
    ['/demo/image/upload/a.jpg', 'a.jpg'],
    ['/demo/a.jpg', 'demo/a.jpg'],
    ['/demo/video/a.jpg', 'demo/video/a.jpg'],
    ['/image/upload/demo/a.jpg', 'demo/a.jpg'],
    ['/images/a/red-car', 'a'],
    ['/images/v1/folder/a.jpg/red-car.png', 'folder/a.jpg'],
    ['/images/a/red-car.png', 'a.png'],
    ['/s--foo.jpg', 's--foo.jpg'],
    ['/key.jpg?w=1&_a=x', 'key.jpg'],
  ])('%s names %s and asks for the original', (target, id) => {
    expect(parseTarget(target, options)).toMatchObject({
      id,
      transform: undefined,
      transformationText: '',
      delivery: 'upload',
    });
  });

  it.each([
    ['/image/private/a.jpg', 'private'],
    ['/image/authenticated/a.jpg', 'authenticated'],
    ['/private_images/a/b', 'private'],
    ['/authenticated_images/a/b', 'authenticated'],
  ])('%s is delivered as %s', (target, delivery) => {
    expect(parseTarget(target, options).delivery).toBe(delivery);
  });

  it('an account before a transformation of the short form is passed over, and before anything else is a folder', () => {
    expect(spell('/demo/c_scale,w_128/folder/a.jpg', options)).toBe(spell('/c_scale,w_128/folder/a.jpg', options));
    expect(parseTarget('/demo/w_128/v1/w_1/a.jpg', options).id).toBe('w_1/a.jpg');
    expect(parseTarget('/other/w_128/a.jpg', options).id).toBe('other/w_128/a.jpg');
    expect(parseTarget('/demo/w_128', options).id).toBe('demo/w_128');
    expect(parseTarget('/v1/demo/w_128/a.jpg', options).id).toBe('demo/w_128/a.jpg');
  });

  it('a size without a mode fills in the short form and scales in the long one', () => {
    expect(spell('/w_128,h_128/key')).toBe('c_fill,h_128,w_128');
    expect(spell('/image/upload/w_128,h_128/key')).toBe('c_scale,h_128,w_128');
    expect(spell('/w_128,h_128/key', { ...options, defaultCrop: 'limit' })).toBe('c_limit,h_128,w_128');
    expect(spell('/image/upload/w_128,h_128/key', { ...options, defaultCrop: 'limit' })).toBe('c_scale,h_128,w_128');
  });

  it('after the first segment of the id nothing is a component', () => {
    const request = parseTarget('/w_100/folder/w_200/x.jpg', options);
    expect(request).toMatchObject({ id: 'folder/w_200/x.jpg', transformationText: 'w_100' });
  });

  it.each([
    ['/image', 'After /image/ comes upload, private, authenticated or fetch; got nothing.'],
    ['/image/fetch/https://example.com/a.jpg', 'the configuration names no fetchHosts'],
    ['/image/facebook/a.jpg', 'got "facebook"'],
    ['/video/upload/a.mp4', 'Paths under /video/ are not pictures'],
    ['/raw/upload/a.zip', 'Paths under /raw/ are not pictures'],
    ['/demo/video/upload/w_1/a.jpg', 'Paths under /video/ are not pictures'],
    ['/demo/raw/upload/v1/a.zip', 'Paths under /raw/ are not pictures'],
    ['/-/metrics', 'Paths under /-/ are not pictures'],
    ['/images/w_9/a.jpg', 'an id and then a suffix'],
    ['/', 'names no picture'],
    ['/image/upload/', 'names no picture'],
    ['/v1/', 'names no picture'],
    ['/w_100/', 'names no picture'],
    ['//evil.example/a.jpg', 'begins with two slashes'],
    ['http://evil.example/a.jpg', 'must be a path'],
    ['', 'must be a path'],
  ])('%s is refused', (target, message) => {
    expect(refusal(target)).toContain(message);
  });

  it('one too long to be meant is refused unread', () => {
    expect(refusal(`/${'a'.repeat(20_000)}`)).toBe('The URL is too long: at most 16384 characters, got 20001.');
  });
});

describe('splitting components from the id', () => {
  it.each([
    [
      '/t_shirts/red.jpg',
      'There is no preset "shirts": the configuration names none ("presets"). If it is a folder of the id, insert v1/ before the id.',
    ],
    [
      '/e_commerce/a.jpg',
      'Invalid e_commerce: e_ takes the name of an effect, and its strength after ":". If it is a folder',
    ],
    ['/b_roll/a.jpg', 'Invalid b_roll: b_ takes a colour'],
    ['/a_team/a.jpg', 'Invalid a_team: a_ takes degrees'],
    ['/w_abc/a.jpg', 'Invalid w_abc: w_ takes whole pixels from 1 to 65535'],
    ['/w_0/a.jpg', 'Invalid w_0'],
    ['/so_5/a.jpg', 'Invalid so_5: the parameter so_ is not supported.'],
    [
      '/w_100,foo/a.jpg',
      '"foo" is no parameter, but its neighbours are. If it is a folder of the id, insert v1/ before the id.',
    ],
    ['/w_100,ab_cd/a.jpg', '"ab_cd" is no parameter'],
    ['/w_100,/a.jpg', '"w_100," has a comma too many; did you mean w_100?'],
    ['/w_/a.jpg', 'Invalid w_:'],
  ])('%s is refused: %s', (target, message) => {
    expect(refusal(target)).toContain(message);
  });

  it('an encoded comma or slash never separates', () => {
    expect(refusal('/w_100%2Ch_100/a.jpg')).toContain('Invalid w_100%2Ch_100');
    expect(refusal('/w_100%2Fa.jpg/b.jpg')).toContain('Invalid w_100%2Fa.jpg');
    expect(parseTarget('/c_scale,w_10/a%2Cb%26c%20d.jpg', options).id).toBe('a,b&c d.jpg');
    expect(parseTarget('/w_10/a,b.jpg', options).id).toBe('a,b.jpg');
  });

  it('values are decoded once', () => {
    expect(spell('/b_rgb%3Aff0000,c_pad,w_10,h_10/a')).toBe('b_rgb:ff0000,c_pad,h_10,w_10');
    expect(refusal('/b_rgb%253Aff0000/a')).toContain('Invalid b_rgb%253Aff0000');
  });
});

describe('ids', () => {
  it.each([
    ['/a%20b.jpg', 'a b.jpg'],
    ['/a+b.jpg', 'a+b.jpg'],
    ['/100%25.jpg', '100%.jpg'],
    ['/%E4%B8%AD.jpg', '中.jpg'],
    ['/e%CC%81.jpg', 'e\u0301.jpg'],
    ['/%C3%A9.jpg', '\u00e9.jpg'],
    ['/%252e%252e/a.jpg', '%2e%2e/a.jpg'],
  ])('%s is taken as it is', (target, id) => {
    expect(parseTarget(target, options).id).toBe(id);
  });

  it.each([
    ['/...', 'begins with a dot'],
    ['/.env', 'begins with a dot'],
    ['/w_1/.git/HEAD', 'begins with a dot'],
    ['/image/upload/.jpg', 'begins with a dot'],
    ['/a/../b.jpg', 'dot segments'],
    ['/a/./b.jpg', 'dot segments'],
    ['/%2e%2e/b.jpg', 'dot segments'],
    ['/w_1/%2E./b.jpg', 'dot segments'],
    ['/a//b.jpg', 'empty segment'],
    ['/a/b.jpg/', 'empty segment'],
    ['/a%2Fb.jpg', 'encoded slash'],
    ['/a%2fb.jpg', 'encoded slash'],
    ['/a%5Cb.jpg', 'backslash'],
    ['/a\\b.jpg', 'backslash'],
    ['/a%00.jpg', 'control character'],
    ['/a%0D%0Ab.jpg', 'control character'],
    ['/a%7F.jpg', 'control character'],
    ['/a%C2%85.jpg', 'control character'],
    ['/a%FF.jpg', 'not valid percent-encoded UTF-8'],
    ['/a%C0%AF.jpg', 'not valid percent-encoded UTF-8'],
    ['/a%ED%A0%80.jpg', 'not valid percent-encoded UTF-8'],
    ['/a%.jpg', 'not valid percent-encoded UTF-8'],
    ['/a%2.jpg', 'not valid percent-encoded UTF-8'],
    ['/a%zz.jpg', 'not valid percent-encoded UTF-8'],
    ['/é.jpg', 'outside printable ASCII'],
    ['/a b.jpg', 'outside printable ASCII'],
    ['/a\u0000.jpg', 'outside printable ASCII'],
    ['/a/.fovea/b.jpg', 'reserved'],
    ['/a/%2Efovea/b.jpg', 'reserved'],
    ['/.fovea', 'reserved'],
    ['/l_..:secret/fl_layer_apply/a.jpg', 'dot segments'],
    ['/l_a%2F..%2Fb/fl_layer_apply/a.jpg', 'encoded slash'],
    ['/d_..:secret.png/a.jpg', 'dot segments'],
    ['/d_a:.fovea:b/a.jpg', 'reserved'],
  ])('%s is refused: %s', (target, message) => {
    expect(refusal(target)).toContain(message);
  });

  it('may have 255 characters, however many bytes those take', () => {
    expect(parseTarget(`/v1/${'%F0%9F%90%B1'.repeat(255)}`, options).id).toBe('🐱'.repeat(255));
    expect(refusal(`/${'a'.repeat(256)}`)).toBe('public_id is too long: at most 255 characters, got 256.');
  });

  it('whatever is asked, the key stays below the root and the message in plain ASCII', () => {
    const piece = fc.constantFrom(
      '/',
      '%2F',
      '..',
      '.',
      '%2e',
      '\\',
      '%5c',
      '%00',
      'a',
      'w_1',
      ',',
      '%',
      'é',
      't_%0d%0a',
      'v1',
      '_',
      'l_',
      ':',
      's--',
      '-',
      '?',
      '%25',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        try {
          for (const { key } of originalCandidates(parseTarget(`/${pieces.join('')}`, options), options)) {
            const segments = key.split('/');
            expect(segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..')).toBe(true);
            expect(Array.from(key).every((character) => character >= ' ' && character !== '\\')).toBe(true);
          }
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
          expect(error.kind).toBe('invalid');
          expect(error.message).toMatch(/^[\x20-\x7e]*$/);
        }
      }),
      { numRuns: 5000 },
    );
  });
});

describe('signatures', () => {
  const sha1 = (text: string) => createHash('sha1').update(`${text}b`).digest('base64url').slice(0, 8);
  const sha256 = (text: string) => createHash('sha256').update(`${text}b`).digest('base64url').slice(0, 32);

  it.each([
    ['c_crop,h_20,w_10/image.jpg', 'c_crop,h_20,w_10/', 'image.jpg', 'Ai4Znfl3', 'w7DXgwn5wCnfEUqu7i0gnCTHxMzvnVmI'],
    [
      'c_crop,h_20,w_10/image.jpg',
      'c_crop,h_20,w_10/v1234/',
      'image.jpg',
      'Ai4Znfl3',
      'w7DXgwn5wCnfEUqu7i0gnCTHxMzvnVmI',
    ],
    ['image.jpg', '', 'image.jpg', '--SjmNDA', 'm50khsqq0vFHiDjt9VvvEn8BhKAAIfy8'],
    ['w_128,h_128/key.jpg', 'w_128,h_128/', 'key.jpg', 'MWQSwMOc', '8VRkkBM33vH0Bj8EAJSBy2kS5WQtoYuG'],
    [
      'c_scale,w_10/a%2Cb%26c%20d.jpg',
      'c_scale,w_10/',
      'a%2Cb%26c%20d.jpg',
      'sbadrbLY',
      'SI9XJByXqvKJqpCPKmpUp-GOyc_97UT6',
    ],
    [
      'c_scale,w_10/folder/image.jpg',
      'c_scale,w_10/v1/',
      'folder/image.jpg',
      'U-STEpiB',
      'xovvix4MJdWlHkBJZg4aBnwBTwf6Mg-d',
    ],
    [
      'c_scale,w_10/folder/image.png',
      'c_scale,w_10/v1/',
      'folder/image.png',
      'RE6pGCoW',
      'hkDyEoM-TYFaBu_iXVYjqT4wBri_1cTX',
    ],
    [
      'l_text:Arial_20:Hi%252C%20there%252Fyou/sample.jpg',
      'l_text:Arial_20:Hi%252C%20there%252Fyou/',
      'sample.jpg',
      'xHcp-wIC',
      'egFVwTkLEp7_WdmOJq3Dkku4T0niGq5O',
    ],
    ['sample.jpg', '', 'sample.jpg', 'v2fTPYTu', '2hbrSMPOjj5BJ4xV7SgFbRDevFaQNUFf'],
  ])('are of %s', (signed, transformation, id, short, long) => {
    expect([sha1(signed), sha256(signed)]).toEqual([short, long]);
    for (const prefix of ['/image/upload/', '/image/authenticated/', '/iu/', '/', '/demo/', '/demo/image/upload/']) {
      for (const value of [short, long]) {
        const request = parseTarget(`${prefix}s--${value}--/${transformation}${id}?_a=1`, options);
        expect(request.signature).toMatchObject({ value });
        expect(request.signature?.signed[0]).toBe(signed);
      }
    }
  });

  it('are found by length where they border on dashes', () => {
    expect(parseTarget('/s----SjmNDA--/image.jpg', options).signature?.value).toBe('--SjmNDA');
    expect(parseTarget('/s--e4Ebz37---/image.jpg', options).signature?.value).toBe('e4Ebz37-');
  });

  it('are checked against the path as received first, then as the official clients write it', () => {
    const signed = (target: string) => parseTarget(target, options).signature?.signed;
    expect(signed('/s--abcd1234--/w_1/a,b%3ac.jpg')).toEqual(['w_1/a,b%3ac.jpg', 'w_1/a%2Cb:c.jpg']);
    expect(signed('/image/upload/s--abcd1234--//w_1//h_2/v3/a.jpg')).toEqual(['w_1/h_2/a.jpg', 'w_1/h_2/v1/a.jpg']);
    expect(signed('/images/s--abcd1234--/w_1/sample/red-car.png')).toEqual(['w_1/sample.png']);
    expect(parseTarget('/w_1/a.jpg', options).signature).toBeUndefined();
  });

  it('cover v1/ where the id alone would read as something else', () => {
    const presets = { shirts: 'w_9' };
    const signed = (target: string, configured = { ...options, presets }) =>
      parseTarget(target, configured).signature?.signed;
    const expiring = 's--abcd1234--/x-99';
    for (const [before, id] of [
      ['', 't_shirts/a.jpg'],
      ['', 'w_333/h_111/a.jpg'],
      ['', 'v7/a.jpg'],
      ['', '_/a.jpg'],
      ['', 'x-99/a.jpg'],
      ['', '_ipx/w_9/a.jpg'],
      ['', 'cdn-cgi/image/width=9/a.jpg'],
      ['w_1/', 'h_111/a.jpg'],
      ['w_1/', 'v7/a.jpg'],
    ]) {
      const text = `${before}v1/${id}`;
      for (const prefix of ['/', '/image/upload/', '/iu/', '/image/private/']) {
        const texts = signed(`${prefix}s--abcd1234--/${before}v9/${id}`) ?? [];
        // With `=` escaped, too, as the official clients do.
        expect(texts.map((one) => one.replace('%3D', '='))).toEqual(texts.map(() => text));
        expect(texts[0]).toBe(text);
        expect(signed(`${prefix}${expiring}/${before}v1/${id}`)).toContain(`x-99/${text}`);
      }
      // Without `v1/` the text is of what it says, and of nothing else.
      expect(signed(`/s--abcd1234--/${before}${id}`)).not.toContain(text);
    }
    expect(signed('/s--abcd1234--/_/t_shirts/a.jpg')).toEqual(['v1/t_shirts/a.jpg']);
    const aliases = { '/thumbnail/:key': 'c_fill,w_128,h_128' };
    expect(signed('/s--abcd1234--/v1/thumbnail/a.jpg', { ...options, presets, aliases })).toEqual([
      'v1/thumbnail/a.jpg',
    ]);
    expect(signed('/image/upload/s--abcd1234--/thumbnail/a.jpg', { ...options, presets, aliases })).toEqual([]);
  });

  it('serve for one request only, whatever its folders are called', () => {
    const segment = fc.constantFrom(
      'w_1',
      't_x',
      'v3',
      '_',
      'x-9',
      '_ipx',
      'image',
      'upload',
      'a',
      's--abcd1234--',
      '-',
    );
    const path = fc.array(segment, { minLength: 0, maxLength: 5 }).map((segments) => [...segments, 'p.jpg'].join('/'));
    const prefix = fc.constantFrom('/', '/image/upload/');
    const read = (target: string) => {
      try {
        const { signature, id, transformationText } = parseTarget(target, options);
        return {
          texts: signature?.signed ?? [],
          meaning: JSON.stringify([signature?.expires, transformationText, id]),
        };
      } catch (error) {
        if (isFailure(error, 'invalid')) return { texts: [], meaning: '' };
        throw error;
      }
    };
    fc.assert(
      fc.property(path, path, prefix, prefix, (one, other, here, there) => {
        const [a, b] = [read(`${here}s--abcd1234--/${one}`), read(`${there}s--abcd1234--/${other}`)];
        if (a.texts.some((text) => b.texts.includes(text))) expect(b.meaning).toBe(a.meaning);
        // The same text, found again in the path of another request.
        for (const text of a.texts) {
          const same = read(`${there}s--abcd1234--/${text}`);
          if (same.texts.includes(text)) expect(same.meaning).toBe(a.meaning);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it.each(['s--abc--', 's--abcd12345--', 's--abcd1234-', 's--abcd%234--', 's--ab/d1234--'])(
    '%s is refused',
    (segment) => {
      expect(refusal(`/${segment}/a.jpg`)).toContain('Invalid signature "s--');
    },
  );
});

describe('finding the original', () => {
  const keys = (target: string) => originalCandidates(parseTarget(target, options), options).map(({ key }) => key);

  it('tries the exact id, then the id without the extension of an output format, then other extensions', () => {
    expect(keys('/w_1/folder.jpg/sample.PNG')).toEqual([
      'folder.jpg/sample.PNG',
      'folder.jpg/sample',
      'folder.jpg/sample.jpg',
      'folder.jpg/sample.jpeg',
      'folder.jpg/sample.png',
      'folder.jpg/sample.webp',
      'folder.jpg/sample.avif',
      'folder.jpg/sample.gif',
    ]);
    expect(keys('/pg_2/doc.pdf.png').slice(0, 2)).toEqual(['doc.pdf.png', 'doc.pdf']);
    expect(keys('/w_1/sample.jpg')).toEqual([
      'sample.jpg',
      'sample',
      'sample.jpeg',
      'sample.png',
      'sample.webp',
      'sample.avif',
      'sample.gif',
    ]);
  });

  it('tries the configured extensions where there is none', () => {
    const listed = { ...options, extensions: ['jpg', 'png'] };
    const found = originalCandidates(parseTarget('/w_1/folder/sample', listed), listed);
    expect(found.map(({ key }) => key)).toEqual(['folder/sample', 'folder/sample.jpg', 'folder/sample.png']);
    expect(found.every(({ transform }) => transform?.format === undefined)).toBe(true);
  });

  it('gives the untouched original under its own name, and a conversion under the shorter one', () => {
    const [exact, stem] = originalCandidates(parseTarget('/sample.jpg', options), options);
    expect(exact).toEqual({ key: 'sample.jpg', transform: undefined });
    expect(stem).toEqual({ key: 'sample', transform: { steps: [], format: 'jpeg', flags: [], delivery: {} } });
  });

  it('takes the format from f_, then the extension, then the original', () => {
    const format = (target: string) => parseTarget(target, options).transform?.format;
    expect(format('/w_1,f_webp/a.jpg')).toBe('webp');
    expect(format('/w_1,f_auto/a.jpg')).toBe('auto');
    expect(format('/w_1/a.JPG')).toBe('jpeg');
    expect(format('/w_1/a.tiff')).toBeUndefined();
    expect(format('/w_1/a')).toBeUndefined();
  });
});

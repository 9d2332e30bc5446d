import { describe, expect, it } from 'vitest';
import {
  defaultGrammarOptions,
  type GrammarOptions,
  keysMeant,
  parseAsKey,
  parseTarget,
} from '../../../src/grammar/index.ts';
import { itReads, itRefuses } from '../../support/dialects.ts';

const options: GrammarOptions = {
  ...defaultGrammarOptions,
  dialects: ['ipx', 'cloudflare', 'next', 'vercel', 'query'],
  sources: {
    'https://old.example/': 'old/',
    'https://old.example/media/': '',
    'http://127.0.0.1:81/': 'plain/',
    's3://bucket/': 'b/',
  },
  fetchHosts: ['elsewhere.example'],
};
const asked = (url: string) => `/_vercel/image?w=9&url=${encodeURIComponent(url)}`;
const canonical = 'c_limit,w_9/f_auto:basic';

describe('a source', () => {
  itReads(
    [
      [asked('https://old.example/a/b.jpg'), 'old/a/b.jpg', canonical],
      [asked('https://OLD.example/a.jpg'), 'old/a.jpg', canonical],
      [asked('https:/old.example/a.jpg'), 'old/a.jpg', canonical],
      [asked('https://old.example/media/a%20b.jpg?v=2#x'), 'a b.jpg', canonical],
      [asked('https://old.example/media/50%.jpg'), '50%.jpg', canonical],
      [asked('http://127.0.0.1:81/a.jpg'), 'plain/a.jpg', canonical],
      ['/cdn-cgi/image/w=9,f=auto/https://old.example/a%20b.jpg', 'old/a b.jpg', canonical],
      ['/_ipx/w_9,f_auto/https%3A%2F%2Fold.example%2Fa.jpg', 'old/a.jpg', canonical],
      ['/image/fetch/c_limit,w_9,f_auto/https://old.example/a%20b.jpg', 'old/a b.jpg', canonical],
      ['/image/fetch/c_limit,w_9,f_auto/https%3A%2F%2Fold.example%2Fmedia%2Fa.jpg%3Fv%3D2', 'a.jpg', canonical],
      [asked('https://elsewhere.example/a.jpg'), '.fovea-fetch/https/elsewhere.example/a.jpg', canonical],
    ],
    options,
  );
  itRefuses(
    [
      [asked('https://old.example/../a.jpg'), 'dot segments'],
      [asked('https://old.example/%2e%2e/a.jpg'), 'dot segments'],
      [asked('https://old.example/media/%2e%2e%2fa.jpg'), 'dot segments'],
      [asked('https://old.example/.fovea-staging/a.jpg'), 'reserved'],
      [asked('https://old.example//a.jpg'), 'empty segment'],
      ['/image/fetch/w_9/https://old.example/.fovea-staging/a.jpg', 'reserved'],
      [asked('https://old.example.evil.example/a.jpg'), 'fetchHosts'],
      [asked('https://user@old.example/a.jpg'), 'no URL of a picture'],
    ],
    options,
  );
});

describe('the whole path as a key', () => {
  const keyOf = (target: string) => parseAsKey(target, options)?.id;

  it.each([
    ['/images/project/production/a.jpg', 'images/project/production/a.jpg'],
    ['/image/st%C3%B6ked.png?w=100', 'image/stöked.png'],
    ['/video/poster.jpg', 'video/poster.jpg'],
    ['/raw/a.jpg', 'raw/a.jpg'],
    ['/v3/a.jpg', 'v3/a.jpg'],
    ['/iu/a.jpg', 'iu/a.jpg'],
    ['/image/upload/w_9/a.jpg', 'image/upload/w_9/a.jpg'],
  ])('may be meant by %s', (target, key) => {
    expect(keyOf(target)).toBe(key);
    expect(keysMeant(target, options)).toContain(key);
  });

  it.each([
    '/a.jpg',
    '/w_9/a.jpg',
    '/-/health',
    '/images/../a.jpg',
    '/images/a%2Fb.jpg',
    '/images//a.jpg',
    '/image/upload/s--aaaaaaaa--/a.jpg',
    '/s--aaaaaaaa--/images/a/b.jpg',
  ])('is not meant by %s', (target) => {
    expect(keyOf(target)).toBeUndefined();
  });

  it('has the query of a dialect, as any key has', () => {
    expect(parseAsKey('/images/p/a.jpg?w=80', options)?.transformationText).toBe('w_80');
    expect(() => parseAsKey('/images/p/a.jpg?rect=1,2,3,4', options)).toThrow('The option rect');
  });

  it('is not meant where a dialect knows the path: what it refuses is not answered with the original', () => {
    const sanity: GrammarOptions = { ...options, dialects: ['sanity'] };
    const key = 'images/p/d/a-300x200.jpg';
    for (const query of ['w=80', 'w=80&blend=f00', 'w=many']) {
      expect(parseAsKey(`/${key}?${query}`, sanity), query).toBeUndefined();
      expect(parseAsKey(`/${key}?${query}`, { ...options, dialects: [] })?.id, query).toBe(key);
    }
    expect(parseAsKey('/images/p/d/a.jpg', sanity)?.id).toBe('images/p/d/a.jpg');
  });

  it('is not what the target is read as first', () => {
    expect(parseTarget('/images/project/a.jpg', options).id).toBe('project.jpg');
    expect(() => parseTarget('/image/a.jpg', options)).toThrow('After /image/ comes upload');
  });
});

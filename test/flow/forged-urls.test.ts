import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isFailure } from '../../src/failure.ts';
import { type DialectName, defaultGrammarOptions, parseTarget } from '../../src/grammar/index.ts';
import { type DialectSecret, verifyInDialect } from '../../src/signing.ts';

const secrets: Readonly<Partial<Record<DialectName, DialectSecret>>> = {
  imgproxy: { key: '736563726574', salt: '68656c6c6f' },
  thumbor: { key: 'k' },
  imagor: { key: 'k', hash: 'sha256', truncate: 40 },
  dit: { key: 'k' },
  imgix: { key: 'k' },
  imagekit: { key: 'k' },
};

const hmac = (hash: string, text: string, encoding: 'hex' | 'base64url') =>
  createHmac(hash, 'k').update(text).digest(encoding);

/** With one more option in the query. */
const withOption = (target: string, option: string) => `${target}${target.includes('?') ? '&' : '?'}${option}`;
const dit = (target: string) => withOption(target, `signature=${hmac('sha256', target, 'hex')}`);
const imgix = (target: string) => withOption(target, `s=${createHash('md5').update(`k${target}`).digest('hex')}`);
const imagekit = (target: string, end: string) =>
  withOption(target, `ik-t=${end}&ik-s=${hmac('sha1', target.slice(1) + end, 'hex')}`);
const imgproxy = (path: string) =>
  `/${createHmac('sha256', 'secret').update('hello').update(path).digest('base64url')}${path}`;
const words = '300x200/filters:fill(red)/old.example/a.jpg';

/** Rightly signed, of each dialect that signs. */
const signed: readonly (readonly [dialect: DialectName, target: string])[] = [
  ['imgproxy', imgproxy('/rs:fill:300:400/g:sm/plain/local:///a/b.jpg@png')],
  ['thumbor', `/${hmac('sha1', words, 'base64url')}=/${words}`],
  ['imagor', `/${hmac('sha256', words, 'base64url').slice(0, 40)}/${words}`],
  ['dit', dit('/300x200/filters:blur(2)/a.jpg')],
  ['dit', dit('/a.jpg?flip=1&height=100&width=200')],
  ['dit', dit('/a.jpg?a=1&expires=20301231T000000Z&width=200')],
  ['imgix', imgix('/a/b.jpg?w=300&expires=1999999999')],
  ['imagekit', imagekit('/tr:w-300/a/b.jpg', '1999999999')],
  ['imagekit', imagekit('/a/b.jpg?tr=w-300&x=1', '1999999999')],
];

/** What somebody makes of a URL who wants another picture, or more time: each character otherwise, and options moved and swallowed. */
function alterations(target: string): readonly string[] {
  const altered: string[] = [];
  for (let at = 1; at < target.length; at += 1) {
    const [left, character, right] = [target.slice(0, at), target.charAt(at), target.slice(at + 1)];
    const code = character.charCodeAt(0).toString(16);
    const other = character === '1' ? '2' : '1';
    for (const instead of ['', other, `%${code}`, `%25${code}`, character.toUpperCase(), character.toLowerCase()]) {
      altered.push(left + instead + right);
    }
  }
  const [path = '', query = ''] = target.split('?');
  const options = query.split('&');
  for (const [first, option] of options.entries()) {
    const rest = options.filter((_, index) => index !== first);
    altered.push(
      `${path}?${rest.join('&')}`,
      `${path}?${[...rest, option].join('&')}`,
      `${path}?${[option, ...rest].join('&')}`,
    );
    for (const swallowed of rest) {
      const left = rest.filter((one) => one !== swallowed);
      for (const mark of ['%26', '%2526', '&amp;', ';']) {
        altered.push(`${path}?${[`${option}${mark}${swallowed.replace('=', '%3D')}`, ...left].join('&')}`);
        altered.push(`${path}?${[`${option}${mark}${swallowed}`, ...left].join('&')}`);
      }
    }
    for (const more of [
      'w=1',
      'width=1',
      'tr=w-1',
      'ik-t=9999999999',
      'expires=99991231T000000Z',
      's=',
      'signature=',
    ]) {
      altered.push(`${path}?${[more, ...options].join('&')}`, `${path}?${[...options, more].join('&')}`);
    }
  }
  return altered.filter((one) => one !== target);
}

/** What a target asks for, where its signature is right; undefined for any other. */
function provenMeaning(dialect: DialectName, target: string): string | undefined {
  const sources = { 'https://old.example/': 'old/', 'local:///': 'l/' };
  try {
    const request = parseTarget(target, { ...defaultGrammarOptions, dialects: [dialect], sources });
    const proof = request.dialect?.proof;
    const secret = secrets[dialect];
    if (proof === undefined || secret === undefined || !verifyInDialect(dialect, proof, [secret])) return undefined;
    return [request.id, request.transformationText, request.dialect?.expires, request.dialect?.filename].join(' ');
  } catch (error) {
    if (isFailure(error, 'invalid')) return undefined;
    throw error;
  }
}

describe('a URL that is signed in the way of a dialect', () => {
  it.each(signed)(
    '%s takes %s for what it says, and nothing that is made of it for anything else',
    (dialect, target) => {
      const meaning = provenMeaning(dialect, target);
      expect(meaning).toBeDefined();
      const forged = alterations(target).filter((one) => {
        const other = provenMeaning(dialect, one);
        return other !== undefined && other !== meaning;
      });
      expect(forged).toEqual([]);
    },
  );

  // MD5 with the secret in front lets whoever has one signature lengthen its text, with bytes that no URL has.
  it('imgix signs nothing that holds what MD5 pads with', () => {
    const target = '/a.jpg?w=300&x=\u0080\u0000\u0000&h=200';
    expect(provenMeaning('imgix', imgix(target))).toBeUndefined();
    expect(provenMeaning('imgix', imgix('/a.jpg?w=300&h=200'))).toBeDefined();
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareKeys, isKey } from '../../src/storage/keys.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 12 });

test('keys are ordered by their UTF-8 bytes', () => {
  fc.assert(
    fc.property(anyText, anyText, (left, right) => {
      const bytes = Buffer.compare(Buffer.from(left), Buffer.from(right));
      expect(Math.sign(compareKeys(left, right))).toBe(bytes);
    }),
    { numRuns: 2000 },
  );
});

test('whatever is a key has no empty, "." or ".." segment and no control character', () => {
  const pieces = fc.constantFrom('/', '.', '..', 'a', 'é', '%2e', '\\', '\0', '\n', '🦊', '\ud800', ' ');
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
      const text = parts.join('');
      const isFine =
        text !== '' &&
        text.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..') &&
        !/[\0\n]/.test(text) &&
        Buffer.from(text).toString() === text;
      expect(isKey(text)).toBe(isFine);
    }),
    { numRuns: 2000 },
  );
});

test('a key has at most 1,024 bytes', () => {
  expect(isKey('x'.repeat(1024))).toBe(true);
  expect(isKey('é'.repeat(512))).toBe(true);
  expect(isKey(`${'é'.repeat(512)}x`)).toBe(false);
});

import { Failure } from '../failure.ts';

/** S3's limit on a key, prefix included, in UTF-8 bytes. */
export const maxKeyBytes = 1024;

// Control characters and the two non-characters cannot be written in the XML of S3's DeleteObjects.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const unwritable = /[\u0000-\u001f\u007f\ufffe\uffff]/;

/** True for a key that every store agrees on: `/`-separated segments, none of them empty, `.` or `..`. */
export function isKey(key: string): boolean {
  return problemOf(key) === undefined;
}

/** Throws `invalid` for what is no key. */
export function checkKey(key: string): void {
  const problem = problemOf(key);
  if (problem !== undefined) throw new Failure('invalid', `The key is not valid: ${problem}.`);
}

/** True for a segment between two slashes that a key may have. */
export function isSegment(segment: string): boolean {
  return segment !== '' && segment !== '.' && segment !== '..';
}

/** Orders keys by their UTF-8 bytes, as S3 lists them, without encoding them: a walk of a folder compares a lot. */
export function compareKeys(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const difference = byteRank(left.charCodeAt(index)) - byteRank(right.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** UTF-16 order is UTF-8 order but for surrogates, which stand for code points past U+FFFF. */
function byteRank(codeUnit: number): number {
  return codeUnit >= 0xd800 && codeUnit <= 0xdfff ? codeUnit + 0x10000 : codeUnit;
}

function problemOf(key: string): string | undefined {
  const bytes = Buffer.byteLength(key);
  if (bytes === 0) return 'it is empty';
  if (bytes > maxKeyBytes) return `expected at most ${maxKeyBytes} bytes, got ${bytes}`;
  if (unwritable.test(key)) return 'it has a control character';
  if (/\p{Surrogate}/u.test(key)) return 'it is not well-formed Unicode';
  if (!key.split('/').every(isSegment)) return 'expected no segment to be empty, "." or ".."';
  return undefined;
}

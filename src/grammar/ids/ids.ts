import { Failure } from '../../failure.ts';

/** The longest id taken, in characters. */
const maxIdLength = 255;

/** Separates an original's key from its variants in the store; no original may imitate it. */
const reservedSegment = '.fovea';
/** What we keep beside originals begins so (uploads that are not checked yet, a folder store's own files). */
export const reservedBeginning = '.fovea-';

/** Where uploads lie in the originals store until they are checked; no id can name anything below it. */
export const stagingPrefix = `${reservedBeginning}staging/`;

/** Decodes one percent-encoded piece of text, once; bad escapes and invalid UTF-8 are refused. */
export function decodeOnce(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch (cause) {
    throw new Failure('invalid', `"${shorten(raw)}" is not valid percent-encoded UTF-8; write a literal % as %25.`, {
      cause,
    });
  }
}

/** The id its raw segments spell: decoded once, each segment checked, so that it can only name a key below the store's root. */
export function decodeId(rawSegments: readonly string[]): string {
  const segments = rawSegments.map(decodeOnce);
  checkSegments(segments);
  return segments.join('/');
}

/**
 * The same where slashes may be escaped (`folder%2Fkey.jpg`): every rule of an id is held by what it says once decoded. Only for the
 * long form, where nothing else can follow a transformation.
 */
export function decodeLooseId(rawSegments: readonly string[]): string {
  const id = rawSegments.map(decodeOnce).join('/');
  checkId(id);
  return id;
}

/** Throws `invalid` for what no URL could name: the rules of an id, for a key that is not taken from a URL. */
export function checkId(id: string): void {
  checkSegments(id.split('/'));
}

function checkSegments(segments: readonly string[]): void {
  for (const segment of segments) checkSegment(segment);
  const id = segments.join('/');
  const length = Array.from(id).length;
  if (length > maxIdLength) {
    throw new Failure('invalid', `public_id is too long: at most ${maxIdLength} characters, got ${length}.`);
  }
}

function checkSegment(segment: string): void {
  if (segment === '') {
    throw new Failure('invalid', 'The id has an empty segment: write single slashes, and none at the end.');
  }
  if (segment === '.' || segment === '..') {
    throw new Failure('invalid', `The id has a segment "${segment}"; dot segments are not allowed.`);
  }
  if (segment === reservedSegment || segment.startsWith(reservedBeginning)) {
    throw new Failure('invalid', `The id segment "${shorten(segment)}" is reserved.`);
  }
  // What tools and editors leave in a folder (.env, .git, .htpasswd) begins so, and is nobody's picture.
  if (segment.startsWith('.')) {
    throw new Failure(
      'invalid',
      `The id segment "${shorten(segment)}" begins with a dot, as no picture's name does here.`,
    );
  }
  if (segment.includes('/')) {
    throw new Failure('invalid', 'The id has an encoded slash (%2F); write slashes of the id plainly.');
  }
  if (segment.includes('\\')) throw new Failure('invalid', 'The id has a backslash; write / between folders.');
  if (hasControlCharacter(segment)) throw new Failure('invalid', 'The id has a control character.');
}

/** True when the text holds C0, DEL or C1 controls, which no name or header should. */
export function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true;
  }
  return false;
}

/** A piece of the request, short and plain enough to repeat in a message and in a header. */
export function shorten(text: string): string {
  const short = text.length <= 64 ? text : `${text.slice(0, 61)}...`;
  return short.replace(/[^\x20-\x7e]/g, '?');
}

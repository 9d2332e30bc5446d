import { Failure } from '../../failure.ts';

/** The metadata of an original that says in words what it shows, for who does not see it. */
const name = 'alt';

/** In UTF-16, as the lengths of texts are counted on pages: screen readers stop far before. */
const maxLength = 500;
/** Of UTF-8: in base64 it has to fit into S3's 2 kB of metadata, beside what else is said. */
const maxBytes = 1000;

/** The alternative text that an original's metadata name; undefined where they name none. */
export function altIn(metadata: Readonly<Record<string, string>>): string | undefined {
  const said = metadata[name];
  if (said === undefined) return undefined;
  const text = spoken(shortened(spoken(decoded(said))));
  return text === '' ? undefined : text;
}

/** As much of a text as is stored of one: whoever wrote it elsewhere knew no such limit. */
function shortened(text: string): string {
  const whole = text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '');
  const bytes = Buffer.from(whole).subarray(0, maxBytes);
  // Of a character that is cut in two a stream waits for the rest, which never comes.
  return new TextDecoder().decode(bytes, { stream: true });
}

/**
 * Metadata that say it, for whoever stores an original. What is not ASCII is written as S3 itself would (RFC 2047). Failures:
 * `invalid` for a text that is empty or too long.
 */
export function altMetadata(text: string): Readonly<Record<string, string>> {
  const alt = spoken(text);
  if (alt === '')
    throw new Failure('invalid', 'An alternative text has words; to take one back has a form of its own.');
  if (alt.length > maxLength || Buffer.byteLength(alt) > maxBytes) {
    throw new Failure('invalid', `An alternative text has at most ${maxLength} characters and ${maxBytes} bytes.`);
  }
  const isPlain = /^[\x20-\x7e]+$/.test(alt) && !alt.includes('=?');
  return { [name]: isPlain ? alt : `=?UTF-8?B?${Buffer.from(alt).toString('base64')}?=` };
}

/** Metadata without what they say in words. */
export function withoutAlt(metadata: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => key !== name));
}

/** One line of text: what is no character of it would be read out, or lead other readers astray. */
function spoken(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
}

/** As consoles and SDKs of S3 write what is not ASCII: encoded words, with nothing but blanks between two of them (RFC 2047 §6.2). */
function decoded(text: string): string {
  return text
    .replace(/(\?=)\s+(?==\?)/g, '$1')
    .replace(/=\?utf-8\?(?:b\?([\w+/=]*)|q\?([^\s?]*))\?=/gi, (_, base64: string | undefined, quoted = '') =>
      base64 === undefined ? unquoted(quoted) : Buffer.from(base64, 'base64').toString('utf8'),
    );
}

function unquoted(quoted: string): string {
  const bytes = quoted
    .replaceAll('_', ' ')
    .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

import { createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Cloudinary's URL signatures: a plain digest of the signed text with the secret appended, base64 with `/` as `_` and
 * `+` as `-`, cut to 8 characters (SHA-1 or SHA-256) or 32 (SHA-256). Checked against the official SDKs' own strings.
 */
const schemes = {
  sha1: { hash: 'sha1', length: 8 },
  sha256: { hash: 'sha256', length: 8 },
  'sha256-long': { hash: 'sha256', length: 32 },
} as const;

/** What a URL without a signature may ask for. */
export type UnsignedPolicy = 'any' | 'ladder' | 'presets' | 'none';

export type SignatureScheme = keyof typeof schemes;
const schemeNames = Object.keys(schemes) as SignatureScheme[];

/** The value between `s--` and `--` for a text `<transformation>/<id as in the URL>`. */
export function sign(text: string, secret: string, scheme: SignatureScheme): string {
  const { hash, length } = schemes[scheme];
  const digest = createHash(hash)
    .update(text + secret)
    .digest('base64');
  return digest.replaceAll('/', '_').replaceAll('+', '-').slice(0, length);
}

function equal(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

export interface VerifyOptions {
  readonly texts: readonly string[];
  readonly secrets: readonly string[];
  /** A shorter signature is refused, whatever it signs. */
  readonly minLength?: 8 | 32;
}

/**
 * True when `value` signs one of `texts` under one of `secrets`, and is at least `minLength` characters long. Every
 * combination is tried: the time tells nothing.
 */
export function verify(value: string, { texts, secrets, minLength = 8 }: VerifyOptions): boolean {
  if (value.length < minLength) return false;
  let valid = false;
  for (const secret of secrets) {
    for (const text of texts) {
      for (const scheme of schemeNames) {
        if (equal(value, sign(text, secret, scheme))) valid = true;
      }
    }
  }
  return valid;
}

/** What another program signs its URLs with. */
export interface DialectSecret {
  readonly key: string;
  readonly salt?: string | undefined;
  /** Bytes of a signature that is cut short. */
  readonly signatureSize?: number | undefined;
  readonly hash?: 'sha1' | 'sha256' | 'sha512' | undefined;
  /** Characters of a signature that is cut short. */
  readonly truncate?: number | undefined;
}

/** By the dialect's name; of each the newest first. All verify. */
export type DialectSecrets = Readonly<Partial<Record<string, readonly DialectSecret[]>>>;

/** How other programs sign, by their dialect: the signature that a text has to have. */
const dialectSchemes: Readonly<Record<string, (text: string, secret: DialectSecret) => string>> = {
  // Key and salt are bytes in hexadecimal; checked against the examples of its documentation.
  imgproxy: (text, { key, salt = '', signatureSize = 32 }) =>
    createHmac('sha256', Buffer.from(key, 'hex'))
      .update(Buffer.from(salt, 'hex'))
      .update(text)
      .digest()
      .subarray(0, signatureSize)
      .toString('base64url'),
  // Of all that follows it in the path; checked against the examples of its documentation and tests.
  thumbor: (text, { key }) => createHmac('sha1', key).update(text).digest('base64url'),
  dit: (text, { key }) => createHmac('sha256', key).update(text).digest('hex'),
  imagor: (text, { key, hash = 'sha1', truncate }) =>
    createHmac(hash, key).update(text).digest('base64url').slice(0, truncate),
  // Both checked against the strings of their own libraries' tests.
  imagekit: (text, { key }) => createHmac('sha1', key).update(text).digest('hex'),
  imgix: (text, { key }) =>
    createHash('md5')
      .update(key + text)
      .digest('hex'),
};

/** True when `value` signs the text in the dialect's way under one of the secrets, each of which is tried. */
export function verifyInDialect(
  dialect: string,
  { value, text }: { readonly value: string; readonly text: string },
  secrets: readonly DialectSecret[],
): boolean {
  const scheme = Object.hasOwn(dialectSchemes, dialect) ? dialectSchemes[dialect] : undefined;
  const given = withoutPadding(value);
  let valid = false;
  for (const secret of scheme === undefined ? [] : secrets) {
    if (equal(given, withoutPadding(scheme?.(text, secret) ?? ''))) valid = true;
  }
  return valid;
}

function withoutPadding(base64: string): string {
  return base64.replace(/={1,2}$/, '');
}

/**
 * What was encrypted by AES-CBC under one of the keys, in URL-safe base64 behind its initialization vector, as imgproxy has it;
 * undefined for what was not. It proves nothing of who encrypted it.
 */
export function openSealed(sealed: string, keys: readonly string[]): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  for (const key of keys) {
    try {
      const cipher = createDecipheriv(`aes-${key.length * 4}-cbc`, Buffer.from(key, 'hex'), bytes.subarray(0, 16));
      return Buffer.concat([cipher.update(bytes.subarray(16)), cipher.final()]).toString('utf8');
    } catch {
      // Of another key, or no such text.
    }
  }
  return undefined;
}

/** Constant-time comparison of two secrets of any length. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

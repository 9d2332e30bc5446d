import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** Digits only: what else JavaScript takes for a number (blanks, `1e3`, `0x10`) is a slip of the pen here. */
export function integer(minimum: number, maximum: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.number().min(minimum, `expected at least ${minimum}`).max(maximum, `expected at most ${maximum}`));
}

export const megabyte = 1024 * 1024;

/** A number of megabytes, as bytes. */
export function bytesFromMegabytes(minimum: number, maximum: number) {
  return integer(minimum, maximum).transform((count) => count * megabyte);
}

/** A number of megapixels, as pixels. */
export function pixelsFromMegapixels(minimum: number, maximum: number) {
  return integer(minimum, maximum).transform((count) => count * 1_000_000);
}

/** A number of seconds, as milliseconds. */
export function msFromSeconds(minimum: number, maximum: number) {
  return integer(minimum, maximum).transform((count) => count * 1000);
}

/** Signatures are digests that anybody may try secrets on, as fast as machines are: 32 random bytes have no chance. */
const minSecretBytes = 32;

/** A few characters over and over (`changemechangeme`, `aaaaaaaa…`): long to look at, and the first that is guessed. */
function isRepetition(secret: string): boolean {
  const isEvery = (period: number) => [...secret].every((sign, at, signs) => sign === signs[at % period]);
  return [1, 2, 3, 4, 5, 6, 7, 8].some(isEvery);
}

/** Says which of several is too short or repeats itself, and never what it is. */
function checkSecrets(secrets: readonly string[], context: z.RefinementCtx): void {
  for (const [index, secret] of secrets.entries()) {
    const bytes = Buffer.byteLength(secret);
    if (bytes >= minSecretBytes && !isRepetition(secret)) continue;
    const came = bytes < minSecretBytes ? `has ${bytes}` : 'is a few characters over and over';
    context.addIssue({
      code: 'custom',
      message: `expected at least ${minSecretBytes} bytes, but number ${index + 1} of ${secrets.length} ${came}; fovea sign --new-secret prints one`,
    });
  }
}

/** Parted at commas; an empty one is none. */
export const signingSecrets = z
  .string()
  .transform((list): readonly string[] => list.split(',').filter((secret) => secret !== ''))
  .superRefine(checkSecrets);

export const adminToken = z
  .string()
  .min(16, 'expected at least 16 characters')
  .refine(
    (token) => !isRepetition(token),
    'a few characters over and over are soon guessed; fovea sign --new-secret prints better ones',
  );

/**
 * Whoever calls us as a function (`lambda`), an address, or a range. Four numbers for IPv4; what only some programs read as an
 * address (`10/8`, `0x7f.1`) is a slip of the pen here.
 */
function isNetwork(text: string): boolean {
  if (text === 'lambda') return true;
  const [address = '', ...bits] = text.split('/');
  const isAddress = ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address);
  return isAddress && !address.includes('%') && (bits.length === 0 || ipaddr.isValidCIDR(text));
}

function checkNetworks(networks: readonly string[], context: z.RefinementCtx): void {
  const complain = (message: string) => context.addIssue({ code: 'custom', message });
  if (!networks.every(isNetwork)) complain('expected addresses and CIDR ranges, as in 10.0.0.0/8,::1');
  else if (networks.some((network) => network.endsWith('/0')))
    complain('expected no range of everybody: they could say that they are another');
  else if (networks.some((network) => /^::ffff:/i.test(network))) complain('expected IPv4 ranges as four numbers');
}

/** Parted at commas. */
export const networks = z
  .string()
  .transform((list): readonly string[] => list.split(',').map((network) => network.trim()))
  .superRefine(checkNetworks);

const location = 'file:.+|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?';
export const storeLocation = z.string().regex(new RegExp(`^(${location})$`), {
  error: ({ input }) => expectedStore('file:DIR or s3://bucket/prefix', input),
});
export const storeLocationOrNone = z.string().regex(new RegExp(`^(none|${location})$`), {
  error: ({ input }) => expectedStore('file:DIR, s3://bucket/prefix or none', input),
});

/** A path alone is what most write first. */
function expectedStore(forms: string, input: unknown): string {
  const isPath = typeof input === 'string' && /^(?:\.{0,2}\/|\.{1,2}$)/.test(input);
  return `expected ${forms}${isPath ? `, as in file:${input}` : ''}`;
}

export const httpUrl = z.url({ protocol: /^https?$/, error: 'expected an http(s) URL' });

export const cdn = z.string().regex(/^(none|cloudfront:[A-Z0-9]+|cloudflare:[a-f0-9]+|varnish:https?:\/\/.+)$/, {
  error:
    'expected none, cloudfront:ID (capitals and digits), cloudflare:ZONE (its id: digits and a to f) or varnish:URL',
});

/** What a URL without a signature may ask for. */
export const unsigned = z.enum(['any', 'ladder', 'presets', 'none'], {
  error: 'expected any, ladder, presets or none',
});

/** What AWS and others call theirs. */
export const region = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected a region, as in eu-central-1');

/** Classes that S3 gives nothing of before hours have passed. */
const slowClasses: ReadonlySet<string> = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/** AWS's, or one that another store calls its own. */
export const storageClass = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/, 'expected a storage class, as in INTELLIGENT_TIERING')
  .refine((name) => !slowClasses.has(name.toUpperCase()), 'expected a class that is read at once, as GLACIER_IR is');

/** `kms:` and a key as KMS takes it: id, alias or ARN. */
export const s3Encryption = z
  .string()
  .regex(/^(?:s3|kms(?::[A-Za-z0-9:/_+=,.@-]{1,2048})?)$/, 'expected s3, kms or kms:KEY')
  .transform((text): S3Encryption => {
    if (text === 's3') return { by: 's3' };
    return text === 'kms' ? { by: 'kms' } : { by: 'kms', key: text.slice('kms:'.length) };
  });

/** What a bucket encrypts objects with. */
export interface S3Encryption {
  readonly by: 's3' | 'kms';
  /** Of KMS; the account's own for S3 when absent. */
  readonly key?: string;
}

/** `proxy:3128` is http, as other programs take it. */
export const proxyUrl = z
  .string()
  .transform((text) => (text.includes('://') ? text : `http://${text}`))
  .pipe(z.url({ protocol: /^https?$/, error: 'expected the http(s) URL of a proxy' }));

/** Parted at commas or blanks. */
export const noProxy = z
  .string()
  .transform((list): readonly string[] => list.split(/[,\s]+/).filter((entry) => entry !== ''));

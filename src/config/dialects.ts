import { z } from 'zod';
import { type DialectName, defaultGrammarOptions, dialectNames, type GrammarOptions } from '../grammar/index.ts';

const name = z.enum(dialectNames);

/** Names of dialects; one that is read only below a prefix says so. */
export const dialectList = z
  .array(
    z.union(
      [
        name,
        z.strictObject({
          name,
          prefix: z.string().regex(/^[\w.-]+(?:\/[\w.-]+)*\/$/, 'expected folders up to a slash, as in thumbor/'),
        }),
      ],
      { error: `expected one of ${dialectNames.join(', ')}, or {"name": …, "prefix": "folder/"}` },
    ),
  )
  .max(100)
  .default([]);

/** Beginnings of sources, and of the keys they stand for. */
export const sourceMap = z
  .record(
    z
      .string()
      .regex(
        /^[a-z][a-z0-9+.-]*:\/\/[^?#]*\/$/i,
        'a source begins as https://host/, s3://bucket/ or local:/// and ends in a slash',
      ),
    z.string().regex(/^(?:[^/].*\/)?$/, 'expected the beginning of keys up to a slash, as in old/, or ""'),
  )
  .refine((sources) => Object.keys(sources).length <= 1000, 'expected at most 1000 sources')
  .transform((sources) => Object.fromEntries(Object.entries(sources).map(([from, to]) => [withPlainHost(from), to])))
  .default({});

function withPlainHost(source: string): string {
  return source.replace(/^[^/]*\/\/[^/]*/, (origin) => origin.toLowerCase());
}

const hex = z.string().regex(/^(?:[0-9a-f]{2})+$/i, 'expected bytes in hexadecimal');
const text = z.string().min(1);

/** One secret, or several of which the newest comes first; each is taken at the length it has. */
function oneOrMore<Secret extends z.ZodType>(secret: Secret) {
  return z
    .union([secret, z.array(secret).min(1).max(20)])
    .transform((given) => (Array.isArray(given) ? given : [given]));
}

/** Secrets of other programs, by their dialect; Cloudinary's is our own. */
const secrets = z.strictObject({
  cloudinary: oneOrMore(z.strictObject({ key: text })).optional(),
  imgproxy: oneOrMore(
    z.strictObject({ key: hex, salt: hex, signatureSize: z.number().int().min(1).max(32).optional() }),
  ).optional(),
});
export const dialectSecrets = secrets.default({});
export const dialectSecretNames: readonly string[] = Object.keys(secrets.shape);

interface NamedDialects {
  readonly spellings?: readonly DialectName[] | undefined;
  readonly dialects: z.infer<typeof dialectList>;
}

/** Those that are read: the usual ones, or those of `spellings`, and those that `dialects` adds to them; in a fixed order. */
export function dialectsIn({
  spellings = defaultGrammarOptions.dialects,
  dialects,
}: NamedDialects): Pick<GrammarOptions, 'dialects' | 'dialectPrefixes'> {
  const added = dialects.map((one) => (typeof one === 'string' ? { name: one, prefix: undefined } : one));
  const names = new Set([...spellings, ...added.map((one) => one.name)]);
  const prefixed = added.flatMap(({ name: named, prefix }) => (prefix === undefined ? [] : [[named, prefix] as const]));
  return {
    dialects: dialectNames.filter((one) => names.has(one)),
    dialectPrefixes: Object.fromEntries(prefixed),
  };
}

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
          /** For imgproxy: what its own configuration calls so. */
          watermark: z.string().min(1).max(255).optional(),
          argumentsSeparator: z
            .string()
            .regex(/^[^\w/%@.-]$/, 'expected one character, such as ":" or ","')
            .optional(),
          /** At which alone it is read. */
          hosts: z
            .array(z.string().regex(/^(?:\*\.)?[a-z0-9.-]+$/, 'expected a host, as in img.example or *.img.example'))
            .min(1)
            .max(50)
            .optional(),
          prefix: z
            .string()
            .regex(/^[\w.-]+(?:\/[\w.-]+)*\/$/, 'expected folders up to a slash, as in thumbor/')
            .optional(),
        }),
      ],
      { error: `expected one of ${dialectNames.join(', ')}, or {"name": …, "prefix": "folder/", "hosts": [ … ]}` },
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
    .union([secret, z.array(secret).min(1).max(20)], { error: 'expected an object with its parts, or a list of such' })
    .transform((given) => (Array.isArray(given) ? given : [given]));
}

/** Secrets of other programs, by their dialect; Cloudinary's is our own. */
const secrets = z.strictObject({
  cloudinary: oneOrMore(z.strictObject({ key: text })).optional(),
  imagekit: oneOrMore(z.strictObject({ key: text })).optional(),
  imgix: oneOrMore(z.strictObject({ key: text })).optional(),
  imgproxy: oneOrMore(
    z
      .strictObject({
        key: hex.optional(),
        salt: hex.optional(),
        signatureSize: z.number().int().min(1).max(32).optional(),
        /** Decrypts sources. */
        sourceKey: hex
          .refine((key) => [32, 48, 64].includes(key.length), 'expected 16, 24 or 32 bytes in hexadecimal')
          .optional(),
      })
      .refine(({ key, salt }) => (key === undefined) === (salt === undefined), 'key and salt come together')
      .refine(({ key, sourceKey }) => key !== undefined || sourceKey !== undefined, 'expected key and salt'),
  ).optional(),
  thumbor: oneOrMore(z.strictObject({ key: text })).optional(),
  dit: oneOrMore(z.strictObject({ key: text })).optional(),
  imagor: oneOrMore(
    z.strictObject({
      key: text,
      hash: z.enum(['sha1', 'sha256', 'sha512']).optional(),
      truncate: z.number().int().min(9).max(88).optional(),
    }),
  ).optional(),
});
export const dialectSecrets = secrets.default({});

interface NamedDialects {
  readonly spellings?: readonly DialectName[] | undefined;
  readonly dialects: z.infer<typeof dialectList>;
}

type DialectEntry = Exclude<NamedDialects['dialects'][number], string>;

/** Those that are read: the usual ones, or those of `spellings`, and those that `dialects` adds to them; in a fixed order. */
export function dialectsIn({ spellings = defaultGrammarOptions.dialects, dialects }: NamedDialects): Pick<
  GrammarOptions,
  'dialects' | 'dialectPrefixes' | 'dialectHosts'
> & {
  readonly imgproxy: Omit<GrammarOptions['imgproxy'], 'openSource'>;
} {
  const added: readonly DialectEntry[] = dialects.map((one) => (typeof one === 'string' ? { name: one } : one));
  const names = new Set([...spellings, ...added.map((one) => one.name)]);
  const prefixed = added.flatMap(({ name: named, prefix }) => (prefix === undefined ? [] : [[named, prefix] as const]));
  const hosted = added.flatMap(({ name: named, hosts }) => (hosts === undefined ? [] : [[named, hosts] as const]));
  const imgproxy = added.find((one) => one.name === 'imgproxy');
  return {
    dialects: dialectNames.filter((one) => names.has(one)),
    dialectPrefixes: Object.fromEntries(prefixed),
    dialectHosts: Object.fromEntries(hosted),
    imgproxy: {
      argumentsSeparator: imgproxy?.argumentsSeparator ?? defaultGrammarOptions.imgproxy.argumentsSeparator,
      watermark: imgproxy?.watermark,
    },
  };
}

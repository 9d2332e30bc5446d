import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { defaultGrammarOptions, dialectNames } from '../grammar/index.ts';
import { cloudinaryApi } from './cloudinary-api.ts';
import { withoutComments } from './comments.ts';
import { complaintOf, issuesOfMeant } from './complaints.ts';
import { dialectList, dialectSecrets, sourceMap } from './dialects.ts';
import { listedStores } from './originals.ts';
import { ticketKey } from './public-keys.ts';

const presetName = /^(?! )[A-Za-z0-9_ -]{1,64}(?<! )$/;

/** Widths that real clients ask for: Next.js, unpic and their halves, round numbers (grammar §12.4), and those of README.md and docs/. */
export const defaultLadder: readonly number[] = [
  16, 32, 48, 64, 96, 100, 128, 160, 200, 240, 256, 300, 320, 375, 384, 400, 414, 480, 500, 540, 600, 640, 750, 800,
  828, 834, 960, 1000, 1024, 1080, 1200, 1280, 1600, 1668, 1920, 2048, 2560, 3200, 3840,
];

const protectedFolders = z
  .array(z.string().regex(/^[^/].*\/$/, 'expected the beginning of keys up to a slash, as in members/'))
  .default([]);

const configurationFile = z.strictObject({
  presets: z
    .record(z.string().regex(presetName, 'a preset name has letters, digits, _, - and blanks'), z.string().min(1))
    .default({}),
  ladder: z
    .strictObject({
      widths: z
        .array(z.number().int().min(1).max(16_383))
        .min(1)
        .default([...defaultLadder]),
      snap: z.boolean().default(false),
    })
    .default({ widths: [...defaultLadder], snap: false }),
  aliases: z
    .record(z.string().regex(/^\//, 'an alias begins with /'), z.string())
    .refine((aliases) => Object.keys(aliases).length <= 100, 'expected at most 100 aliases')
    .default({}),
  extensions: z
    .array(z.string().regex(/^[a-z0-9]{1,8}$/, 'expected extensions without a dot, such as "jpg"'))
    .max(12)
    .default([...defaultGrammarOptions.extensions]),
  accountNames: z
    .array(z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_-]*$/, 'expected letters, digits, - and _'))
    .default([]),
  defaultCrop: z.enum(['scale', 'fill', 'fit', 'limit']).default('fill'),
  spellings: z.array(z.enum(dialectNames)).optional(),
  dialects: dialectList,
  sources: sourceMap,
  dialectSecrets,
  otherOriginals: z.array(z.string().regex(/^[a-z0-9]{1,10}$/, 'expected extensions such as "pdf"')).default([]),
  /** SVGs are sent as they are, but for what could run in them. */
  sendSvg: z.boolean().default(false),
  fetchHosts: z
    .array(
      z
        .string()
        .regex(
          /^(?:https?:\/\/)?(?:\*\.)?[a-z0-9.-]+(?::\d{1,5})?(?:\?[\w.-]+(?:&[\w.-]+)*)?$/,
          'expected a host, as in a.example, *.a.example or a.example?id (with the parameters that name a picture)',
        ),
    )
    .max(100)
    .default([]),
  /** Stores of originals that are asked before that of FOVEA_ORIGINALS. */
  originals: listedStores,
  /** Where originals still lie that have not been moved. */
  oldHost: z
    .strictObject({
      url: z
        .string()
        .regex(
          /^https?:\/\/[a-z0-9.-]+(?::\d{1,5})?\/(?:[^?#]*\/)?$/,
          'expected https://host/ or a folder of it, with a slash at the end',
        ),
      prefix: z
        .string()
        .regex(/^(?:[^/].*\/)?$/, 'expected the beginning of keys up to a slash, as in old/, or ""')
        .default(''),
    })
    .optional(),
  clientHints: z.boolean().default(false),
  /** Fonts for text layers, beside those of the system. */
  fontsFolder: z.string().min(1).optional(),
  /** What an original says of how it came about (made by AI, for one) is said of its variants too. */
  keepAiMark: z.boolean().default(true),
  signatureLength: z.union([z.literal(8), z.literal(32)], { error: 'expected 8 or 32' }).default(8),
  maxVariantsPerOriginal: z.number().int().min(1).max(1_000_000).default(500),
  protected: z
    .strictObject({ private: protectedFolders, authenticated: protectedFolders })
    .default({ private: [], authenticated: [] }),
  /** Origins whose pages may upload straight from a browser. */
  uploadOrigins: z
    .array(z.string().regex(/^(\*|https?:\/\/[^/\s]+)$/, 'an origin is https://host without a path, or *'))
    .max(100)
    .default([]),
  /** Where clients reach this server, for addresses in answers; as their own request says without it. */
  publicUrl: z
    .url({ protocol: /^https?$/, error: 'expected an http(s) URL' })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  /** Public keys of who may sign tickets for uploads (JWT), beside the secrets of FOVEA_TICKET_SECRETS. */
  ticketKeys: z.array(ticketKey).max(20).default([]),
  cloudinaryApi,
  /** What such a ticket names as its audience. */
  ticketAudience: z.string().min(1).max(500).default('fovea'),
  /** What every new original is made into at once: names of presets, or transformations such as `t_card/f_auto`. */
  warm: z.array(z.string().min(1).max(500)).max(100).default([]),
});

/** As it is written: editors find their help by `$schema`, which means nothing to us. */
const writtenFile = configurationFile.extend({ $schema: z.string().optional() });

const allKeys: readonly string[] = Object.keys(configurationFile.shape);

/** The configuration file, checked and completed. */
export type ConfigurationFile = z.infer<typeof configurationFile>;

/** What was read, whatever is wrong with a part of it: a key that was refused is as if nothing had been said. */
interface ReadFile {
  readonly file: ConfigurationFile;
  readonly problems: readonly string[];
  /** The names of those keys. */
  readonly refused: ReadonlySet<string>;
  /** Where it was looked for and is; undefined where nobody has written one. */
  readonly readFrom: string | undefined;
}

/** The file, or what it would be without a word in it; and what is wrong with it. */
export function readConfigurationFile(path: string | undefined): ReadFile {
  const read = path ?? './fovea.json';
  if (path === undefined && !existsSync(read))
    return { file: nothingSaid(), problems: [], refused: new Set(), readFrom: undefined };
  let text = '';
  try {
    text = withoutComments(readFileSync(read, 'utf8'));
    return checked(read, JSON.parse(text));
  } catch (error) {
    const problems = [`FOVEA_CONFIG: ${read} ${unreadable(error, text)}`];
    return { file: nothingSaid(), problems, refused: new Set(allKeys), readFrom: read };
  }
}

/** Why nothing of the file could be used. The system says so itself where it is not to be had at all. */
function unreadable(error: unknown, text: string): string {
  if (error instanceof SyntaxError) return `is not readable JSON (${placed(error.message, text)})`;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`;
}

/** A complaint of JSON.parse with the line and column that editors show; newer Nodes say these themselves. */
function placed(complaint: string, text: string): string {
  const position = /at position (\d+)$/.exec(complaint)?.[1];
  if (position === undefined) return complaint;
  const before = text.slice(0, Number(position)).split('\n');
  return `${complaint}, line ${before.length} column ${(before.at(-1) ?? '').length + 1}`;
}

function checked(read: string, content: unknown): ReadFile {
  const result = writtenFile.safeParse(content);
  if (result.success) {
    return { file: withoutSchema(result.data), problems: [], refused: new Set(), readFrom: read };
  }
  const issues = result.error.issues.flatMap(issuesOfMeant);
  const schema = z.toJSONSchema(configurationFile, { io: 'input' });
  const problems = issues.map(
    (issue) => `FOVEA_CONFIG: ${read}: ${issue.path.join('.') || 'the whole file'}: ${complaintOf(issue, schema)}`,
  );
  const refused = new Set(issues.flatMap(refusedKeys));
  const rest = Object.entries(Object(content)).filter(([key]) => !refused.has(key));
  const sound = writtenFile.safeParse(Object.fromEntries(rest));
  return { file: sound.success ? withoutSchema(sound.data) : nothingSaid(), problems, refused, readFrom: read };
}

/** The keys of the file that a complaint is about: all of them where it is no object. */
function refusedKeys(issue: z.core.$ZodIssue): readonly string[] {
  const [key] = issue.path;
  if (key !== undefined) return [String(key)];
  return issue.code === 'unrecognized_keys' ? issue.keys : allKeys;
}

function nothingSaid(): ConfigurationFile {
  return configurationFile.parse({});
}

function withoutSchema({ $schema: _, ...file }: z.infer<typeof writtenFile>): ConfigurationFile {
  return file;
}

/** What may be written into the file, as a JSON Schema for editors. */
export function configurationFileSchema(): object {
  return z.toJSONSchema(writtenFile, { io: 'input' });
}

// Long because the variables, what they become and what is wrong with them are one table; half of it helps nobody.
import { existsSync, readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { Failure, isFailure } from '../failure.ts';
import {
  checkAliases,
  checkPresets,
  defaultGrammarOptions,
  type GrammarOptions,
  nearest,
  parseTransformation,
  spellingNames,
} from '../grammar/index.ts';

const megabyte = 1024 * 1024;
const megapixel = 1_000_000;

/** Half of it is what a process takes idle. */
const leastMegabytesPerRenderer = 160;
/** With it a render has about as much where one process works alone as where two share the least that they need. */
const leastRenderMegabytes = 256;

/** Digits only: what else JavaScript takes for a number (blanks, `1e3`, `0x10`) is a slip of the pen here. */
function integer(minimum: number, maximum: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.number().min(minimum, `expected at least ${minimum}`).max(maximum, `expected at most ${maximum}`));
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

/** Whoever calls us as a function (`lambda`), an address, or a range. Four numbers for IPv4; what only some programs read as an address (`10/8`, `0x7f.1`) is a slip of the pen here. */
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

const location = 'file:.+|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?';
const storeLocation = z.string().regex(new RegExp(`^(${location})$`), 'expected file:DIR or s3://bucket/prefix');
const storeLocationOrNone = z
  .string()
  .regex(new RegExp(`^(none|${location})$`), 'expected file:DIR, s3://bucket/prefix or none');

const httpUrl = z.url({ protocol: /^https?$/, error: 'expected an http(s) URL' });

/** One environment variable: what it accepts, what it is when unset, and its line in the README. */
interface Variable<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema;
  /** As shown in the README; what is parsed when the variable is unset. */
  readonly fallback: string | undefined;
  /** Shown instead of `fallback` where the default depends on the machine. */
  readonly shownDefault?: string;
  readonly meaning: string;
}

function variable<Schema extends z.ZodType>(
  schema: Schema,
  fallback: string | undefined,
  meaning: string,
  shownDefault?: string,
): Variable<Schema> {
  return shownDefault === undefined ? { schema, fallback, meaning } : { schema, fallback, meaning, shownDefault };
}

/** Every variable the program reads, in the order of the README's table, which is rendered from it. */
export const environmentVariables = {
  PORT: variable(integer(0, 65_535), '3000', 'port to listen on (0: any free one)'),
  HOST: variable(z.string().min(1), '127.0.0.1', 'address to listen on (`0.0.0.0` in the container)'),
  FOVEA_ORIGINALS: variable(
    storeLocation,
    'file:./data/originals',
    'store of originals: `file:DIR` or `s3://bucket/prefix`',
  ),
  FOVEA_VARIANTS: variable(storeLocationOrNone, 'file:./data/variants', 'store of variants: same forms, or `none`'),
  FOVEA_S3_ENDPOINT: variable(
    httpUrl.optional(),
    undefined,
    'any S3-compatible server (path style when set); credentials and region come from the AWS SDK’s own chain',
    'AWS',
  ),
  FOVEA_CONFIG: variable(
    z.string().optional(),
    undefined,
    'JSON file with presets, width ladder, route aliases, extensions to try',
    './fovea.json if present',
  ),
  FOVEA_MEMORY_MB: variable(integer(1, 1_048_576), '256', 'memory tier, counted in bytes'),
  FOVEA_RENDERERS: variable(integer(1, 256), String(availableParallelism()), 'render processes', 'number of cores'),
  FOVEA_QUEUE_MAX: variable(integer(0, 100_000), '64', 'renders that may wait; past it 503'),
  FOVEA_RENDER_TIMEOUT_MS: variable(integer(50, 600_000), '10000', 'a render past it is killed'),
  FOVEA_RENDER_MEMORY_MB: variable(
    integer(1, 1_048_576).optional(),
    undefined,
    'memory that all render processes together may take: renders whose estimates do not fit together wait, one that never fits is refused; at least 160 for each, and 256',
    '512 for each of them, at least 1024',
  ),
  FOVEA_DRAIN_SECONDS: variable(
    integer(0, 300),
    '3',
    'after SIGTERM requests are still taken for so long, while readiness says no',
  ),
  FOVEA_MAX_INPUT_MB: variable(integer(1, 4096), '50', 'larger originals are refused before decoding'),
  FOVEA_MAX_INPUT_MEGAPIXELS: variable(
    integer(1, 1000),
    '50',
    'originals with more pixels are refused before decoding; of kinds that decode to much memory fewer are read (see Operating it)',
  ),
  FOVEA_MAX_OUTPUT_SIDE: variable(
    integer(1, 16_383),
    '8192',
    'longest side of a variant, in pixels; refused before rendering',
  ),
  FOVEA_MAX_OUTPUT_MEGAPIXELS: variable(
    integer(1, 1000),
    '40',
    'pixels of a variant times its frames; refused before rendering',
  ),
  FOVEA_UNSIGNED: variable(
    z.enum(['any', 'ladder', 'presets', 'none'], { error: 'expected any, ladder, presets or none' }).optional(),
    undefined,
    'what an unsigned URL may ask: `any`, `ladder`, `presets`, `none`; originals themselves need a signature under `presets` and `none`',
    '`any` where `HOST` is a loopback address, no proxy, CDN or public host is named, and nobody has passed the request on; else `ladder`',
  ),
  FOVEA_TRUSTED_PROXIES: variable(
    z
      .string()
      .transform((list) => list.split(',').map((network) => network.trim()))
      .superRefine(checkNetworks)
      .optional(),
    undefined,
    'comma list of addresses and CIDR ranges of your own proxies, whose `X-Forwarded-For` or `Forwarded` says who asks, and whose `x-fovea-accept` counts; `lambda` for whoever may call the function',
    'none',
  ),
  FOVEA_SIGNING_SECRETS: variable(
    z
      .string()
      .transform((list) => list.split(',').filter((secret) => secret !== ''))
      .superRefine(checkSecrets)
      .optional(),
    undefined,
    'comma list, newest first, each of 32 bytes at least (`fovea sign --new-secret` prints one); all verify, the first signs',
    'none',
  ),
  FOVEA_ADMIN_TOKEN: variable(
    z
      .string()
      .min(16, 'expected at least 16 characters')
      .refine(
        (token) => !isRepetition(token),
        'a few characters over and over are soon guessed; fovea sign --new-secret prints better ones',
      )
      .optional(),
    undefined,
    'bearer token of the admin API and of uploads; without it both are off, but on a loopback `HOST`, where each start makes one and shows it on the terminal',
    'none',
  ),
  FOVEA_ORIGINAL_TTL: variable(integer(0, 86_400), '60', 'seconds an original’s version (or absence) is remembered'),
  FOVEA_CACHE_CONTROL: variable(
    z.string().regex(/^[\x20-\x7e]+$/, 'expected printable ASCII'),
    'public, max-age=31536000, immutable',
    'Cache-Control of variants and originals',
  ),
  FOVEA_CDN: variable(
    z.string().regex(/^(none|cloudfront:[A-Z0-9]+|cloudflare:[a-f0-9]+|varnish:https?:\/\/.+)$/, {
      error:
        'expected none, cloudfront:ID (capitals and digits), cloudflare:ZONE (its id: digits and a to f) or varnish:URL',
    }),
    'none',
    'what a purge reaches beyond us: `cloudfront:ID`, `cloudflare:ZONE`, `varnish:URL`',
  ),
  CLOUDFLARE_API_TOKEN: variable(
    z.string().min(1).optional(),
    undefined,
    'token with the permission Cache Purge, for `FOVEA_CDN=cloudflare:ZONE`',
    'none',
  ),
  FOVEA_EVENTS_QUEUE: variable(
    httpUrl.optional(),
    undefined,
    'SQS queue URL of S3 events, consumed by the worker',
    'none',
  ),
  FOVEA_SQS_ENDPOINT: variable(httpUrl.optional(), undefined, 'a stand-in for SQS', 'AWS'),
} as const satisfies Record<string, Variable>;

const loopbackAddresses = new BlockList();
loopbackAddresses.addSubnet('127.0.0.0', 8, 'ipv4');
loopbackAddresses.addAddress('::1', 'ipv6');

/** True for an address, or the one name, that only programs on this machine reach. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host.toLowerCase() === 'localhost';
  return loopbackAddresses.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** The operator has named a way by which others reach a listener, whatever address it has. */
function isReached(
  values: { readonly FOVEA_CDN: string; readonly FOVEA_TRUSTED_PROXIES?: readonly string[] | undefined },
  { publicUrl }: ConfigurationFile,
): boolean {
  const isPublic = publicUrl !== undefined && !isLoopback(new URL(publicUrl).hostname.replace(/^\[|\]$/g, ''));
  return isPublic || values.FOVEA_CDN !== 'none' || (values.FOVEA_TRUSTED_PROXIES ?? []).length > 0;
}

/** Never repeated in a message. */
const secretVariables: ReadonlySet<string> = new Set([
  'FOVEA_ADMIN_TOKEN',
  'FOVEA_SIGNING_SECRETS',
  'CLOUDFLARE_API_TOKEN',
]);

type VariableName = keyof typeof environmentVariables;
type EnvironmentValues = { readonly [Name in VariableName]: z.infer<(typeof environmentVariables)[Name]['schema']> };

const presetName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Widths that real clients ask for: Next.js, unpic and their halves, round numbers (grammar §12.4), and the README's. */
export const defaultLadder: readonly number[] = [
  16, 32, 48, 64, 96, 100, 128, 160, 200, 240, 256, 300, 320, 375, 384, 400, 414, 480, 500, 540, 600, 640, 750, 800,
  828, 834, 960, 1000, 1024, 1080, 1200, 1280, 1600, 1668, 1920, 2048, 2560, 3200, 3840,
];

const protectedFolders = z
  .array(z.string().regex(/^[^/].*\/$/, 'expected the beginning of keys up to a slash, as in members/'))
  .default([]);

const configurationFile = z.strictObject({
  presets: z
    .record(z.string().regex(presetName, 'a preset name has letters, digits, _ and -'), z.string().min(1))
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
    .default(['jpg', 'jpeg', 'png', 'webp', 'avif', 'gif']),
  accountNames: z.array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]*$/, 'expected letters, digits and -')).default([]),
  defaultCrop: z.enum(['scale', 'fill', 'fit', 'limit']).default('fill'),
  spellings: z.array(z.enum(spellingNames)).default([...defaultGrammarOptions.spellings]),
  otherOriginals: z.array(z.string().regex(/^[a-z0-9]{1,10}$/, 'expected extensions such as "pdf"')).default([]),
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
  /** What every new original is made into at once: names of presets, or transformations such as `t_card/f_auto`. */
  warm: z.array(z.string().min(1).max(500)).max(100).default([]),
});

/** By where in the file. */
const knownKeys: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(configurationFile.shape),
  ladder: ['widths', 'snap'],
  protected: ['private', 'authenticated'],
};

/** The configuration file, checked and completed. */
export type ConfigurationFile = z.infer<typeof configurationFile>;

type UnsignedPolicy = 'any' | 'ladder' | 'presets' | 'none';

/** Everything the program was told, checked; rooms get their slice of it from `service`. */
export interface Config {
  readonly port: number;
  readonly host: string;
  readonly originals: string;
  readonly variants: string;
  readonly s3Endpoint: string | undefined;
  readonly memoryBytes: number;
  readonly renderers: number;
  readonly queueMax: number;
  readonly renderTimeoutMs: number;
  /** Of all render processes together. */
  readonly renderMemoryBytes: number;
  /** Requests are still taken for so long after SIGTERM. */
  readonly drainMs: number;
  readonly maxInputBytes: number;
  readonly maxInputPixels: number;
  readonly maxOutputSide: number;
  readonly maxOutputPixels: number;
  /** Addresses and CIDR ranges. */
  readonly trustedProxies: readonly string[];
  /** What is in force. */
  readonly unsigned: UnsignedPolicy;
  /** What was said. */
  readonly unsignedGiven: UnsignedPolicy | undefined;
  readonly signingSecrets: readonly string[];
  readonly adminToken: string | undefined;
  readonly originalTtlMs: number;
  readonly cacheControl: string;
  readonly cdn: string;
  readonly cloudflareToken: string | undefined;
  readonly eventsQueue: string | undefined;
  readonly sqsEndpoint: string | undefined;
  readonly file: ConfigurationFile;
}

/** What is wrong, in words that name what would be right. */
function complaintOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => message).join('; ');
  if (issue.code !== 'unrecognized_keys') return issue.message;
  const known = knownKeys[issue.path.join('.')] ?? [];
  return `there is no ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}${meantBy(issue.keys[0], known)}; expected ${known.join(', ')}`;
}

function meantBy(written: string | undefined, known: Iterable<string>): string {
  const meant = written === undefined ? undefined : nearest(written, known);
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}

function readConfigurationFile(path: string | undefined, problems: string[]): ConfigurationFile {
  const file = path ?? './fovea.json';
  if (path === undefined && !existsSync(file)) return configurationFile.parse({});
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    problems.push(`FOVEA_CONFIG: ${file} is not readable JSON (${error instanceof Error ? error.message : 'unknown'})`);
    return configurationFile.parse({});
  }
  const result = configurationFile.safeParse(content);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    problems.push(`FOVEA_CONFIG: ${file}: ${issue.path.join('.') || 'the whole file'}: ${complaintOf(issue)}`);
  }
  return configurationFile.parse({});
}

function parseEnvironment(environment: Readonly<Record<string, string | undefined>>, problems: string[]) {
  const known = new Set<string>(Object.keys(environmentVariables));
  for (const name of Object.keys(environment)) {
    if (name.startsWith('FOVEA_') && !known.has(name))
      problems.push(`${name}: no such variable${meantBy(name, known)}; see the README's table`);
  }
  const shape: Record<string, z.ZodType> = {};
  const input: Record<string, string | undefined> = {};
  for (const [name, { schema, fallback }] of Object.entries(environmentVariables)) {
    const given = environment[name];
    shape[name] = schema;
    input[name] = given === undefined || given === '' ? fallback : given;
  }
  const result = z.object(shape).safeParse(input);
  if (result.success) return result.data as EnvironmentValues;
  for (const issue of result.error.issues) {
    const name = issue.path.join('.');
    // A secret's value must not end in a log.
    const came = secretVariables.has(name) ? '' : `; came ${JSON.stringify(input[name])}`;
    problems.push(`${name}: ${issue.message}${came}`);
  }
  return undefined;
}

function readWarm(text: string, grammar: GrammarOptions): void {
  try {
    parseTransformation(text, grammar);
  } catch (error) {
    if (!isFailure(error)) throw error;
    const names = Object.keys(grammar.presets);
    const presets = names.length === 0 ? 'of which there is none' : `of which there are ${names.join(', ')}`;
    throw new Failure(
      'invalid',
      `warm: ${JSON.stringify(text)} is neither a preset, ${presets}, nor a transformation: ${error.message}`,
    );
  }
}

function checkTogether(values: EnvironmentValues, file: ConfigurationFile, problems: string[]): void {
  if (values.FOVEA_CDN.startsWith('cloudflare:') && values.CLOUDFLARE_API_TOKEN === undefined) {
    problems.push('FOVEA_CDN: cloudflare needs CLOUDFLARE_API_TOKEN');
  }
  const grammar = { ...defaultGrammarOptions, presets: file.presets, aliases: file.aliases };
  const warms = file.warm.map((text) => () => {
    if (!Object.hasOwn(file.presets, text)) readWarm(text, grammar);
  });
  for (const check of [checkPresets, checkAliases, ...warms]) {
    try {
      check(grammar);
    } catch (error) {
      if (!isFailure(error)) throw error;
      problems.push(`FOVEA_CONFIG: ${error.message}`);
    }
  }
  const leastRenderMemory = Math.max(leastRenderMegabytes, leastMegabytesPerRenderer * values.FOVEA_RENDERERS);
  if (values.FOVEA_RENDER_MEMORY_MB !== undefined && values.FOVEA_RENDER_MEMORY_MB < leastRenderMemory) {
    problems.push(
      `FOVEA_RENDER_MEMORY_MB: expected at least ${leastRenderMemory}, which is ${leastMegabytesPerRenderer} for each of FOVEA_RENDERERS and no less than ${leastRenderMegabytes}; came ${values.FOVEA_RENDER_MEMORY_MB}`,
    );
  }
  const secrets = values.FOVEA_SIGNING_SECRETS ?? [];
  if (values.FOVEA_UNSIGNED === 'none' && secrets.length === 0) {
    problems.push('FOVEA_UNSIGNED: none refuses every URL when FOVEA_SIGNING_SECRETS is empty');
  }
  if (values.FOVEA_UNSIGNED === 'presets' && secrets.length === 0 && Object.keys(file.presets).length === 0) {
    problems.push('FOVEA_UNSIGNED: presets refuses every URL when the configuration names no preset');
  }
}

/**
 * Reads the environment once. Throws one Failure (`invalid`) whose message lists every problem, a line each.
 *
 * @example
 * const config = readConfig({ ...process.env, HOST: '0.0.0.0' });
 * const options = { port: config.port, host: config.host };
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const values = parseEnvironment(environment, problems);
  const file = readConfigurationFile(environment['FOVEA_CONFIG'] || undefined, problems);
  if (values !== undefined) checkTogether(values, file, problems);
  if (values === undefined || problems.length > 0) {
    throw new Failure('invalid', `The configuration has ${problems.length} problem(s):\n  ${problems.join('\n  ')}`);
  }
  return {
    port: values.PORT,
    host: values.HOST,
    originals: values.FOVEA_ORIGINALS,
    variants: values.FOVEA_VARIANTS,
    s3Endpoint: values.FOVEA_S3_ENDPOINT,
    memoryBytes: values.FOVEA_MEMORY_MB * megabyte,
    renderers: values.FOVEA_RENDERERS,
    queueMax: values.FOVEA_QUEUE_MAX,
    renderTimeoutMs: values.FOVEA_RENDER_TIMEOUT_MS,
    renderMemoryBytes: (values.FOVEA_RENDER_MEMORY_MB ?? Math.max(1024, 512 * values.FOVEA_RENDERERS)) * megabyte,
    drainMs: values.FOVEA_DRAIN_SECONDS * 1000,
    maxInputBytes: values.FOVEA_MAX_INPUT_MB * megabyte,
    maxInputPixels: values.FOVEA_MAX_INPUT_MEGAPIXELS * megapixel,
    maxOutputSide: values.FOVEA_MAX_OUTPUT_SIDE,
    maxOutputPixels: values.FOVEA_MAX_OUTPUT_MEGAPIXELS * megapixel,
    trustedProxies: values.FOVEA_TRUSTED_PROXIES ?? [],
    unsigned: values.FOVEA_UNSIGNED ?? (isLoopback(values.HOST) && !isReached(values, file) ? 'any' : 'ladder'),
    unsignedGiven: values.FOVEA_UNSIGNED,
    signingSecrets: values.FOVEA_SIGNING_SECRETS ?? [],
    adminToken: values.FOVEA_ADMIN_TOKEN,
    originalTtlMs: values.FOVEA_ORIGINAL_TTL * 1000,
    cacheControl: values.FOVEA_CACHE_CONTROL,
    cdn: values.FOVEA_CDN,
    cloudflareToken: values.CLOUDFLARE_API_TOKEN,
    eventsQueue: values.FOVEA_EVENTS_QUEUE,
    sqsEndpoint: values.FOVEA_SQS_ENDPOINT,
    file,
  };
}

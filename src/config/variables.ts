// Long because it is one table, of which docs/configuration.md has the same rows in the same order.
import { z } from 'zod';
import {
  adminToken,
  bytesFromMegabytes,
  cdn,
  httpUrl,
  integer,
  msFromSeconds,
  networks,
  noProxy,
  pixelsFromMegapixels,
  proxyUrl,
  region,
  s3Encryption,
  signingSecrets,
  storageClass,
  storeLocation,
  storeLocationOrNone,
  unsigned,
} from './values.ts';

/** One environment variable: what `Config` calls its value, what it accepts, and its line in docs/configuration.md. */
export interface Variable {
  readonly as: string;
  readonly schema: z.ZodType;
  /** As shown there; what is parsed when the variable is unset. */
  readonly fallback?: string;
  /** Shown instead of `fallback` where the default depends on the machine. */
  readonly shownDefault?: string;
  readonly meaning: string;
  /** Never repeated in a message, which may end in a log. */
  readonly isSecret?: true;
  /** Programs agree on the name, and not on its case: in lower case it counts too, and first. */
  readonly isAlsoLowerCase?: true;
}

/** Every variable the program reads, in the order of the table in docs/configuration.md, which is rendered from it. */
export const environmentVariables = {
  PORT: {
    as: 'port',
    schema: integer(0, 65_535),
    fallback: '3000',
    meaning: 'port to listen on (0: any free one)',
  },
  HOST: {
    as: 'host',
    schema: z.string().min(1),
    fallback: '127.0.0.1',
    meaning: 'address to listen on (`0.0.0.0` in the container)',
  },
  FOVEA_ORIGINALS: {
    as: 'originals',
    schema: storeLocation,
    fallback: 'file:./data/originals',
    meaning: 'store of originals: `file:DIR` or `s3://bucket/prefix`',
  },
  FOVEA_VARIANTS: {
    as: 'variants',
    schema: storeLocationOrNone,
    fallback: 'file:./data/variants',
    meaning: 'store of variants: same forms, or `none`',
  },
  FOVEA_VARIANTS_MAX_MB: {
    as: 'variantsMaxBytes',
    schema: bytesFromMegabytes(1, 1_073_741_824).optional(),
    meaning:
      'bytes that a folder of variants may hold: past it the least recently used go, down to nine tenths; a hundredth of the time is spent on it, so leave it room beyond',
    shownDefault: 'no bound',
  },
  FOVEA_FSYNC: {
    as: 'fsync',
    schema: z.enum(['none', 'originals', 'all'], { error: 'expected none, originals or all' }),
    fallback: 'none',
    meaning: 'what is put into folders is written to the disk before it counts as done, against power cuts',
  },
  FOVEA_S3_ENDPOINT: {
    as: 's3Endpoint',
    schema: httpUrl.optional(),
    meaning: 'any S3-compatible server; credentials and region come from the AWS SDK’s own chain',
    shownDefault: 'AWS',
  },
  FOVEA_S3_ADDRESSING: {
    as: 's3Addressing',
    schema: z.enum(['path', 'virtual']),
    fallback: 'path',
    meaning:
      'how a bucket at `FOVEA_S3_ENDPOINT` is addressed: in the path, or as a part of the host name (`virtual`), as OSS, COS and OBS want it',
  },
  FOVEA_S3_PUBLIC_ENDPOINT: {
    as: 's3PublicEndpoint',
    schema: httpUrl.optional(),
    meaning: 'where clients reach that server, for the addresses of uploads that go straight to it',
    shownDefault: '`FOVEA_S3_ENDPOINT`',
  },
  FOVEA_ORIGINALS_REGION: {
    as: 'originalsRegion',
    schema: region.optional(),
    meaning: 'region of the bucket of originals, where it is another than `AWS_REGION`',
    shownDefault: '`AWS_REGION`; what S3 says where that is wrong',
  },
  FOVEA_VARIANTS_REGION: {
    as: 'variantsRegion',
    schema: region.optional(),
    meaning: 'region of the bucket of variants, likewise',
    shownDefault: 'the same',
  },
  FOVEA_ORIGINALS_STORAGE_CLASS: {
    as: 'originalsStorageClass',
    schema: storageClass.optional(),
    meaning:
      'storage class of everything that is put among the originals, staged uploads too: one that is read at once, such as `INTELLIGENT_TIERING`',
    shownDefault: 'the bucket’s (`STANDARD`)',
  },
  FOVEA_VARIANTS_STORAGE_CLASS: {
    as: 'variantsStorageClass',
    schema: storageClass.optional(),
    meaning: 'storage class of everything that is put among the variants, such as `ONEZONE_IA`',
    shownDefault: 'the bucket’s (`STANDARD`)',
  },
  FOVEA_S3_ENCRYPTION: {
    as: 's3Encryption',
    schema: s3Encryption.optional(),
    meaning:
      'what S3 encrypts all that is put with, uploads that go straight there too: `s3` (SSE-S3), `kms`, or `kms:KEY` with a key’s id, alias or ARN',
    shownDefault: 'the bucket’s',
  },
  FOVEA_S3_UPLOAD_METHOD: {
    as: 's3UploadMethod',
    schema: z.enum(['POST', 'PUT'], { error: 'expected POST or PUT' }),
    fallback: 'POST',
    meaning:
      'how browsers send files straight to the bucket: as a signed form, or by `PUT` where the store knows no such forms (R2, B2); `fovea doctor` tries it',
  },
  FOVEA_CONFIG: {
    as: 'configurationPath',
    schema: z.string().optional(),
    meaning: 'JSON file with presets, width ladder, route aliases, extensions to try',
    shownDefault: './fovea.json if present',
  },
  FOVEA_INSTANCES: {
    as: 'instances',
    schema: z.enum(['one', 'several']),
    fallback: 'one',
    meaning:
      '`several` where other servers or functions make variants into the same store: a cold variant is then drawn by one of them, for one call of the store more; a function says so itself',
  },
  FOVEA_MEMORY_MB: {
    as: 'memoryBytes',
    schema: bytesFromMegabytes(1, 1_048_576).optional(),
    meaning: 'memory tier, counted in bytes',
    shownDefault: '256, or an eighth of a small machine’s memory',
  },
  FOVEA_RENDERERS: {
    as: 'renderers',
    schema: integer(1, 256).optional(),
    meaning: 'render processes',
    shownDefault: 'number of cores, as far as memory suffices; a container’s limits count',
  },
  FOVEA_QUEUE_MAX: {
    as: 'queueMax',
    schema: integer(0, 100_000),
    fallback: '64',
    meaning: 'renders that may wait; past it 503',
  },
  FOVEA_RENDER_TIMEOUT_MS: {
    as: 'renderTimeoutMs',
    schema: integer(50, 600_000),
    fallback: '10000',
    meaning: 'a render past it is killed',
  },
  FOVEA_AVIF_WAIT_MS: {
    as: 'avifWaitMs',
    schema: integer(0, 600_000),
    fallback: '2500',
    meaning:
      'an AVIF that `f_auto` chose and that is reckoned to take more computing is made behind a WebP, which is sent meanwhile and may be kept for ten seconds; 600000: each is waited for, as it is by functions',
  },
  FOVEA_RENDER_MEMORY_MB: {
    as: 'renderMemoryBytes',
    schema: bytesFromMegabytes(1, 1_048_576).optional(),
    meaning:
      'memory that all render processes together may take: renders whose estimates do not fit together wait, one that never fits is refused; at least 160 for each, and 256',
    shownDefault: '512 for each of them, at least 1024; less where there is less',
  },
  FOVEA_KEEP_ALIVE_SECONDS: {
    as: 'keepAliveMs',
    schema: msFromSeconds(1, 3600),
    fallback: '65',
    meaning:
      'an idle connection is kept for so long: longer than the proxy, balancer or CDN before it keeps its own, which then never asks on one that is just being closed (620 behind Google’s balancers, which keep 600)',
  },
  FOVEA_LOG_LEVEL: {
    as: 'logLevel',
    schema: z.enum(['info', 'warn', 'error', 'silent'], { error: 'expected info, warn, error or silent' }),
    fallback: 'info',
    meaning: 'what is logged: `info` has a line for each request, `warn` and `error` what went wrong, `silent` nothing',
  },
  FOVEA_LOG_FORMAT: {
    as: 'logFormat',
    schema: z.enum(['json', 'pretty'], { error: 'expected json or pretty' }).optional(),
    meaning: '`json`, a line each, or `pretty`, for somebody who looks on',
    shownDefault: '`pretty` on a terminal, else `json`',
  },
  FOVEA_LOG_HEALTH: {
    as: 'logHealth',
    schema: z.enum(['changes', 'all'], { error: 'expected changes or all' }),
    fallback: 'changes',
    meaning:
      'requests for health and readiness: a line for each that is answered otherwise than the one before, and one an hour with how many there were (`changes`), or for `all`',
  },
  FOVEA_LOG_VISITORS: {
    as: 'logsVisitors',
    schema: z.enum(['yes', 'no'], { error: 'expected yes or no' }).transform((said) => said === 'yes'),
    fallback: 'yes',
    meaning:
      'whether the lines of requests tell the client’s address (of IPv6 the first half), the page (origin and path) and the program that asked',
  },
  FOVEA_DRAIN_SECONDS: {
    as: 'drainMs',
    schema: msFromSeconds(0, 300),
    fallback: '3',
    meaning: 'after SIGTERM requests are still taken for so long, while readiness says no',
  },
  FOVEA_MAX_INPUT_MB: {
    as: 'maxInputBytes',
    schema: bytesFromMegabytes(1, 4096),
    fallback: '50',
    meaning: 'larger originals are refused before decoding',
  },
  FOVEA_MAX_INPUT_MEGAPIXELS: {
    as: 'maxInputPixels',
    schema: pixelsFromMegapixels(1, 1000),
    fallback: '50',
    meaning:
      'originals with more pixels are refused before decoding; of kinds that decode to much memory fewer are read (see Operating it)',
  },
  FOVEA_MAX_OUTPUT_SIDE: {
    as: 'maxOutputSide',
    schema: integer(1, 16_383),
    fallback: '8192',
    meaning: 'longest side of a variant, in pixels; refused before rendering',
  },
  FOVEA_MAX_OUTPUT_MEGAPIXELS: {
    as: 'maxOutputPixels',
    schema: pixelsFromMegapixels(1, 1000),
    fallback: '40',
    meaning: 'pixels of a variant times its frames; refused before rendering',
  },
  FOVEA_UNSIGNED: {
    as: 'unsignedGiven',
    schema: unsigned.optional(),
    meaning:
      'what an unsigned URL may ask: `any`, `ladder`, `presets`, `none`; originals themselves need a signature under `presets` and `none`',
    shownDefault:
      '`any` where `HOST` is a loopback address, no proxy, CDN or public host is named, and nobody has passed the request on; else `ladder`',
  },
  FOVEA_TRUSTED_PROXIES: {
    as: 'trustedProxies',
    schema: networks.default([]),
    meaning:
      'comma list of addresses and CIDR ranges of your own proxies, whose `X-Forwarded-For` or `Forwarded` says who asks, and whose `x-fovea-accept` counts; `lambda` for whoever may call the function',
    shownDefault: 'none',
  },
  FOVEA_SIGNING_SECRETS: {
    as: 'signingSecrets',
    schema: signingSecrets.default([]),
    meaning:
      'comma list, newest first, each of 32 bytes at least (`fovea sign --new-secret` prints one); all verify, the first signs',
    shownDefault: 'none',
    isSecret: true,
  },
  FOVEA_ADMIN_TOKEN: {
    as: 'adminToken',
    schema: adminToken.optional(),
    meaning:
      'bearer token of the admin API and of uploads; without it both are off, but on a loopback `HOST`, where each start makes one and shows it on the terminal',
    shownDefault: 'none',
    isSecret: true,
  },
  FOVEA_TICKET_SECRETS: {
    as: 'ticketSecrets',
    schema: signingSecrets.default([]),
    meaning:
      'comma list, each of 32 bytes at least: what your own programs sign tickets for uploads with (JWT, HS256); all verify',
    shownDefault: 'none',
    isSecret: true,
  },
  FOVEA_ORIGINAL_TTL: {
    as: 'originalTtlMs',
    schema: msFromSeconds(0, 86_400),
    fallback: '60',
    meaning: 'seconds an original’s version (or absence) is remembered',
  },
  FOVEA_CACHE_CONTROL: {
    as: 'cacheControl',
    schema: z.string().regex(/^[\x20-\x7e]+$/, 'expected printable ASCII'),
    fallback: 'public, max-age=31536000, immutable',
    meaning: 'Cache-Control of variants and originals',
  },
  FOVEA_CDN: {
    as: 'cdn',
    schema: cdn,
    fallback: 'none',
    meaning: 'what a purge reaches beyond us: `cloudfront:ID`, `cloudflare:ZONE`, `varnish:URL`',
  },
  CLOUDFLARE_API_TOKEN: {
    as: 'cloudflareToken',
    schema: z.string().min(1).optional(),
    meaning: 'token with the permission Cache Purge, for `FOVEA_CDN=cloudflare:ZONE`',
    shownDefault: 'none',
    isSecret: true,
  },
  FOVEA_EVENTS_QUEUE: {
    as: 'eventsQueue',
    schema: httpUrl.optional(),
    meaning: 'SQS queue URL of S3 events, consumed by the worker',
    shownDefault: 'none',
  },
  HTTPS_PROXY: {
    as: 'httpsProxy',
    schema: proxyUrl.optional(),
    meaning:
      'proxy that https requests to S3, CDN, queue and `fetchHosts` go through (`https_proxy` too); plain http goes straight',
    shownDefault: 'none',
    isSecret: true,
    isAlsoLowerCase: true,
  },
  NO_PROXY: {
    as: 'noProxy',
    schema: noProxy.default([]),
    meaning:
      'comma list of what is reached without it (`no_proxy` too): names with all below them, addresses, ranges, each with a port if you like; `*` for everything',
    shownDefault: 'none',
    isAlsoLowerCase: true,
  },
  FOVEA_SQS_ENDPOINT: {
    as: 'sqsEndpoint',
    schema: httpUrl.optional(),
    meaning: 'a stand-in for SQS',
    shownDefault: 'AWS',
  },
} as const satisfies Readonly<Record<string, Variable>>;

type Variables = typeof environmentVariables;

/** What the environment says, each value under the name that the table gives it. */
export type EnvironmentValues = {
  readonly [Name in keyof Variables as Variables[Name]['as']]: z.infer<Variables[Name]['schema']>;
};

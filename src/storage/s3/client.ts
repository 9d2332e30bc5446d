import { createHash } from 'node:crypto';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { createHttpsAgent, type OutboundProxy } from '../../outbound/index.ts';

export interface S3ClientOptions {
  /** Any S3-compatible server; AWS when absent. */
  readonly endpoint?: string;
  /** How a bucket there is addressed: in the path, unless `virtual` makes it a part of the host name. */
  readonly addressing?: 'path' | 'virtual';
  /** Without it the SDK's own chain decides, and with an endpoint `us-east-1` when the chain knows none. */
  readonly region?: string;
  /** Without them the SDK's own chain decides. */
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  };
  /** What lies between this machine and S3; nothing when absent. */
  readonly proxy?: OutboundProxy | undefined;
  /** Tries of one call, the first included; 3 by default. */
  readonly maxAttempts?: number;
}

/** Until the TCP and TLS handshake must be done. */
const connectTimeoutMs = 1_000;
/** Without a byte in either direction a socket is given up. */
const socketTimeoutMs = 60_000;
/** Further calls wait for a connection, and their deadline runs. */
const maxSockets = 128;

/** Without a logger of ours the SDK writes its warnings to the console. */
const silent = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

/**
 * An S3 client with bounded waits. Retries are the SDK's standard mode: full jitter, and a token bucket per client as
 * the budget (500 tokens; a retry costs 14, one after throttling 5; a success gives 1 back, a retried one its cost), so
 * an outage is met by some 35 retries in all and then by one try per call.
 */
export async function createS3Client(options: S3ClientOptions): Promise<S3Client> {
  const config = await clientConfig(options);
  const client = newClient(config);
  if (options.endpoint === undefined || options.region !== undefined) return client;
  const region = await client.config.region().catch(() => undefined);
  if (region !== undefined) return client;
  client.destroy();
  return newClient({ ...config, region: 'us-east-1' });
}

function newClient(config: S3ClientConfig): S3Client {
  const client = new S3Client(config);
  if (config.endpoint !== undefined) sumDeletesByMd5(client);
  return client;
}

/**
 * DeleteObjects is refused without a checksum, and servers that are not AWS's may know no other than Content-MD5, which was
 * S3's only one until the SDK took to CRC32 (2025). All of them take that.
 */
function sumDeletesByMd5(client: S3Client): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      (given) => {
        const { request } = given;
        if (commandName !== 'DeleteObjectsCommand' || !isRequestWithText(request)) return next(given);
        for (const name of Object.keys(request.headers)) {
          if (/^x-amz-(sdk-)?checksum-/i.test(name)) delete request.headers[name];
        }
        request.headers['content-md5'] = createHash('md5').update(request.body).digest('base64');
        return next(given);
      },
    { name: 'sumDeletesByMd5', step: 'build', priority: 'low' },
  );
}

function isRequestWithText(request: unknown): request is { headers: Record<string, string>; body: string } {
  return typeof request === 'object' && request !== null && 'body' in request && typeof request.body === 'string';
}

async function clientConfig(options: S3ClientOptions): Promise<S3ClientConfig> {
  const agent = { keepAlive: true, maxSockets };
  const httpsAgent = options.proxy === undefined ? agent : await createHttpsAgent(options.proxy, agent);
  return {
    ...(options.endpoint === undefined
      ? {}
      : { endpoint: options.endpoint, forcePathStyle: options.addressing !== 'virtual' }),
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(options.credentials === undefined ? {} : { credentials: plainCredentials(options.credentials) }),
    // S3-compatible servers refuse or ignore the SDK's newer default checksums on streamed bodies.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    retryMode: 'standard',
    maxAttempts: options.maxAttempts ?? 3,
    logger: silent,
    requestHandler: {
      connectionTimeout: connectTimeoutMs,
      socketTimeout: socketTimeoutMs,
      // The time for a single try is given with each call; this makes it an error instead of a warning.
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent,
      logger: silent,
    },
  };
}

function plainCredentials({ sessionToken, ...keys }: NonNullable<S3ClientOptions['credentials']>) {
  return { ...keys, ...(sessionToken !== undefined && { sessionToken }) };
}

function nothing(): void {}

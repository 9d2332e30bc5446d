import { createHash } from 'node:crypto';
import {
  CloudFrontClient,
  CreateInvalidationCommand,
  type CreateInvalidationCommandInput,
} from '@aws-sdk/client-cloudfront';
import { Failure, type FailureKind } from '../failure.ts';
import { createHttpsAgent, type OutboundProxy } from '../outbound/index.ts';
import type { Cdn, EdgePurge } from './cdn.ts';
import { purgeInBatches } from './purge-in-batches.ts';
import type { RetryPolicy } from './retry.ts';

/** CloudFront takes 3,000 paths and tags in progress per distribution: a third of them leaves room for others. */
const maxTagsPerInvalidation = 1000;

export interface CloudFrontOptions {
  readonly distributionId: string;
  readonly retry: RetryPolicy;
  readonly proxy: OutboundProxy | undefined;
  /** A stand-in for CloudFront's API; AWS when absent. Credentials come from the SDK's own chain. */
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const throttled: ReadonlySet<string> = new Set([
  'TooManyInvalidationsInProgress',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'SlowDown',
  'ServiceUnavailable',
]);

/** What trying again would not change: the message names the remedy, since no visitor ever reads it. */
const refused: Readonly<Record<string, string>> = {
  AccessDenied: 'CloudFront refused the purge: the role needs cloudfront:CreateInvalidation on the distribution.',
  NoSuchDistribution: 'CloudFront has no such distribution: check FOVEA_CDN.',
  InvalidArgument: 'CloudFront refused the tags: the distribution needs CacheTagConfig with x-amz-meta-cache-tag.',
};

/** Purges a CloudFront distribution by tag: CreateInvalidation with `#tag` items (the distribution's CacheTagConfig). */
export async function createCloudFront({ distributionId, retry, ...options }: CloudFrontOptions): Promise<Cdn> {
  const client = await createClient(options);
  const maxTags = maxTagsPerInvalidation;
  return {
    isPresent: true,
    purgeTags: (tags, { callerReference, signal }) =>
      purgeInBatches(tags, { maxTags, retry, signal }, (batch, attempt) =>
        invalidate(client, invalidationOf(distributionId, callerReference, batch), attempt),
      ),
  };
}

async function createClient({
  endpoint,
  credentials,
  proxy,
}: Pick<CloudFrontOptions, 'endpoint' | 'credentials' | 'proxy'>): Promise<CloudFrontClient> {
  return new CloudFrontClient({
    // CloudFront's API lives in one region, whatever the rest of the stack says.
    region: 'us-east-1',
    // Tries are counted once, by `withRetries`: the SDK would not wait long enough for TooManyInvalidationsInProgress.
    maxAttempts: 1,
    requestHandler: { httpsAgent: await createHttpsAgent(proxy, { keepAlive: true }) },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials: { ...credentials } }),
  });
}

/** The same at every try, since its reference is: an invalidation whose response was lost is not begun twice. */
function invalidationOf(
  distributionId: string,
  callerReference: string,
  tags: readonly string[],
): CreateInvalidationCommandInput {
  return {
    DistributionId: distributionId,
    InvalidationBatch: {
      CallerReference: referenceOf(callerReference, tags),
      Paths: { Quantity: tags.length, Items: tags.map((tag) => `#${tag}`) },
    },
  };
}

/** CloudFront refuses a known reference with other tags, so the tags are part of it. */
function referenceOf(callerReference: string, tags: readonly string[]): string {
  return createHash('sha256')
    .update([callerReference, ...tags].join('\0'))
    .digest('base64url');
}

async function invalidate(
  client: CloudFrontClient,
  input: CreateInvalidationCommandInput,
  abortSignal: AbortSignal,
): Promise<EdgePurge> {
  try {
    const { Invalidation } = await client.send(new CreateInvalidationCommand(input), { abortSignal });
    return { provider: 'cloudfront', id: Invalidation?.Id ?? '', status: Invalidation?.Status ?? 'unknown' };
  } catch (error) {
    throw cloudFrontFailure(error);
  }
}

function cloudFrontFailure(cause: unknown): Failure {
  const name = cause instanceof Error ? cause.name : '';
  if (throttled.has(name)) return new Failure('overloaded', 'CloudFront asked to slow down.', { cause });
  const refusal = Object.hasOwn(refused, name) ? refused[name] : undefined;
  // `invalid` is not tried again: neither here nor by the queue.
  if (refusal !== undefined) return new Failure('invalid', refusal, { cause });
  const kind: FailureKind = name === 'TimeoutError' ? 'timeout' : 'upstream';
  return new Failure(kind, 'CloudFront did not take the purge.', { cause });
}

import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  HttpMethods,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Parameters } from './parameters.ts';

/** Where uploads wait for their commit (the service's own name for it). */
export const stagingPrefix = '.fovea-staging/';

export interface Storage {
  readonly originals: IBucket;
  readonly variants: IBucket;
  readonly logs: Bucket;
}

const kept = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  encryption: BucketEncryption.S3_MANAGED,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
} as const satisfies BucketProps;

/**
 * The buckets, as far as there are none yet. Those of ours outlive the stack: taking it down must not take pictures with it.
 * One that was there before stays as it is; what it has to have, wrangler-or-cloudfront.md says.
 */
export function createStorage(scope: Construct, parameters: Parameters): Storage {
  const logs = new Bucket(scope, 'Logs', {
    ...kept,
    // CloudFront's standard logging writes by ACL.
    objectOwnership: ObjectOwnership.BUCKET_OWNER_PREFERRED,
    lifecycleRules: [{ expiration: Duration.days(30) }],
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const { buckets } = parameters;
  const existing = (id: string, name: string | undefined) =>
    name === undefined ? undefined : Bucket.fromBucketName(scope, id, name);
  return {
    originals: existing('Originals', buckets.originals) ?? createOriginals(scope, logs, parameters),
    variants: existing('Variants', buckets.variants) ?? createVariants(scope, parameters),
    logs,
  };
}

function createOriginals(scope: Construct, logs: Bucket, parameters: Parameters): Bucket {
  return new Bucket(scope, 'Originals', {
    ...kept,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    versioned: true,
    removalPolicy: RemovalPolicy.RETAIN,
    serverAccessLogsBucket: logs,
    serverAccessLogsPrefix: 'originals/',
    cors: parameters.uploadOrigins.length === 0 ? [] : [uploadCors(parameters.uploadOrigins)],
    lifecycleRules: [
      {
        id: 'staging',
        prefix: stagingPrefix,
        expiration: Duration.days(1),
        noncurrentVersionExpiration: Duration.days(1),
      },
      { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      { id: 'replaced', noncurrentVersionExpiration: Duration.days(parameters.deletedOriginalDays) },
      { id: 'markers-of-nothing', expiredObjectDeleteMarker: true },
    ],
  });
}

function createVariants(scope: Construct, parameters: Parameters): Bucket {
  return new Bucket(scope, 'Variants', {
    ...kept,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [
      { id: 'made-again-on-demand', expiration: Duration.days(parameters.variantDays) },
      { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ],
  });
}

/** Browsers upload with PUT and POST, and read ETag (parts of a multipart upload) and Location. */
function uploadCors(allowedOrigins: readonly string[]) {
  return {
    allowedMethods: [HttpMethods.PUT, HttpMethods.POST],
    allowedOrigins: [...allowedOrigins],
    allowedHeaders: ['*'],
    exposedHeaders: ['ETag', 'Location'],
    maxAge: 3600,
  };
}

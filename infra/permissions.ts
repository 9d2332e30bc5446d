import { Stack } from 'aws-cdk-lib';
import type { IDistribution } from 'aws-cdk-lib/aws-cloudfront';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { stagingPrefix } from './storage.ts';

// Spelt out one by one: the grant methods of the CDK give families of actions (`s3:GetObject*`).

/** Listing a bucket; without it a missing key is "forbidden" instead of "not found". */
export function list(bucket: IBucket): PolicyStatement {
  return new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] });
}

export function read(bucket: IBucket): PolicyStatement {
  return new PolicyStatement({ actions: ['s3:GetObject'], resources: [bucket.arnForObjects('*')] });
}

/** Variants come and go. */
export function keep(bucket: IBucket): PolicyStatement {
  return new PolicyStatement({
    actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
    resources: [bucket.arnForObjects('*')],
  });
}

/** Uploads are staged, checked, and published under their key: created, never overwritten, by the service's own condition. */
export function publish(originals: IBucket): readonly PolicyStatement[] {
  return [
    new PolicyStatement({ actions: ['s3:PutObject'], resources: [originals.arnForObjects('*')] }),
    new PolicyStatement({
      actions: ['s3:DeleteObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
      resources: [originals.arnForObjects(`${stagingPrefix}*`)],
    }),
  ];
}

/** A batch that fails half-way takes back what it had published; versioning keeps what was there. */
export function takeBack(originals: IBucket): PolicyStatement {
  return new PolicyStatement({ actions: ['s3:DeleteObject'], resources: [originals.arnForObjects('*')] });
}

/** What the bucket has kept of an original that was replaced or deleted: listed, and read to be put back. */
export function readVersions(originals: IBucket): readonly PolicyStatement[] {
  return [
    new PolicyStatement({ actions: ['s3:ListBucketVersions'], resources: [originals.bucketArn] }),
    new PolicyStatement({ actions: ['s3:GetObjectVersion'], resources: [originals.arnForObjects('*')] }),
  ];
}

/** What never became an original. */
export function removeStaged(originals: IBucket): PolicyStatement {
  return new PolicyStatement({
    actions: ['s3:DeleteObject'],
    resources: [originals.arnForObjects(`${stagingPrefix}*`)],
  });
}

/** The worker reads events, and sends itself what is due later: the second purge of the edge. */
export function consume(queue: Queue): PolicyStatement {
  return new PolicyStatement({
    actions: [
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:ChangeMessageVisibility',
      'sqs:GetQueueAttributes',
      'sqs:SendMessage',
    ],
    resources: [queue.queueArn],
  });
}

export function invalidate(distribution: IDistribution): PolicyStatement {
  const arn = Stack.of(distribution).formatArn({
    service: 'cloudfront',
    region: '',
    resource: 'distribution',
    resourceName: distribution.distributionId,
  });
  return new PolicyStatement({ actions: ['cloudfront:CreateInvalidation'], resources: [arn] });
}

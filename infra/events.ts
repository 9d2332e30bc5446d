import { Duration, Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnBucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { CfnQueuePolicy, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

export interface Events {
  readonly queue: Queue;
  readonly deadLetters: Queue;
}

/** Tries before a message is put aside: an event that fails five times fails for its own sake. */
const maxReceives = 5;

/** S3 tells the queue of every original created or removed; what cannot be handled ends among the dead letters. */
export function createEvents(scope: Construct, originals: IBucket): Events {
  const deadLetters = new Queue(scope, 'DeadLetters', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  const queue = new Queue(scope, 'Events', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    // The worker extends it while it works; this is how soon a message of a worker that died is seen again.
    visibilityTimeout: Duration.seconds(60),
    receiveMessageWaitTime: Duration.seconds(20),
    retentionPeriod: Duration.days(4),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: maxReceives },
  });
  const bucket = originals.node.defaultChild;
  if (bucket instanceof CfnBucket) notify(bucket, queue);
  else tellByBus(scope, originals, queue);
  return { queue, deadLetters };
}

/**
 * The notification as the bucket's own property: the CDK's method would add a Lambda function that may change the
 * notifications of every bucket. The policy names the account, not the bucket, since each would else need the other first.
 */
function notify(bucket: CfnBucket, queue: Queue): void {
  queue.addToResourcePolicy(
    new PolicyStatement({
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal('s3.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(queue).account } },
    }),
  );
  bucket.notificationConfiguration = {
    queueConfigurations: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'].map((event) => ({
      event,
      queue: queue.queueArn,
    })),
  };
  // S3 tries the queue when the notification is set.
  for (const construct of queue.node.findAll()) {
    if (construct instanceof CfnQueuePolicy) bucket.addResourceDependency(construct);
  }
}

/** A bucket that was there before keeps its own notifications, which have one owner: it tells EventBridge, and a rule the queue. */
function tellByBus(scope: Construct, originals: IBucket, queue: Queue): void {
  new Rule(scope, 'OriginalsChanged', {
    description: 'fovea: originals created and removed',
    eventPattern: {
      source: ['aws.s3'],
      detailType: ['Object Created', 'Object Deleted'],
      detail: { bucket: { name: [originals.bucketName] } },
    },
    targets: [new SqsQueue(queue)],
  });
}

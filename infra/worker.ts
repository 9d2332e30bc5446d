import { Duration } from 'aws-cdk-lib';
import { AdjustmentType } from 'aws-cdk-lib/aws-applicationautoscaling';
import type { IDistribution } from 'aws-cdk-lib/aws-cloudfront';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import { FargateService } from 'aws-cdk-lib/aws-ecs';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { EcsTask } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import type { Parameters } from './parameters.ts';
import { consume, invalidate, keep, list, read, removeStaged } from './permissions.ts';
import {
  type ComputeParts,
  commonEnvironment,
  createTask,
  logsOf,
  serviceImage,
  stopTimeout,
} from './service-process.ts';

const node = ['node', '--enable-source-maps'];

/** What happens beside requests: events of S3 are worked off, and once a night what nobody needs is removed. */
export function createWorker(scope: Construct, parts: ComputeParts, parameters: Parameters) {
  const consumer = createConsumer(scope, parts, parameters);
  createCleanUp(scope, parts, parameters);
  return consumer;
}

/** The process that purges and warms when an original was created, replaced or removed. */
function createConsumer(scope: Construct, { storage, events, cluster }: ComputeParts, parameters: Parameters) {
  const task = createTask(scope, 'WorkerTask', { ...parameters, taskSize: { cpu: 1024, memoryMiB: 2048 } });
  const container = task.addContainer('worker', {
    image: serviceImage(parameters),
    command: [...node, 'dist/worker.js'],
    stopTimeout,
    logging: logsOf(scope, 'WorkerLog'),
    environment: {
      ...commonEnvironment(storage, parameters),
      FOVEA_EVENTS_QUEUE: events.queue.queueUrl,
      FOVEA_MEMORY_MB: '64',
    },
  });
  const { originals, variants } = storage;
  for (const statement of [list(originals), read(originals), list(variants), keep(variants), consume(events.queue)]) {
    task.addToTaskRolePolicy(statement);
  }
  const service = new FargateService(scope, 'Worker', {
    cluster,
    taskDefinition: task,
    desiredCount: 1,
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    circuitBreaker: { rollback: true },
  });
  service.autoScaleTaskCount({ minCapacity: 1, maxCapacity: 8 }).scaleOnMetric('Backlog', {
    metric: events.queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1) }),
    adjustmentType: AdjustmentType.EXACT_CAPACITY,
    scalingSteps: [
      { upper: 100, change: 1 },
      { lower: 100, upper: 1000, change: 2 },
      { lower: 1000, upper: 10_000, change: 4 },
      { lower: 10_000, change: 8 },
    ],
  });
  return {
    servedBy(distribution: IDistribution) {
      container.addEnvironment('FOVEA_CDN', `cloudfront:${distribution.distributionId}`);
      task.addToTaskRolePolicy(invalidate(distribution));
    },
  };
}

/** `fovea gc` at night, which looks at each object anew before it deletes: variants without an original, and leftovers of uploads that S3's own rule has not taken yet. */
function createCleanUp(scope: Construct, { storage, cluster }: ComputeParts, parameters: Parameters): void {
  const task = createTask(scope, 'CleanUpTask', { ...parameters, taskSize: { cpu: 512, memoryMiB: 1024 } });
  task.addContainer('gc', {
    image: serviceImage(parameters),
    command: [...node, 'dist/cli.js', 'gc', '--delete'],
    logging: logsOf(scope, 'CleanUpLog'),
    environment: { ...commonEnvironment(storage, parameters), FOVEA_RENDERERS: '1', FOVEA_MEMORY_MB: '16' },
  });
  const { originals, variants } = storage;
  for (const statement of [list(originals), read(originals), removeStaged(originals), list(variants), keep(variants)]) {
    task.addToTaskRolePolicy(statement);
  }
  new Rule(scope, 'Nightly', {
    schedule: Schedule.cron({ hour: '3', minute: '17' }),
    targets: [
      new EcsTask({
        cluster,
        taskDefinition: task,
        subnetSelection: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      }),
    ],
  });
}
